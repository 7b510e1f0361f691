"""Git without a git binary: read a commit's files, push a folder, over guarded https or in folders operators allow."""

from portal.lib.git.errors import BadRemote, BranchMoved, PathMissing, PushRefused, RefMissing, RepositoryGone
from portal.lib.git.limits import Limits
from portal.lib.git.reader import SourceReader
from portal.lib.git.repositories import Checkout, Git, from_settings
from portal.lib.git.transport import RemoteRefs

__all__ = [
    "BadRemote",
    "BranchMoved",
    "Checkout",
    "Git",
    "Limits",
    "PathMissing",
    "PushRefused",
    "RefMissing",
    "RemoteRefs",
    "RepositoryGone",
    "SourceReader",
    "from_settings",
]
