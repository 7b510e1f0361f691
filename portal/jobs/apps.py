"""Jobs: durable work over Celery. The row is the truth, a message only says "look at this id"."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Label ``jobs``."""

    name = "portal.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Make our Celery app the current one in every process, so that web processes publish to our broker."""
        import portal.celery  # noqa: F401
