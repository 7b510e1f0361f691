"""GraphQL schemas in SDL, read by graphql-core's parser. Rules: the GraphQL specification."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, parse, print_ast
from graphql.language import ast

from catalog.definitions.outlines import (
    MOST_NAME,
    MOST_OPERATIONS,
    MOST_TYPES,
    Anchors,
    Described,
    Field,
    Group,
    Operation,
    Outline,
    Shape,
    words,
)
from portal.lib.errors import Invalid

_MOST_TOKENS = 60_000
_MOST_FIELDS = 300
_ROOTS = ("Query", "Mutation", "Subscription")
_SORTS = {
    "object_type": "type", "input_object_type": "input", "interface_type": "interface", "enum_type": "enum",
    "union_type": "union", "scalar_type": "scalar",
}  # fmt: skip
_TONES = {"query": "running", "mutation": "ok", "subscription": "drifted"}


def read_graphql(text: str) -> Outline:
    """The outline of an SDL text: what can be asked for as operations, everything else as types.

    Raises ``Invalid`` with line and column for what is no SDL, and for what is too deep or too long.
    """
    document = _parsed(text)
    definitions = [node for node in document.definitions if _sort(node)]
    roots = _roots(document)
    outline = Outline(format="GraphQL")
    anchors = Anchors()
    names = {node.name.value for node in definitions}  # type: ignore[attr-defined]
    left = MOST_OPERATIONS
    for node in definitions:
        name = _name(node)
        if name in roots:
            fields = _fields(node)
            operations = tuple(_operation(roots[name], field, names, anchors) for field in fields[: max(0, left)])
            left -= len(fields)
            outline.groups.append(Group(name, _said(node), operations))
        elif len(outline.types) < MOST_TYPES:
            outline.types.append(_described(node, names, anchors))
    outline.groups.sort(key=lambda group: list(roots).index(group.name))
    if left < 0:
        outline.notes.append(f"{-left} more operations are not shown; the text has them.")
    if len(definitions) - len(outline.groups) > MOST_TYPES:
        outline.notes.append(f"Only the first {MOST_TYPES} types are shown; the text has them all.")
    return outline


def _parsed(text: str) -> ast.DocumentNode:
    try:
        return parse(text, no_location=True, max_tokens=_MOST_TOKENS)
    except GraphQLError as error:
        place = error.locations[0] if error.locations else None
        where = f" in line {place.line}, column {place.column}" if place else ""
        raise Invalid(f"This is no GraphQL schema: {error.message}{where}.") from error
    except RecursionError as error:
        raise Invalid("This GraphQL schema is nested too deeply to be read.") from error


def _sort(node: Any) -> str:
    kind = str(node.kind)
    return _SORTS.get(kind.removesuffix("_definition").removesuffix("_extension"), "")


def _roots(document: ast.DocumentNode) -> dict[str, str]:
    """The types that hold what can be asked for, each with the word of its operation."""
    found: dict[str, str] = {}
    for node in document.definitions:
        if isinstance(node, ast.SchemaDefinitionNode | ast.SchemaExtensionNode):
            found |= {row.type.name.value: row.operation.value for row in node.operation_types or ()}
    return found or {name: name.lower() for name in _ROOTS}


def _name(node: Any) -> str:
    return words(node.name.value, MOST_NAME)


def _said(node: Any) -> str:
    description = getattr(node, "description", None)
    return words(description.value, 600) if description is not None else ""


def _fields(node: Any) -> list[Any]:
    return list(getattr(node, "fields", None) or ())


def _shape(node: Any, names: set[str], anchors: Anchors) -> Shape:
    """A type as it is written; the name in it leads to where it is described."""
    inner = node
    while hasattr(inner, "type"):
        inner = inner.type
    name = inner.name.value
    return Shape(words(print_ast(node), MOST_NAME), anchors.of("type", name) if name in names else "")


def _field(node: Any, names: set[str], anchors: Anchors) -> Field:
    arguments = ", ".join(words(print_ast(row), 120) for row in list(getattr(node, "arguments", None) or ())[:20])
    name = f"{_name(node)}({arguments})" if arguments else _name(node)
    is_input = isinstance(node, ast.InputValueDefinitionNode)
    is_required = is_input and isinstance(node.type, ast.NonNullTypeNode) and node.default_value is None
    return Field(words(name, 500), _shape(node.type, names, anchors), is_required, _is_deprecated(node), _said(node))


def _is_deprecated(node: Any) -> bool:
    return any(row.name.value == "deprecated" for row in node.directives or ())


def _operation(method: str, node: Any, names: set[str], anchors: Anchors) -> Operation:
    parameters = tuple(_field(row, names, anchors) for row in list(node.arguments or ())[:60])
    answer = _shape(node.type, names, anchors)
    return Operation(
        method, _name(node), anchors.of("operation", f"{method} {_name(node)}"), f"→ {answer.text}", _said(node),
        _TONES.get(method, "neutral"), _is_deprecated(node), (), parameters,
    )  # fmt: skip


def _described(node: Any, names: set[str], anchors: Anchors) -> Described:
    name, sort = _name(node), _sort(node)
    notes: tuple[str, ...] = ()
    if values := [words(row.name.value, 100) for row in list(getattr(node, "values", None) or ())[:200]]:
        notes = (f"one of {', '.join(values)}",)
    if interfaces := [row.name.value for row in list(getattr(node, "interfaces", None) or ())[:20]]:
        notes = (*notes, f"is {', '.join(interfaces)}")
    members = tuple(_shape(row, names, anchors) for row in list(getattr(node, "types", None) or ())[:60])
    fields = tuple(_field(row, names, anchors) for row in _fields(node)[:_MOST_FIELDS])
    shape = Shape(sort, notes=notes, fields=fields, label="one of" if members else "", parts=members)
    return Described(name, anchors.of("type", name), shape, sort, _said(node))
