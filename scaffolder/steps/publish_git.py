"""``publish:git``: the workspace as a commit in a Git repository, whatever hosts it."""

from __future__ import annotations

from portal.lib.errors import Invalid, NotFound
from portal.lib.fetch import parse_source_url
from portal.lib.git.commits import DEFAULT_AUTHOR, checked_author
from portal.lib.git.remotes import branch_ref
from portal.lib.paths import files_of
from scaffolder.forms.repositories import Repository, read_repository
from scaffolder.steps.base import Action, Input, Output, StepContext

_TEXTS = (
    "remote",
    "repoUrl",
    "folder",
    "branch",
    "defaultBranch",
    "message",
    "gitCommitMessage",
    "author",
    "gitAuthorName",
    "gitAuthorEmail",
    "sourcePath",
    "token",
)


class PublishGit(Action):
    """Commits and pushes. It takes the names of the inputs of Backstage's publishers, too."""

    id = "publish:git"
    description = (
        "Commits the workspace and pushes it to a Git repository: by https with a token, or into a folder that "
        "operators allow, where a missing repository is made."
    )
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in _TEXTS},
        "additionalProperties": False,
    }
    output_schema = {
        "type": "object",
        "properties": {
            "remoteUrl": {"type": "string"},
            "repoContentsUrl": {"type": "string"},
            "commitHash": {"type": "string"},
        },
        "required": ["remoteUrl", "repoContentsUrl", "commitHash"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Push, and give the addresses of the repository and of its files. A dry run only says what it would push.

        Raises Invalid unless exactly one of ``remote``, ``repoUrl`` and ``folder`` is given, NotFound for a missing
        ``sourcePath``, and what ``Git.init_commit_push`` raises.
        """
        branch = given.get("branch") or given.get("defaultBranch") or "main"
        branch_ref(branch)
        author = _author(given)
        folder = ctx.path(given.get("sourcePath", "./"))
        if not folder.is_dir():
            raise NotFound(f"There is no folder {given['sourcePath']!r} in the workspace.")
        remote = ctx.services.git.address_of(_remote(given))
        output = {"remoteUrl": remote, "repoContentsUrl": _contents(remote, branch)}
        if ctx.is_dry_run:
            ctx.log(f"Would push {len(files_of(folder))} files to {branch} of {remote}")
            return {**output, "commitHash": "0" * 40}
        ctx.log(f"Pushing to {branch} of {remote}")
        commit = ctx.services.git.init_commit_push(
            folder,
            remote,
            branch=branch,
            message=given.get("message") or given.get("gitCommitMessage") or "Initial commit",
            author=author,
            token=given.get("token", ""),
        )
        ctx.log(f"Pushed {commit}")
        return {**output, "commitHash": commit}


def _remote(given: Input) -> str:
    named = [name for name in ("remote", "repoUrl", "folder") if given.get(name)]
    if len(named) != 1:
        raise Invalid("publish:git needs one of remote, repoUrl and folder.", fields=named)
    if named == ["repoUrl"]:
        return _picked(given["repoUrl"])
    address: str = given[named[0]]
    if named == ["folder"] and "://" in address:
        raise Invalid("folder must be a path; give an address as remote.", fields=named)
    return address


def _picked(address: str) -> str:
    """The remote that a repository picker's ``host?owner=o&repo=r`` names, by the habits of its host."""
    found = read_repository(address)
    if found is None or not found.repo or not (path := _path_of(found)):
        raise Invalid(f"{address!r} does not name a repository as host?owner=…&repo=….", field="repoUrl")
    return f"https://{found.host}/{path}"


def _path_of(found: Repository) -> str:
    if found.host == "dev.azure.com":
        return f"{found.organization}/{found.project}/_git/{found.repo}"
    above = found.owner or found.workspace or found.project
    return f"{above}/{found.repo}.git" if above else ""


def _author(given: Input) -> str:
    name, email = given.get("gitAuthorName"), given.get("gitAuthorEmail")
    default_name, _space, default_email = DEFAULT_AUTHOR.partition(" <")
    author: str = given.get("author") or f"{name or default_name} <{email or default_email.rstrip('>')}>"
    return checked_author(author).decode()


def _contents(remote: str, branch: str) -> str:
    """The address of the repository's files, from which ``catalog:register`` finds a descriptor."""
    source = parse_source_url(remote)
    if source.kind != "repository":
        source = parse_source_url(f"{remote}.git")
    return source.at_ref(branch)
