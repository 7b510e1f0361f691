"""From files on disk to a commit: blobs, trees on top of what a branch has already, and the commit itself."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from dulwich.ignore import IgnoreFilterManager
from dulwich.index import commit_tree
from dulwich.object_store import BaseObjectStore, MemoryObjectStore, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, ShaFile

from portal.lib.errors import Invalid
from portal.lib.fetch.errors import SourceTooLarge
from portal.lib.git.limits import Limits
from portal.lib.paths import Entry, walk

DEFAULT_AUTHOR = "Callboard <callboard@localhost>"
_AUTHOR = re.compile(r"[^<>\n\0]*[^<>\n\0\s] <[^<>\s\0]+>")
_LINK, _FILE, _EXECUTABLE = 0o120000, 0o100644, 0o100755

Files = dict[bytes, tuple[ObjectID, int]]


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit with all objects that the repository lacks, the commit itself last."""

    commit: str
    objects: tuple[ShaFile, ...]


def build_commit(
    folder: Path,
    *,
    message: str,
    author: str = "",
    parent: Commit | None = None,
    store: BaseObjectStore | None = None,
    limits: Limits,
) -> NewCommit | None:
    """The commit that adds everything in ``folder`` to ``parent``, whose objects are in ``store``.

    Files that the parent has and the folder does not are kept; what ``.gitignore`` files name is left out, and so is
    any ``.git``. None when the parent has it all already. Raises Invalid for an empty folder, a bad author or
    message, SourceTooLarge beyond the limits.
    """
    identity = checked_author(author)
    if not message.strip():
        raise Invalid("The message of the commit is empty.")
    fresh = MemoryObjectStore()
    files = _blobs(folder, fresh, limits)
    if not files:
        raise Invalid("There are no files to commit.")
    known = _known(store, parent) if store and parent else {}
    tree = commit_tree(fresh, [(path, sha, mode) for path, (sha, mode) in sorted(_merged(known, files).items())])
    if parent and tree == parent.tree:
        return None
    commit = _commit(tree, parent, message, identity)
    had = {sha for sha, _mode in known.values()}
    objects = [fresh[sha] for sha in fresh if sha not in had]
    return NewCommit(commit.id.decode(), (*objects, commit))


def checked_author(author: str) -> bytes:
    """``Name <address>`` as Git stores it; raises Invalid for another form."""
    author = author.strip() or DEFAULT_AUTHOR
    if not _AUTHOR.fullmatch(author):
        raise Invalid(f"The author {author!r} is not of the form 'Name <address>'.", author=author)
    return author.encode()


def _commit(tree: ObjectID, parent: Commit | None, message: str, identity: bytes) -> Commit:
    commit = Commit()
    commit.tree = tree
    commit.parents = [parent.id] if parent else []
    commit.author = commit.committer = identity
    commit.author_time = commit.commit_time = int(time.time())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = f"{message.strip()}\n".encode()
    return commit


def _blobs(folder: Path, store: MemoryObjectStore, limits: Limits) -> Files:
    files: Files = {}
    ignored = IgnoreFilterManager(str(folder), [], ignorecase=False)
    total = 0
    for entry in walk(folder):
        if entry.kind == "folder" or ".git" in entry.path.split("/") or ignored.is_ignored(entry.path):
            continue
        total += entry.size
        if len(files) >= limits.max_files or total > limits.max_bytes:
            raise SourceTooLarge(
                f"The folder has more than the {limits.max_files} files or {limits.max_bytes} bytes allowed."
            )
        blob = Blob.from_string(_content(folder / entry.path, entry))
        store.add_object(blob)
        files[entry.path.encode("utf-8", "surrogateescape")] = (blob.id, _mode(entry))
    return files


def _content(path: Path, entry: Entry) -> bytes:
    if entry.kind == "link":
        return str(path.readlink()).encode("utf-8", "surrogateescape")
    if entry.kind == "other":
        raise Invalid(f"{entry.path} is neither a file nor a folder nor a link, so it cannot be committed.")
    return path.read_bytes()


def _mode(entry: Entry) -> int:
    if entry.kind == "link":
        return _LINK
    return _EXECUTABLE if entry.is_executable else _FILE


def _known(store: BaseObjectStore, parent: Commit) -> Files:
    entries = iter_tree_contents(store, parent.tree)
    return {entry.path: (entry.sha, entry.mode) for entry in entries if entry.path and entry.sha and entry.mode}


def _merged(known: Files, fresh: Files) -> Files:
    """The files of both; where one is a file and the other a folder of the same name, the fresh one wins."""
    folders = {above for path in fresh for above in _above(path)}
    kept = {
        path: entry
        for path, entry in known.items()
        if path not in folders and not any(above in fresh for above in _above(path))
    }
    return {**kept, **fresh}


def _above(path: bytes) -> list[bytes]:
    """The paths of the folders that a path is in."""
    parts = path.split(b"/")
    return [b"/".join(parts[:end]) for end in range(1, len(parts))]
