"""What is at an address that somebody wants to register: catalog files that are there, or the start of one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from catalog.ingestion.models import Location
from catalog.ingestion.services import default_space, preview_location
from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, Invalid, NotFound, PortalError, Unauthenticated
from portal.lib.fetch import parse_source_url
from portal.lib.fetch.sources import SourceUrl
from portal.spaces import access
from portal.spaces.models import Space

CATALOG_FILE = "catalog-info.yaml"
# Where a repository's page is kept in annotations, by what hosts it.
_SLUGS = {
    "github": "github.com/project-slug", "gitlab": "gitlab.com/project-slug", "gitea": "gitea.com/repo-path",
    "bitbucket": "bitbucket.org/project-slug",
}  # fmt: skip
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(slots=True)
class Analysis:
    """Entities that are there already, each as (target, document, whether it is registered), or one to start with."""

    existing: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)
    generated: dict[str, Any] | None = None


def analyze_location(*, subject: Subject, target: str, catalog_file: str = "", space: Space | None = None) -> Analysis:
    """Look at a repository or a catalog file; nothing is written.

    A repository without such a file gets a Component to start with. Needs ``location:create``, as registering does.
    Raises ``Invalid`` for what is no address, and what reading a file raises where ``target`` names one.
    """
    place = space or default_space(subject)
    source = parse_source_url(target)
    name = catalog_file or CATALOG_FILE
    if source.kind == "file" or source.provider == "plain":
        return Analysis(existing=_existing(subject, target, place))
    # HEAD is whatever branch the repository shows first.
    wanted = SourceUrl(
        source.url, source.host, source.provider, "file", source.repo_url, source.ref or "HEAD", source.path
    ).at(f"{source.path}/{name}".lstrip("/"), "file")
    try:
        existing = _existing(subject, wanted, place)
    except (Forbidden, Unauthenticated, Invalid):
        raise
    except PortalError:
        # What can not be read can still be described; whether it is there is seen when it is registered.
        existing = []
    return Analysis(existing=existing) if existing else Analysis(generated=_start_of(source))


def _existing(subject: Subject, target: str, space: Space) -> list[tuple[str, dict[str, Any], bool]]:
    preview = preview_location(subject=subject, type="url", target=target, space=space)
    known = access.visible_to(subject, Location.objects.filter(type="url", target=target)).exists()
    return [(found.address, found.entity, known) for found in preview.found if found.entity["kind"] != "Location"]


def _start_of(source: SourceUrl) -> dict[str, Any]:
    slug = source.repo_url.removesuffix(".git").split("/", 3)[-1] if source.repo_url else ""
    if not slug:
        raise NotFound("This address is neither a repository nor a catalog file.")
    name = _NOT_IN_NAMES.sub("-", slug.rpartition("/")[2])[:63].strip("-._") or "component"
    metadata: dict[str, Any] = {"name": name}
    if annotation := _SLUGS.get(source.provider):
        metadata["annotations"] = {annotation: slug}
    return {
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata,
        "spec": {"type": "other", "lifecycle": "unknown"},
    }  # fmt: skip
