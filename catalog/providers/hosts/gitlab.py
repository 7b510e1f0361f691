"""GitLab (REST API v4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.providers.hosts.base import Found, Host, part, path_of
from catalog.providers.hosts.client import next_page
from portal.lib.fetch.errors import SourceUnavailable

_MOST_PAGES = 500


class GitLab(Host):
    """Projects of a group and its subgroups, or of a person."""

    # GitLab moves last_activity_at once an hour at most.
    is_stamp_exact = False

    def listings(self) -> list[str]:
        """A group's, else a person's."""
        owner = part(self.options["owner"])
        query = "per_page=100&order_by=id&sort=asc"
        return [
            f"{self.api}/groups/{owner}/projects?include_subgroups=true&with_shared=false&{query}",
            f"{self.api}/users/{owner}/projects?{query}",
        ]

    def parse(self, row: dict[str, Any]) -> Found:
        """Old versions call topics ``tag_list``."""
        return Found(
            key=str(row["id"]), name=str(row["path_with_namespace"]), url=str(row["web_url"]),
            branch=str(row.get("default_branch") or ""), stamp=str(row.get("last_activity_at") or ""),
            topics=tuple(map(str, row.get("topics") or row.get("tag_list") or ())),
            is_archived=bool(row.get("archived")), is_fork=bool(row.get("forked_from_project")),
            is_empty=bool(row.get("empty_repo")),
        )  # fmt: skip

    def has_file(self, repository: Found, branch: str, path: str) -> bool:
        """Asks for the file's head only."""
        url = f"{self.api}/projects/{repository.key}/repository/files/{part(path)}?ref={part(branch)}"
        answer = self.client.get(url, method="HEAD")
        return answer.status != 404 and bool(answer.raise_for_status())

    def paths(self, repository: Found, branch: str) -> Iterator[str]:
        """The tree, page by page."""
        url = f"{self.api}/projects/{repository.key}/repository/tree?recursive=true&per_page=100&ref={part(branch)}"
        for _ in range(_MOST_PAGES):
            rows, answer = self.client.json(url, absent=(404,))
            for row in rows or ():
                if row.get("type") == "blob":
                    yield str(row["path"])
            url = next_page(answer)
            if not url:
                return
        raise SourceUnavailable(f"{repository.name} is too large to be searched by a pattern; name the file's path.")

    def address(self, repository: Found, branch: str, path: str) -> str:
        """As in the browser."""
        return f"{repository.url}/-/blob/{part(branch)}/{path_of(path)}"

    def raw_address(self, key: str, name: str, branch: str, path: str) -> str:
        """The file without JSON around it."""
        return f"{self.api}/projects/{key}/repository/files/{part(path)}/raw?ref={part(branch)}"
