"""GitHub and GitHub Enterprise Server (REST API v3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.providers.hosts.base import Found, Host, part, path_of
from catalog.providers.hosts.client import Client
from portal.lib.errors import TooLarge


class GitHubClient(Client):
    """Names the version of the API."""

    accept = "application/vnd.github+json"


class GitHub(Host):
    """Repositories of an organisation, or of a person."""

    raw_accept = "application/vnd.github.raw+json"

    def make_client(self, provider: Any) -> Client:
        """As all of it, with GitHub's media types."""
        return GitHubClient(provider)

    def listings(self) -> list[str]:
        """An organisation's, else a person's."""
        owner = part(self.options["owner"])
        return [f"{self.api}/{kind}/{owner}/repos?per_page=100&sort=full_name" for kind in ("orgs", "users")]

    def parse(self, row: dict[str, Any]) -> Found:
        """``pushed_at`` is the time of the last push to any branch."""
        return Found(
            key=str(row["id"]), name=str(row["full_name"]), url=str(row["html_url"]),
            branch=str(row.get("default_branch") or ""), stamp=str(row.get("pushed_at") or ""),
            topics=tuple(map(str, row.get("topics") or ())), is_archived=bool(row.get("archived")),
            is_fork=bool(row.get("fork")), is_empty=row.get("size") == 0 and not row.get("pushed_at"),
        )  # fmt: skip

    def has_file(self, repository: Found, branch: str, path: str) -> bool:
        """Asks for the content without its bytes; 409 is the answer of a repository without commits."""
        answer = self.client.get(self._content(repository.name, branch, path), method="HEAD")
        return answer.status not in (404, 409) and bool(answer.raise_for_status())

    def paths(self, repository: Found, branch: str) -> Iterator[str]:
        """The tree of the branch."""
        url = f"{self.api}/repos/{path_of(repository.name)}/git/trees/{part(branch)}?recursive=1"
        body, _ = self.client.json(url, absent=(404, 409))
        if body is None:
            return
        if body.get("truncated"):
            raise TooLarge(f"{repository.name} is too large to be searched by a pattern; name the file's path.")
        for row in body.get("tree", ()):
            if row.get("type") == "blob":
                yield str(row["path"])

    def address(self, repository: Found, branch: str, path: str) -> str:
        """As in the browser."""
        return f"{repository.url}/blob/{part(branch)}/{path_of(path)}"

    def raw_address(self, key: str, name: str, branch: str, path: str) -> str:
        """Contents in raw form, which no cache keeps back after a push."""
        return self._content(name, branch, path)

    def _content(self, name: str, branch: str, path: str) -> str:
        return f"{self.api}/repos/{path_of(name)}/contents/{path_of(path)}?ref={part(branch)}"
