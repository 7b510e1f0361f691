"""Gitea and Forgejo (API v1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.providers.hosts.base import Found, Host, part, path_of
from portal.lib.fetch.errors import SourceUnavailable

_MOST_PAGES = 500


class Gitea(Host):
    """Repositories of an organisation, or of a person."""

    def listings(self) -> list[str]:
        """An organisation's, else a person's."""
        owner = part(self.options["owner"])
        return [f"{self.api}/{kind}/{owner}/repos?limit=50" for kind in ("orgs", "users")]

    def parse(self, row: dict[str, Any]) -> Found:
        """``updated_at`` moves with every push."""
        return Found(
            key=str(row["id"]), name=str(row["full_name"]), url=str(row["html_url"]),
            branch=str(row.get("default_branch") or ""), stamp=str(row.get("updated_at") or ""),
            topics=tuple(map(str, row.get("topics") or ())), is_archived=bool(row.get("archived")),
            is_fork=bool(row.get("fork")), is_empty=bool(row.get("empty")),
        )  # fmt: skip

    def has_file(self, repository: Found, branch: str, path: str) -> bool:
        """Asks for what is at the path; a folder comes as a list."""
        answer = self.client.get(self._below(repository.name, "contents", branch, path))
        return answer.status != 404 and not answer.raise_for_status().body.lstrip().startswith(b"[")

    def paths(self, repository: Found, branch: str) -> Iterator[str]:
        """The tree, page by page."""
        for number in range(1, _MOST_PAGES):
            url = f"{self.api}/repos/{path_of(repository.name)}/git/trees/{part(branch)}"
            url += f"?recursive=true&per_page=1000&page={number}"
            body, _ = self.client.json(url, absent=(404, 409))
            rows = (body or {}).get("tree") or ()
            for row in rows:
                if row.get("type") == "blob":
                    yield str(row["path"])
            if not rows or not body.get("truncated"):
                return
        raise SourceUnavailable(f"{repository.name} is too large to be searched by a pattern; name the file's path.")

    def address(self, repository: Found, branch: str, path: str) -> str:
        """As in the browser."""
        return f"{repository.url}/src/branch/{part(branch)}/{path_of(path)}"

    def raw_address(self, key: str, name: str, branch: str, path: str) -> str:
        """The file's bytes."""
        return self._below(name, "raw", branch, path)

    def _below(self, name: str, what: str, branch: str, path: str) -> str:
        return f"{self.api}/repos/{path_of(name)}/{what}/{path_of(path)}?ref={part(branch)}"
