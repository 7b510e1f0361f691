"""Opening the files of one repository with the credentials of its provider."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from catalog.providers.hosts.registry import host_for
from catalog.providers.models import Repository
from portal.lib.fetch import SourceUrl


def same_repository(one: str, other: str) -> bool:
    """Whether two addresses name the same repository, whatever their scheme, their case and ``.git``."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address, ""
    return parts.netloc.rpartition("@")[2].lower(), parts.path.strip("/").removesuffix(".git").lower()


class HostReader:
    """Reads files of a repository through the API of its host.

    SECURITY: other repositories are read without the credentials, or whoever writes one catalog file could have any
    file read to them that the credentials open.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._host = host_for(repository.provider)

    @property
    def token(self) -> str:
        """What Git is asked with."""
        return str(self._repository.provider.secret)

    @property
    def wait_until(self) -> datetime | None:
        """Until when the host does not want to be asked."""
        return self._repository.provider.wait_until

    def covers(self, source: SourceUrl) -> bool:
        """Whether the address lies in this repository."""
        return same_repository(source.repo_url, self._repository.url)

    def read(self, source: SourceUrl, etag: str = "") -> tuple[bytes | None, str]:
        """Content and version of a file; no content where ``etag`` still is its version."""
        branch = source.ref or self._repository.branch
        return self._host.read(self._repository.key, self._repository.name, branch, source.path, etag)
