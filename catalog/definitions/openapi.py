"""OpenAPI 2.0 (Swagger), 3.0 and 3.1. Rules: the specifications of the OpenAPI Initiative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.definitions.outlines import (
    MOST_NAME,
    MOST_OPERATIONS,
    MOST_TYPES,
    Anchors,
    Answer,
    Body,
    Described,
    Field,
    Group,
    Operation,
    Outline,
    Shape,
    words,
)
from catalog.definitions.schemas import Schemas

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "query")
_TONES = {"get": "running", "post": "ok", "put": "waiting", "patch": "waiting", "delete": "failed"}
_MOST_PARTS = 60
_OTHER = "Other operations"


def read_openapi(document: Mapping[str, Any]) -> Outline:
    """The outline of an OpenAPI document; what has not the form that it should have is left out."""
    anchors = Anchors()
    schemas = Schemas(document, anchors)
    info = _mapping(document.get("info"))
    version = words(document.get("openapi") or document.get("swagger"), 20)
    outline = Outline(
        words(info.get("title"), MOST_NAME), words(info.get("version"), 60), f"OpenAPI {version}".strip(),
        words(info.get("description")), _servers(document),
    )  # fmt: skip
    found = list(_operations(document, schemas, anchors))
    for tags, operation in found[:MOST_OPERATIONS]:
        _add(outline, tags, operation)
    _describe(outline, document)
    _types(outline, document, schemas)
    if len(found) > MOST_OPERATIONS:
        outline.notes.append(f"{len(found) - MOST_OPERATIONS} more operations are not shown; the text has them.")
    add_notes(outline, schemas)
    return outline


def add_notes(outline: Outline, schemas: Schemas) -> None:
    """Say what was cut and what lies elsewhere."""
    if schemas.is_cut:
        outline.notes.append("Some types are too deep or too large to be shown whole; the text has them.")
    if schemas.elsewhere:
        told = ", ".join(list(schemas.elsewhere)[:5])
        outline.notes.append(f"It refers to other files, which are not read from here: {told}.")


def _servers(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    servers = document.get("servers")
    if isinstance(servers, list):
        rows = [_mapping(server) for server in servers[:20]]
        return [(words(row.get("url"), 500), words(row.get("description"), 200)) for row in rows if row.get("url")]
    host = words(document.get("host"), 300)
    return [(f"{host}{words(document.get('basePath'), 300)}", "")] if host else []


def _operations(
    document: Mapping[str, Any], schemas: Schemas, anchors: Anchors
) -> Iterator[tuple[list[str], Operation]]:
    for path, written in _mapping(document.get("paths")).items():
        item = schemas.resolved(written)
        shared = item.get("parameters")
        for method in _METHODS:
            body = item.get(method)
            if isinstance(body, Mapping):
                tags = [words(tag, MOST_NAME) for tag in _list(body.get("tags"))[:5] if words(tag)]
                yield tags, _operation(document, schemas, anchors, method, words(path, 500), body, shared)


def _operation(
    document: Mapping[str, Any], schemas: Schemas, anchors: Anchors, method: str, path: str, body: Mapping[str, Any],
    shared: Any,
) -> Operation:  # fmt: skip
    parameters = [schemas.resolved(row) for row in [*_list(shared), *_list(body.get("parameters"))][:_MOST_PARTS]]
    sent = [row for row in parameters if row.get("in") == "body"]
    security = body.get("security", document.get("security"))
    return Operation(
        method.upper(), path, anchors.of("operation", f"{method} {path}"), words(body.get("summary"), 300),
        words(body.get("description")), _TONES.get(method, "neutral"), body.get("deprecated") is True,
        tuple(words(name, 100) for row in _list(security)[:10] for name in _mapping(row)),
        tuple(_parameter(schemas, row) for row in parameters if row.get("name") and row.get("in") != "body"),
        (*_bodies(schemas, schemas.resolved(body.get("requestBody"))), *(_old_body(schemas, row) for row in sent)),
        tuple(_answer(schemas, status, row) for status, row in list(_mapping(body.get("responses")).items())[:30]),
    )  # fmt: skip


def _parameter(schemas: Schemas, row: Mapping[str, Any]) -> Field:
    # Version 2 writes the schema into the parameter itself.
    shape = schemas.shape(row.get("schema") or {key: row[key] for key in row if key not in ("name", "in", "required")})
    return Field(
        words(row.get("name"), MOST_NAME), shape, row.get("required") is True, row.get("deprecated") is True,
        words(row.get("description"), 600), words(row.get("in"), 20),
    )  # fmt: skip


def _bodies(schemas: Schemas, row: Mapping[str, Any]) -> tuple[Body, ...]:
    content = list(_mapping(row.get("content")).items())[:10]
    return tuple(
        Body(words(media, 100), schemas.shape(_mapping(told).get("schema", {})), words(row.get("description"), 600))
        for media, told in content
    )


def _old_body(schemas: Schemas, row: Mapping[str, Any]) -> Body:
    return Body("body", schemas.shape(row.get("schema", {})), words(row.get("description"), 600))


def _answer(schemas: Schemas, status: object, written: Any) -> Answer:
    row = schemas.resolved(written)
    bodies = _bodies(schemas, {"content": row.get("content")})
    if not bodies and isinstance(row.get("schema"), Mapping):
        bodies = (Body("", schemas.shape(row["schema"])),)
    return Answer(words(status, 20), words(row.get("description"), 600), bodies)


def _add(outline: Outline, tags: list[str], operation: Operation) -> None:
    name = tags[0] if tags else _OTHER
    for place, group in enumerate(outline.groups):
        if group.name == name:
            outline.groups[place] = Group(name, group.description, (*group.operations, operation))
            return
    outline.groups.append(Group(name, "", (operation,)))


def _describe(outline: Outline, document: Mapping[str, Any]) -> None:
    """Order the groups as the document's tags are, with the words that it has about them."""
    tags = [_mapping(tag) for tag in _list(document.get("tags"))[:200]]
    said = {words(tag.get("name"), MOST_NAME): words(tag.get("description"), 600) for tag in tags}
    order = list(said)
    outline.groups = [Group(group.name, said.get(group.name, ""), group.operations) for group in outline.groups]
    outline.groups.sort(key=lambda group: order.index(group.name) if group.name in said else len(order))


def _types(outline: Outline, document: Mapping[str, Any], schemas: Schemas) -> None:
    named = _mapping(_mapping(document.get("components")).get("schemas")) or _mapping(document.get("definitions"))
    add_types(outline, named, schemas)


def add_types(outline: Outline, named: Mapping[str, Any], schemas: Schemas) -> None:
    """Add the types with names."""
    for written, schema in list(named.items())[:MOST_TYPES]:
        name = words(written, MOST_NAME)
        shape = schemas.shape(schema)
        outline.types.append(
            Described(name, schemas.anchor(name), shape, description=words(_mapping(schema).get("description"), 600))
        )
    if len(named) > MOST_TYPES:
        outline.notes.append(f"{len(named) - MOST_TYPES} more types are not shown; the text has them.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


__all__ = ["Shape", "add_notes", "add_types", "read_openapi"]
