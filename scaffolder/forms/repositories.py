"""Addresses of repositories as their picker writes them: ``host?owner=o&repo=r``, and who may be named in one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode

PARTS: Final = ("owner", "repo", "organization", "workspace", "project")
PARTS_BY_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "azure": ("organization", "project", "repo"),
    "bitbucketCloud": ("workspace", "project", "repo"),
    "bitbucketServer": ("project", "repo"),
    "gerrit": ("owner", "repo"),
}
OWNER_AND_NAME: Final = ("owner", "repo")
OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "azure": frozenset({"organization"}),
    "gerrit": frozenset({"owner"}),
}
ALLOW_LISTS: Final[Mapping[str, str]] = {
    "owner": "allowedOwners",
    "workspace": "allowedOwners",
    "organization": "allowedOrganizations",
    "project": "allowedProjects",
    "repo": "allowedRepos",
}
# SECURITY: nothing that two readers of addresses could take differently, such as a backslash, "@" or "%" in the host.
PLAIN: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+(?::\d+)?)(?:\?(?P<query>[^\x00-\x20#\\\x7f]*))?")
LABELS: Final[Mapping[str, str]] = {
    "host": "Host",
    "owner": "Owner",
    "repo": "Repository",
    "organization": "Organization",
    "workspace": "Workspace",
    "project": "Project",
}


@dataclass(frozen=True, slots=True)
class Repository:
    """The parts of an address; those that it does not name are ``""``."""

    host: str = ""
    owner: str = ""
    repo: str = ""
    organization: str = ""
    workspace: str = ""
    project: str = ""

    def part(self, name: str) -> str:
        value: str = getattr(self, name)
        return value

    def address(self) -> str:
        """The address in the order of Backstage's picker; ``""`` without a host."""
        named = {name: self.part(name) for name in PARTS if self.part(name)}
        return f"{self.host}?{urlencode(named)}" if self.host else ""


def read_repository(address: str) -> Repository | None:
    """Read an address; None when it is none, or is written in a way that no picker writes."""
    plain = PLAIN.fullmatch(address)
    if plain is None:
        return None
    try:
        query = parse_qs(plain["query"] or "", keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return None
    named = {name: query[name][0].strip("/") for name in PARTS if name in query}
    return Repository(host=plain["host"].lower().removesuffix(":443"), **named)


def parts_of(host_type: str) -> tuple[str, ...]:
    """The parts, beside the host, that an address has for a kind of integration."""
    return PARTS_BY_TYPE.get(host_type, OWNER_AND_NAME)
