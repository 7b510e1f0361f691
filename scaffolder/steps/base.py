"""What an action is, and what it is given: a workspace, a log, and the few services that reach outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from portal.lib.errors import PortalError, Unavailable
from portal.lib.git import Git, SourceReader
from portal.lib.paths import safe_join
from scaffolder.expressions.engine import Engine

Input: TypeAlias = Mapping[str, Any]
Output: TypeAlias = dict[str, Any]
Schema: TypeAlias = Mapping[str, Any]


class Cancelled(PortalError):
    """Somebody asked the task to end; raised by an action that noticed it."""

    code = "cancelled"
    status = 409
    title = "The task was cancelled"


@dataclass(frozen=True)
class Services:
    """What actions may ask of the portal, with the rights of the person who runs the task.

    ``register_location(url)`` adds a location to the catalog and raises ``Conflict`` when it is there already;
    ``preview_location(url)`` gives the entities that a location leads to; ``get_entities(refs)`` gives an entity or
    None for each canonical reference. ``more`` holds those of actions from other apps, by name.
    """

    sources: SourceReader
    git: Git
    register_location: Callable[[str], object] | None = None
    preview_location: Callable[[str], list[dict[str, Any]]] | None = None
    get_entities: Callable[[list[str]], list[dict[str, Any] | None]] | None = None
    more: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def need(self, name: str) -> Callable[..., Any]:
        """The service ``name``; raises Unavailable where the portal that runs the step does not offer it."""
        service: Callable[..., Any] | None = self.more.get(name) or getattr(self, name, None)
        if service is None:
            raise Unavailable(f"This needs the service {name!r}, which is not available here.")
        return service


@dataclass(frozen=True)
class StepContext:
    """One run of one action.

    ``base_url`` is where the template was read from, against which relative addresses are resolved; ``secrets`` are
    for actions that need one by name, and empty in a dry run. ``checkpoint(key, make)`` gives what ``make`` gave when
    the task ran last, or calls it.
    """

    workspace: Path
    services: Services
    expressions: Engine
    log: Callable[[str], None]
    cancelled: Callable[[], bool] = lambda: False
    checkpoint: Callable[[str, Callable[[], Any]], Any] = lambda _key, make: make()
    task_id: str = ""
    step_id: str = ""
    step_name: str = ""
    is_dry_run: bool = False
    base_url: str = ""
    template_ref: str = ""
    user: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def path(self, relative: str, *, follow_last: bool = True) -> Path:
        """The path of something in the workspace; raises UnsafePath for what is not (see ``safe_join``).

        An absolute path is taken too where it is one below the workspace, as ``fs:readdir`` gives them.
        """
        own = f"{self.workspace}/"
        return safe_join(self.workspace, relative.removeprefix(own), follow_last=follow_last)

    def stop_if_cancelled(self) -> None:
        """Raise Cancelled when somebody asked the task to end. Actions call it now and then."""
        if self.cancelled():
            raise Cancelled("The task was cancelled.")


class Action(ABC):
    """One thing that a step can do.

    To add one: write a module here with one subclass, add its class to ``registry.BUILT_IN`` and a test to
    ``tests/scaffolder/steps``. Another distribution offers its own through the entry point group
    ``callboard.actions``. Schemas are JSON Schema (draft 7) of objects; ``run`` gets input that fits the schema.
    """

    id: str
    description: str
    input_schema: Schema
    output_schema: Schema | None = None
    supports_dry_run: bool = False

    @abstractmethod
    def run(self, ctx: StepContext, given: Input) -> Output:
        """Do it and give the outputs. Raises a PortalError that says what went wrong and what to do."""
