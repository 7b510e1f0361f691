"""The hosts by kind."""

from __future__ import annotations

from catalog.providers.hosts.base import Host
from catalog.providers.hosts.gitea import Gitea
from catalog.providers.hosts.github import GitHub
from catalog.providers.hosts.gitlab import GitLab
from catalog.providers.models import Kind, Provider

_HOSTS: dict[str, type[Host]] = {Kind.GITHUB: GitHub, Kind.GITLAB: GitLab, Kind.GITEA: Gitea}


def host_for(provider: Provider) -> Host:
    """The API of a provider's host. Raises ``KeyError`` for a provider that is none."""
    return _HOSTS[provider.kind](provider)
