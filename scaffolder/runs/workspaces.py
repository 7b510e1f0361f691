"""The folder of one run on a worker's disk: made, filled with code, packed away between plan and apply, removed."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal.lib import archives, git
from portal.lib.errors import Unavailable
from portal.lib.paths import remove
from portal.lib.secrets import decrypt_bytes, encrypt_bytes
from scaffolder.runs.models import WORKING, Run
from scaffolder.stacks.models import Stack

LIMITS = archives.Limits(max_bytes=256 * 1024 * 1024, max_files=50_000)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """``checkout`` holds the code, ``private`` what the tool keeps, the plan among it.

    The path is the same on every worker, because plans remember it.
    """

    path: Path

    @classmethod
    def of(cls, run: Run) -> RunFolder:
        """The folder of ``run``, which need not exist yet."""
        return cls(settings.WORKSPACES_DIR / str(run.uid))

    @property
    def checkout(self) -> Path:
        """Where the code is."""
        return self.path / "checkout"

    @property
    def private(self) -> Path:
        """What is this run's alone."""
        return self.path / "private"

    def make(self) -> None:
        """An empty folder that only the worker's user may read, whatever a dead worker left there."""
        self.remove()
        self.path.mkdir(mode=0o700, parents=True)

    def remove(self) -> None:
        """Delete everything. SECURITY: it holds the plan, and with it secrets."""
        shutil.rmtree(self.path, ignore_errors=True)

    def fetch(self, stack: Stack) -> str:
        """Put the stack's code into ``checkout``; the id of the commit, empty for a bundle.

        Raises the errors of ``portal.lib.git`` and ``portal.lib.archives`` in words for people.
        """
        if stack.is_bundle:
            if not stack.bundle:
                raise Unavailable("The files of this stack are gone. Have the task that made them run again.")
            archives.unpack(bytes(stack.bundle), self.checkout, LIMITS)
            return ""
        found = git.from_settings().checkout(
            stack.repository, into=self.checkout, ref=_ref(stack.branch), token=stack.repository_token
        )
        return found.commit

    def pack(self, without: tuple[str, ...]) -> bytes:
        """Everything as one encrypted archive, without what the tool can make again below ``private``."""
        for name in without:
            remove(self.private / name)
        return encrypt_bytes(archives.pack(self.path, LIMITS))

    def unpack(self, archive: bytes) -> None:
        """Make the folder as it was packed."""
        self.remove()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700)
        archives.unpack(decrypt_bytes(archive), self.path, LIMITS)


def _ref(branch: str) -> str:
    """The full name, so that a tag of the same name is not taken for the branch; empty for the default branch."""
    return f"refs/heads/{branch}" if branch else ""


def sweep() -> int:
    """Remove what dead workers left on this machine; returns how many folders that were."""
    root = settings.WORKSPACES_DIR
    if not root.is_dir():
        return 0
    found = {uid: path for path in root.iterdir() if (uid := _uid(path.name)) is not None}
    alive = set(Run.objects.filter(uid__in=found, state__in=WORKING).values_list("uid", flat=True))
    left = [path for uid, path in found.items() if uid not in alive]
    for path in left:
        RunFolder(path).remove()
    return len(left)


def _uid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
