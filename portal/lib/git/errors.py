"""What can go wrong with a repository, in words for the person who named it."""

from __future__ import annotations

from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from portal.lib.fetch.errors import SourceGone


class BadRemote(Invalid):
    """The text names no repository that can be used here."""

    code = "bad_remote"
    title = "The repository's address cannot be used"


class FolderNotAllowed(Forbidden):
    """The repository is a local folder outside of those that operators allow."""

    code = "folder_not_allowed"
    title = "This folder may not be used"


class RepositoryGone(SourceGone):
    """There is no repository at the address, or it hides from those without a token."""

    code = "repository_gone"
    title = "The repository does not exist"


class RefMissing(NotFound):
    """The repository has no such branch, tag or commit."""

    code = "ref_missing"
    title = "The branch or tag does not exist"


class PathMissing(NotFound):
    """The commit has no such file or folder."""

    code = "path_missing"
    title = "The path does not exist"


class BrokenRepository(Unavailable):
    """The other side's answer is not Git, or its objects are damaged or not allowed."""

    code = "broken_repository"
    title = "The repository cannot be read"


class PushRefused(Conflict):
    """The other side did not take the commit."""

    code = "push_refused"
    title = "The push was refused"


class BranchMoved(Conflict):
    """Somebody else pushed to the branch at the same time."""

    code = "branch_moved"
    title = "The branch has changed meanwhile"
