"""Where entities come from: names of locations, what a Location points at, the annotations that tell the origin.

Rules: Backstage's ``locationSpecToLocationEntity``, its annotating processor and its reading of Location entities.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from catalog.entities.refs import Entity, LocationRef, check_target
from catalog.entities.refusals import Reason, Refusal
from portal.lib.errors import PortalError
from portal.lib.fetch import SourceUrl, parse_source_url, resolve_url

MANAGED_BY = "backstage.io/managed-by-location"
MANAGED_BY_ORIGIN = "backstage.io/managed-by-origin-location"
SOURCE = "backstage.io/source-location"
VIEW_URL = "backstage.io/view-url"
EDIT_URL = "backstage.io/edit-url"
ORPHAN = "backstage.io/orphan"

# What the catalog takes for no annotations at all, as in ``annotations:`` with nothing behind it.
_NONE = (None, "", False)
# An address of a single commit shows what nobody can edit.
_COMMIT = re.compile(r"\b[0-9a-f]{40,}\b")
_VIEWS = re.compile(r"/(?:blob|tree|edit)/")


def generated_name(location: LocationRef) -> str:
    """The name of the Location entity that stands for a registered location."""
    return f"generated-{hashlib.sha1(str(location).encode(), usedforsecurity=False).hexdigest()}"


def generated_ref(location: LocationRef) -> str:
    """The canonical reference of that entity."""
    return f"location:default/{generated_name(location)}"


def generated_location(location: LocationRef, presence: str = "required") -> Entity:
    """The Location entity that stands for a registered location, the root of all that comes from it."""
    annotations = {MANAGED_BY: str(location), MANAGED_BY_ORIGIN: str(location)}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": generated_name(location), "annotations": annotations},
        "spec": {"type": location.type, "target": location.target, "presence": presence},
    }


@dataclass(frozen=True, slots=True)
class Targets:
    """What a Location points at, and which targets are no targets. Missing files are no error if ``optional``."""

    locations: list[LocationRef]
    refusals: list[Refusal]
    optional: bool


def location_targets(entity: Entity, base: LocationRef) -> Targets:
    """The targets of a valid Location entity that was read from ``base``: ``spec.target``, then ``spec.targets``."""
    spec: Mapping[str, Any] = entity["spec"]
    type_ = spec.get("type") or base.type
    targets = Targets([], [], optional=spec.get("presence") == "optional")
    written = [("spec.target", spec["target"])] if spec.get("target") else []
    written += [(f"spec.targets[{place}]", target) for place, target in enumerate(spec.get("targets", ()))]
    for path, target in written:
        if type_ == "file" and target.endswith("/"):
            targets.refusals.append(
                Refusal(Reason.SCHEMA, path, f'names a folder: "{target}"; name the files in it, as in {target}*.yaml')
            )
            continue
        try:
            targets.locations.append(resolve_target(target, base, type_))
        except PortalError as error:
            targets.refusals.append(Refusal(Reason.SCHEMA, path, f"cannot be read: {error.detail}"))
    return targets


def resolve_target(target: str, base: LocationRef, type_: str | None = None) -> LocationRef:
    """What ``target``, written in the file at ``base``, points at; an address or path may be relative to that file.

    A target of another type than ``base`` is taken as it stands. Raises ``BadUrl`` for an address that leaves its
    repository, ``Invalid`` for ``javascript:``.
    """
    type_ = type_ or base.type
    check_target(target)
    if type_ == base.type == "url":
        # A pattern stays one: its stars are not quoted as other characters of a path are.
        return LocationRef("url", resolve_url(target, base.target).replace("%2A", "*"))
    if type_ == base.type == "file" and not target.startswith("/"):
        return LocationRef("file", posixpath.normpath(posixpath.join(posixpath.dirname(base.target), target)))
    return LocationRef(type_, target)


def annotate(entity: Entity, location: LocationRef, origin: LocationRef) -> Entity:
    """A copy of ``entity`` that says where it was read, where that began, and where people see and edit it.

    The first two are the catalog's word; the others are only filled in where the entity has none of its own.
    """
    metadata = entity["metadata"]
    own = metadata.get("annotations", {})
    if own in _NONE:
        own = {}
    if not isinstance(own, dict):
        return entity  # and let the examination say so
    annotations = {**_addresses(location), **own, MANAGED_BY: str(location), MANAGED_BY_ORIGIN: str(origin)}
    return {**entity, "metadata": {**metadata, "annotations": annotations}}


@lru_cache(maxsize=1024)
def _addresses(location: LocationRef) -> Mapping[str, str]:
    if location.type != "url":
        return {}
    addresses = {VIEW_URL: location.target}
    try:
        source = parse_source_url(location.target)
    except PortalError:
        return addresses
    if source.provider in ("plain", "local", "git"):
        return addresses
    if not _COMMIT.search(location.target):
        addresses[EDIT_URL] = _edit_address(source)
    folder, mark, query = resolve_url("./", location.target).partition("?")
    return {**addresses, SOURCE: f"url:{folder.rstrip('/')}/{mark}{query}"}


def _edit_address(source: SourceUrl) -> str:
    match source.provider:
        case "github" | "gitlab":
            return _VIEWS.sub("/edit/", source.url, count=1)
        case "gitea":
            return source.url.replace("/src/branch/", "/_edit/branch/", 1)
        case "bitbucket":
            return f"{source.url}{'&' if '?' in source.url else '?'}mode=edit&at={quote(source.ref)}"
    return source.url.partition("?")[0]
