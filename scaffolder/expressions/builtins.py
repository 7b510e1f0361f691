"""What the built-in filters of Backstage do, in the words of the page that lists the template language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .extensions import About, Example, Extensions, Value
from .values import Json

TEXT: Final[Json] = {"type": "string"}


def _record(*names: str, required: list[Json]) -> Json:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": required}


REFERENCE: Final = _record("kind", "namespace", "name", required=["kind", "namespace", "name"])
PART_REFERENCE: Final = _record("kind", "namespace", "name", required=["name"])
REFERENCE_DEFAULTS: Final = _record("defaultKind", "defaultNamespace", required=[])
REPOSITORY: Final = _record("host", "owner", "repo", "organization", "workspace", "project", required=["host", "repo"])

FILTERS: Final[Mapping[str, About]] = {
    "parseRepoUrl": About(
        description="Splits the address that a repository picker gives into host, owner, repo and so on.",
        schema={"input": TEXT, "output": REPOSITORY},
        examples=(
            Example(
                "${{ (parameters.repoUrl | parseRepoUrl).owner }}",
                notes="`github.com?owner=acme&repo=shop` gives `acme`",
            ),
        ),
    ),
    "parseEntityRef": About(
        description="Splits an entity reference into kind, namespace and name.",
        schema={"input": {"anyOf": [TEXT, PART_REFERENCE]}, "arguments": [REFERENCE_DEFAULTS], "output": REFERENCE},
        examples=(
            Example(
                "${{ (parameters.owner | parseEntityRef).name }}",
                notes="`group:default/payments` gives `payments`",
            ),
            Example(
                "${{ parameters.owner | parseEntityRef({ defaultKind: 'group' }) }}",
                description="With a kind for references that name none",
            ),
        ),
    ),
    "pick": About(
        description="Takes one value out of an object or a list, by its path.",
        schema={"input": {}, "arguments": [TEXT], "output": {}},
        examples=(Example("${{ parameters.owner | parseEntityRef | pick('name') }}"),),
    ),
    "projectSlug": About(
        description="Turns the address that a repository picker gives into owner/repo.",
        schema={"input": TEXT, "output": TEXT},
        examples=(
            Example(
                "${{ parameters.repoUrl | projectSlug }}",
                notes="`github.com?owner=acme&repo=shop` gives `acme/shop`",
            ),
        ),
    ),
}


def describe_extensions(extensions: Extensions) -> dict[str, Json]:
    """List filters and globals in the shape of Backstage's ``/v2/templating-extensions``."""
    filters = {**FILTERS, **{name: item.about for name, item in extensions.filters.items()}}
    return {
        "filters": {name: _describe(about) for name, about in filters.items()},
        "globals": {
            "functions": {name: _describe(item.about) for name, item in extensions.functions.items()},
            "values": {name: _describe_value(item) for name, item in extensions.values.items()},
        },
    }


def _describe(about: About) -> Json:
    examples: list[Json] = [
        {key: text for key in ("description", "example", "notes") if (text := getattr(example, key))}
        for example in about.examples
    ]
    parts: dict[str, Json] = {"description": about.description, "schema": dict(about.schema), "examples": examples}
    return {key: part for key, part in parts.items() if part}


def _describe_value(item: Value) -> Json:
    return {"value": item.value, **({"description": item.description} if item.description else {})}
