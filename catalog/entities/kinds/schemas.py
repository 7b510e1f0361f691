"""Pieces of JSON Schema that the kinds share, and the part of an entity that is the same for all kinds.

Every ``description`` here is shown to people whose file lacks the field or fills it wrongly: it says what to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def text(description: str) -> Schema:
    """A text that is not empty."""
    return {"type": "string", "minLength": 1, "description": description}


def texts(description: str) -> Schema:
    """A list of texts, none of them empty."""
    return {"type": "array", "items": {"type": "string", "minLength": 1}, "description": description}


def object_of(properties: Mapping[str, Schema], required: Sequence[str] = (), description: str = "") -> Schema:
    """A mapping with these properties, and any others."""
    schema: Schema = {"type": "object", "properties": dict(properties), "required": list(required)}
    return {**schema, "description": description} if description else schema


def list_of(items: Schema, description: str = "") -> Schema:
    """A list of ``items``."""
    schema: Schema = {"type": "array", "items": items}
    return {**schema, "description": description} if description else schema


OWNER = text('the group or user that owns it, as in "team-a" or "user:jane"')
SYSTEM = text('the system that it belongs to, as in "checkout"')
LIFECYCLE = text('the state of its life, as in "experimental", "production" or "deprecated"')
PROFILE = object_of(
    {
        "displayName": text("the name to show"),
        "email": text("an email address"),
        "picture": text("the address of a picture"),
    },
    description="a mapping with displayName, email and picture",
)

_LINK = object_of(
    {
        "url": text('the address, as in "https://example.com/dashboard"'),
        "title": text("the words to show"),
        "icon": text('the name of an icon, as in "dashboard"'),
        "type": text('the type of the link, as in "runbook"'),
    },
    ["url"],
    'a mapping with url and title, as in {url: "https://example.com", title: Home}',
)
_TEXT_VALUES = {
    "type": "object",
    "additionalProperties": {"type": "string", "description": "a text; put numbers in quotes"},
}
METADATA = object_of(
    {
        "uid": text("nothing: the catalog makes it"),
        "etag": text("nothing: the catalog makes it"),
        "name": text('the name of the entity, as in "my-service"'),
        "namespace": text('the namespace, as in "default", or leave it out'),
        "title": text("the name to show, or leave it out"),
        "description": {"type": "string", "description": "a text"},
        "labels": {**_TEXT_VALUES, "description": "a mapping of texts, or leave it out"},
        "annotations": {**_TEXT_VALUES, "description": "a mapping of texts, or leave it out"},
        "tags": texts("a list of texts, or leave it out"),
        "links": list_of(_LINK, "a list of links, or leave it out"),
    },
    ["name"],
    "a mapping with at least a name",
)
API_VERSION = text('the version of the format, as in "backstage.io/v1alpha1"')
KIND = text('the kind of the entity, as in "Component"')

ENVELOPE: Schema = object_of(
    {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": object_of(
            {"name": METADATA["properties"]["name"], "namespace": METADATA["properties"]["namespace"]},
            ["name"],
            METADATA["description"],
        ),
    },
    ["apiVersion", "kind", "metadata"],
)
ENTITY: Schema = object_of(
    {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": METADATA,
        "spec": {"type": "object", "description": "a mapping with the fields of the kind"},
    },
    ["apiVersion", "kind", "metadata"],
)
