"""The place and the terms of one run: where the code lies, what a tool may know, whom it tells and who may stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.lib.errors import Invalid
from portal.lib.masking import Masker
from portal.lib.processes import Limits


@dataclass(frozen=True, slots=True)
class StateBackend:
    """Where a tool keeps its state: an HTTP backend with locking, with credentials for this run alone."""

    address: str
    lock_address: str
    unlock_address: str
    username: str
    password: str = field(repr=False)
    lock_method: str = "LOCK"
    unlock_method: str = "UNLOCK"
    lock_timeout_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a tool needs for one run.

    ``path`` is the checkout, ``project_root`` the folder in it. ``private`` is a folder of this run alone, outside of
    the checkout; it holds the plan (and with it values of variables), so whoever made it must delete it, and must
    encrypt it where it is stored between plan and apply. ``env`` and ``variables`` may hold secrets; all secrets must
    be known to ``masker``. ``deadline`` is a moment of ``time.monotonic()``; ``cancelled`` gives a reason to stop, or
    None. ``options`` are the tool's own, see each tool. Without ``state`` the project's own backend is used.
    """

    path: Path
    private: Path
    on_line: Callable[[str], None]
    masker: Masker
    project_root: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, object] = field(default_factory=dict, repr=False)
    state: StateBackend | None = None
    cancelled: Callable[[], str | None] = lambda: None
    deadline: float | None = None
    silence_limit: float | None = None
    limits: Limits = field(default_factory=Limits)
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.state:
            self.masker.add([self.state.password])

    @property
    def project(self) -> Path:
        """The folder that the tool works in; raises ``Invalid`` where it is missing or outside of the checkout."""
        root = self.path.resolve()
        folder = (root / self.project_root.strip("/")).resolve()
        if not folder.is_relative_to(root):
            raise Invalid(f"The project root {self.project_root!r} leaves the repository.", field="project_root")
        if not folder.is_dir():
            raise Invalid(f"The repository has no folder {self.project_root!r}.", field="project_root")
        return folder

    def file(self, name: str) -> Path | None:
        """A file of the project by its relative name; None where there is none or it leads out of the checkout."""
        path = (self.project / name).resolve()
        return path if path.is_file() and path.is_relative_to(self.path.resolve()) else None
