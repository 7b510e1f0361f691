"""Tasks: executions of blueprints' steps."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Label ``tasks``."""

    name = "scaffolder.tasks"
    label = "tasks"
    verbose_name = "Tasks"

    def ready(self) -> None:
        """Declare rights, and hang the entries into the shell."""
        from portal.ui.registry import NavItem, Panel, add_nav, add_panel
        from scaffolder.tasks.home import recent_tasks
        from scaffolder.tasks.policies import register

        register()
        add_nav(NavItem("Create", "create:gallery", "sparkles", order=10))
        add_panel(
            "home_card",
            Panel("tasks", "Your tasks", "scaffolder/tasks/_home.html", recent_tasks, icon="list-checks", order=30),
        )
