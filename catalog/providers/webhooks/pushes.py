"""What a push says: which repository and branch, and which files have changed. One shape for three hosts' bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from portal.lib.errors import Invalid

_BRANCH = "refs/heads/"
_ZEROS = "0" * 40
_PUSHES = {"github": ("push",), "gitea": ("push",), "gitlab": ("Push Hook", "System Hook")}


@dataclass(frozen=True, slots=True)
class Push:
    """``changed`` are the paths that the commits touch, ``moved`` those of them that came or went.

    Both are None where the body does not tell all of them.
    """

    urls: tuple[str, ...]
    branch: str
    default_branch: str
    changed: frozenset[str] | None
    moved: frozenset[str] | None


def read_body(body: bytes, content_type: str) -> dict[str, Any]:
    """The body as an object; GitHub may send it in a form. Raises ``Invalid``."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        try:
            body = parse_qs(body.decode(), max_num_fields=10).get("payload", [""])[0].encode()
        except ValueError as error:
            raise Invalid("The body is no form.") from error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Invalid("The body is no JSON object.")
    return found


def push_of(host: str, event: str, body: dict[str, Any]) -> Push | None:
    """The push to a branch that a body tells of; None for all other events. Raises ``Invalid`` for one of no form."""
    if event not in _PUSHES[host] or (host == "gitlab" and body.get("object_kind") != "push"):
        return None
    ref = body.get("ref")
    if not isinstance(ref, str) or not ref.startswith(_BRANCH):
        return None  # a tag
    repository = body.get("project" if host == "gitlab" else "repository")
    if not isinstance(repository, dict):
        raise Invalid("The push names no repository.")
    names = ("web_url", "git_http_url") if host == "gitlab" else ("html_url", "clone_url")
    urls = tuple(url for name in names if isinstance(url := repository.get(name), str) and url)
    if not urls:
        raise Invalid("The push names no address of its repository.")
    default = repository.get("default_branch")
    told = _changed(host, body)
    changed, moved = told if told else (None, None)
    return Push(urls, ref.removeprefix(_BRANCH), default if isinstance(default, str) else "", changed, moved)


def _changed(host: str, body: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]] | None:
    commits = body.get("commits")
    if not isinstance(commits, list) or body.get("forced") or body.get("deleted") or body.get("created"):
        return None
    if _ZEROS in (body.get("before"), body.get("after")):
        return None  # a new branch, or one that is gone: what it differs in is not told
    total = body.get("total_commits_count" if host == "gitlab" else "total_commits")
    if not commits or (isinstance(total, int) and total > len(commits)) or len(commits) >= 2048:
        return None
    paths: dict[str, set[str]] = {"added": set(), "modified": set(), "removed": set()}
    for commit in commits:
        if not isinstance(commit, dict):
            return None
        for name, kept in paths.items():
            rows = commit.get(name)
            if not isinstance(rows, list):
                return None
            kept.update(path for path in rows if isinstance(path, str))
    moved = paths["added"] | paths["removed"]
    return frozenset(moved | paths["modified"]), frozenset(moved)
