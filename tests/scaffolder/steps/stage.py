"""What tests of steps stand on: a workspace, a folder of sources beside it, and a context that remembers its log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from portal.lib.fetch import AllowList, Fetcher
from portal.lib.git import Git, SourceReader
from scaffolder.expressions.engine import Engine
from scaffolder.steps.base import Action, Output, Services, StepContext

ENGINE = Engine()


@dataclass
class Stage:
    """Folders of one test: ``workspace``, ``sources`` with a template in it, ``git`` for repositories."""

    root: Path
    lines: list[str] = field(default_factory=list)
    is_cancelled: bool = False

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.sources, self.repositories):
            folder.mkdir()
        (self.sources / "template.yaml").write_text("kind: Template\n")

    @property
    def workspace(self) -> Path:
        """Where actions work."""
        return self.root / "workspace"

    @property
    def sources(self) -> Path:
        """Where the template lies."""
        return self.root / "sources"

    @property
    def repositories(self) -> Path:
        """Where operators allow repositories."""
        return self.root / "git"

    @property
    def services(self) -> Services:
        """Reading below ``sources``, Git below ``repositories``, nothing else."""
        fetcher = Fetcher(AllowList())
        git = Git(fetcher.policy, [self.repositories])
        return Services(sources=SourceReader(fetcher, git), git=git)

    def context(self, **options: Any) -> StepContext:
        """The context of one run of one action."""
        context = StepContext(
            workspace=self.workspace,
            services=self.services,
            expressions=ENGINE,
            log=self.lines.append,
            cancelled=lambda: self.is_cancelled,
            base_url=(self.sources / "template.yaml").as_uri(),
            template_ref="template:default/demo",
        )
        return replace(context, **options)

    def run(self, action: Action, **given: Any) -> Output:
        """Run an action with an input."""
        return action.run(self.context(), given)

    def write(self, path: str, content: str | bytes = "x", *, mode: int = 0o644) -> Path:
        """Write a file below the root, such as ``workspace/a.txt``."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(mode)
        return target

    def texts(self) -> dict[str, str]:
        """The files of the workspace by path; links as ``-> target``."""
        found = {}
        for path in sorted(self.workspace.rglob("*")):
            name = path.relative_to(self.workspace).as_posix()
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            elif path.is_file():
                found[name] = path.read_text(errors="replace")
        return found
