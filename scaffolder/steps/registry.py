"""The one list of actions. Another app adds its own here by its dotted path; a distribution through an entry point."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points

from django.utils.module_loading import import_string

from portal.lib.errors import NotFound
from scaffolder.steps.base import Action
from scaffolder.steps.foreign import ForeignAction, foreign_actions

ENTRY_POINTS = "callboard.actions"
BUILT_IN = (
    "scaffolder.steps.fetch_plain.FetchPlain",
    "scaffolder.steps.fetch_plain.FetchPlainFile",
    "scaffolder.steps.fetch_template.FetchTemplate",
    "scaffolder.steps.fetch_template.FetchTemplateFile",
    "scaffolder.steps.workspace_template.WorkspaceTemplate",
    "scaffolder.steps.workspace_template.WorkspaceTemplateFile",
    "scaffolder.steps.files.Delete",
    "scaffolder.steps.files.Rename",
    "scaffolder.steps.files.ReadDirectory",
    "scaffolder.steps.catalog_actions.Write",
    "scaffolder.steps.catalog_actions.Register",
    "scaffolder.steps.catalog_actions.Fetch",
    "scaffolder.steps.debug.Log",
    "scaffolder.steps.debug.Wait",
    "scaffolder.steps.publish_git.PublishGit",
    "scaffolder.steps.stack_actions.StackCreate",
    "scaffolder.steps.stack_actions.StackRun",
)


class ActionRegistry:
    """Actions by id; besides those that can run, those of Backstage that are only known (``foreign``)."""

    def __init__(self, actions: Iterable[Action], foreign: Iterable[ForeignAction] = ()) -> None:
        """Take the actions; one that is listed later replaces one of the same id."""
        self._actions = {action.id: action for action in actions}
        self._foreign = {action.id: action for action in foreign if action.id not in self._actions}

    def all(self) -> list[Action]:
        """The actions that can run, by id."""
        return [self._actions[name] for name in sorted(self._actions)]

    def find(self, action_id: str) -> Action | None:
        """The action of this id, be it only known; None for what is not."""
        return self._actions.get(action_id) or self._foreign.get(action_id)

    def get(self, action_id: str) -> Action:
        """Like ``find``, but raises NotFound."""
        action = self.find(action_id)
        if action is None:
            raise NotFound(f"There is no action {action_id!r} in this portal.", action=action_id)
        return action


@cache
def default_registry() -> ActionRegistry:
    """The built-in actions and those of installed plug-ins."""
    classes = [import_string(path) for path in BUILT_IN]
    classes += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    return ActionRegistry([action() for action in classes], foreign_actions())
