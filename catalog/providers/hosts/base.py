"""What is the same for all Git hosts: listing page by page, looking for files, reading one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from catalog.entities.globs import glob_matches
from catalog.providers.hosts.client import Client, next_page
from catalog.providers.models import ListingPage, Provider
from portal.lib.errors import TooLarge
from portal.lib.fetch.errors import SourceUnavailable

MOST_PAGES = 2_000
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A repository as the host lists it. ``stamp`` changes with every push, or soon after."""

    key: str
    name: str
    url: str
    branch: str = ""
    stamp: str = ""
    topics: tuple[str, ...] = ()
    is_archived: bool = False
    is_fork: bool = False
    is_empty: bool = False


class Host(ABC):
    """One host's API. Copy a class below to add another host."""

    # Whether every push changes the stamp at once; otherwise what was busy lately is looked at every time.
    is_stamp_exact: ClassVar[bool] = True

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.options: dict[str, Any] = provider.options
        self.client = self.make_client(provider)

    def make_client(self, provider: Provider) -> Client:
        """How the API is called."""
        return Client(provider)

    @property
    def api(self) -> str:
        """The address that all of the API lies below."""
        return self.client.api

    @abstractmethod
    def listings(self) -> list[str]:
        """Addresses of the first page of the owner's repositories: the first one that is there counts."""

    @abstractmethod
    def parse(self, row: dict[str, Any]) -> Found:
        """A repository of a page. Raises ``KeyError`` or ``TypeError`` for something else."""

    @abstractmethod
    def has_file(self, repository: Found, branch: str, path: str) -> bool:
        """Whether there is a file at this path."""

    @abstractmethod
    def paths(self, repository: Found, branch: str) -> Iterator[str]:
        """All paths of a branch."""

    @abstractmethod
    def address(self, repository: Found, branch: str, path: str) -> str:
        """The address of a file for people, which the catalog keeps."""

    @abstractmethod
    def raw_address(self, key: str, name: str, branch: str, path: str) -> str:
        """Where the API serves a file's bytes."""

    raw_accept: ClassVar[str] = "*/*"

    def repositories(self) -> Iterator[Found]:
        """All repositories of the owner, page by page; pages that have not changed are not sent again."""
        kept = {page.url: page for page in ListingPage.objects.filter(provider=self.provider)}
        url, seen = self._first(kept), set[str]()
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise SourceUnavailable(f"{self.client.host} lists pages without end.")
            seen.add(url)
            page = self._page(url, kept.get(url))
            yield from (Found(**{**row, "topics": tuple(row["topics"])}) for row in page.rows)
            url = page.next_url
        ListingPage.objects.filter(provider=self.provider).exclude(url__in=seen).delete()

    def _first(self, kept: dict[str, ListingPage]) -> str:
        urls = self.listings()
        for url in urls[:-1]:
            if url in kept or self.client.get(url).status != 404:
                return url
        return urls[-1]

    def _page(self, url: str, kept: ListingPage | None) -> ListingPage:
        body, answer = self.client.json(url, etag=kept.etag if kept else "")
        if answer.not_modified and kept:
            return kept
        if not isinstance(body, list):
            raise SourceUnavailable(f"{self.client.host} answers no list of repositories. Is {self.api} its API?")
        try:
            rows = [asdict(self.parse(row)) for row in body]
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceUnavailable(f"{self.client.host} lists repositories in a form that is not known.") from error
        page = ListingPage(provider=self.provider, url=url, etag=answer.etag, next_url=next_page(answer), rows=rows)
        if answer.etag:
            ListingPage.objects.bulk_create(
                [page], update_conflicts=True, unique_fields=["provider", "url"],
                update_fields=["etag", "next_url", "rows"],
            )  # fmt: skip
        elif kept:
            kept.delete()
        return page

    def files(self, repository: Found, branch: str, pattern: str) -> list[str]:
        """The paths of the files that a path or pattern stands for."""
        wanted = pattern.strip("/")
        if not any(character in wanted for character in "*?[{"):
            return [wanted] if self.has_file(repository, branch, wanted) else []
        found = []
        for path in self.paths(repository, branch):
            if glob_matches(wanted, path):
                found.append(path)
                if len(found) > MOST_FILES:
                    raise TooLarge(f"{pattern} stands for more than {MOST_FILES} files in {repository.name}.")
        return found

    def read(self, key: str, name: str, branch: str, path: str, etag: str = "") -> tuple[bytes | None, str]:
        """Content and version of a file; no content where ``etag`` still is its version."""
        url = self.raw_address(key, name, branch, path)
        answer = self.client.get(url, etag=etag, accept=self.raw_accept).raise_for_status()
        return (None if answer.not_modified else answer.body), answer.etag


def part(text: str) -> str:
    """A name as one part of a path."""
    return quote(text, safe="")


def path_of(text: str) -> str:
    """A path whose slashes stay."""
    return quote(text, safe="/")
