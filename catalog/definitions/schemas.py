"""JSON Schemas as shapes, as OpenAPI and AsyncAPI use them.

A reference to a type with a name is a link and is not followed, so that types that hold themselves come to an end; a
reference to another file or address is told and never fetched. Depth and number of fields are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from catalog.definitions.outlines import MOST_NAME, Anchors, Field, Shape, words

_DEEPEST = 6
_MOST_FIELDS = 4000
_MOST_OF_ONE = 200
_MOST_HOPS = 10
_NAMED = ("#/components/schemas/", "#/definitions/")
_UNIONS = {"oneOf": "one of", "anyOf": "any of", "allOf": "all of"}
_NOTES = (
    ("format", "{}"), ("pattern", "matches {}"), ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"), ("minimum", "at least {}"), ("maximum", "at most {}"),
    ("exclusiveMinimum", "more than {}"), ("exclusiveMaximum", "less than {}"), ("multipleOf", "a multiple of {}"),
    ("minItems", "at least {} items"), ("maxItems", "at most {} items"), ("default", "{} where it is not given"),
    ("const", "always {}"),
)  # fmt: skip


class Schemas:
    """The schemas of one document. ``is_cut`` tells that there were more fields than are shown."""

    def __init__(self, document: Mapping[str, Any], anchors: Anchors) -> None:
        self._document = document
        self._anchors = anchors
        self._left = _MOST_FIELDS
        self.is_cut = False
        self.elsewhere: dict[str, None] = {}

    def resolved(self, value: Any) -> Mapping[str, Any]:
        """``value`` or what it refers to in this document; an empty mapping where that is nothing, or a circle."""
        for _ in range(_MOST_HOPS):
            if not isinstance(value, Mapping):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            value = self._at(reference)
        return {}

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            self.elsewhere[reference[:MOST_NAME]] = None
            return None
        here: Any = self._document
        for part in reference[2:].split("/")[:20]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            here = here.get(key) if isinstance(here, Mapping) else None
        return here

    def anchor(self, name: str) -> str:
        """The anchor of a type with a name."""
        return self._anchors.of("type", name)

    def shape(self, schema: Any, depth: int = 0) -> Shape:
        """The shape of a schema."""
        if schema is True or schema == {}:
            return Shape("anything")
        if not isinstance(schema, Mapping):
            return Shape("nothing" if schema is False else "unknown")
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(reference)
        union = next((name for name in _UNIONS if isinstance(schema.get(name), list)), "")
        if union and not schema.get("properties"):
            return self._union(schema, union, depth)
        if isinstance(schema.get("items"), Mapping):
            return self._list(schema, depth)
        fields = self._fields(schema, depth)
        beside = self._beside(schema, union, depth)
        return Shape(_type_of(schema), notes=_notes(schema), fields=fields, **beside)

    def _referred(self, reference: str) -> Shape:
        for prefix in _NAMED:
            if reference.startswith(prefix):
                name = unquote(reference.removeprefix(prefix))[:MOST_NAME]
                return Shape(name, target=self.anchor(name))
        if not reference.startswith("#/"):
            self.elsewhere[reference[:MOST_NAME]] = None
        return Shape(reference[:MOST_NAME])

    def _union(self, schema: Mapping[str, Any], union: str, depth: int) -> Shape:
        members = schema[union]
        if depth >= _DEEPEST:
            return Shape("…")
        parts = tuple(self.shape(member, depth + 1) for member in members[:20])
        if len(parts) == 1:
            return parts[0]
        return Shape("", label=_UNIONS[union], parts=parts, notes=_notes(schema))

    def _list(self, schema: Mapping[str, Any], depth: int) -> Shape:
        inner = self.shape(schema["items"], depth + 1) if depth < _DEEPEST else Shape("…")
        return Shape(f"list of {inner.text or 'things'}", inner.target, (*_notes(schema), *inner.notes), inner.fields,
                     inner.label, inner.parts)  # fmt: skip

    def _fields(self, schema: Mapping[str, Any], depth: int) -> tuple[Field, ...]:
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or depth >= _DEEPEST:
            self.is_cut = self.is_cut or bool(properties)
            return ()
        required = schema.get("required")
        required = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
        found = []
        for name, inner in list(properties.items())[:_MOST_OF_ONE]:
            if self._left <= 0:
                self.is_cut = True
                break
            self._left -= 1
            found.append(self.field(name, inner, depth + 1, is_required=name in required))
        self.is_cut = self.is_cut or len(properties) > _MOST_OF_ONE
        return tuple(found)

    def field(self, name: object, schema: Any, depth: int = 0, *, is_required: bool = False, place: str = "") -> Field:
        """A named part with the words that its schema has about it."""
        said: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
        return Field(
            words(name, MOST_NAME), self.shape(schema, depth), is_required, said.get("deprecated") is True,
            words(said.get("description"), 600), place,
        )  # fmt: skip

    def _beside(self, schema: Mapping[str, Any], union: str, depth: int) -> dict[str, Any]:
        """What holds beside the named fields: other schemas, or what the values of any names are."""
        if union and depth < _DEEPEST:
            parts = tuple(self.shape(member, depth + 1) for member in schema[union][:20])
            return {"label": f"and {_UNIONS[union]}", "parts": parts}
        inner = schema.get("additionalProperties")
        if not isinstance(inner, Mapping) or not inner or depth >= _DEEPEST:
            return {}
        return {"label": "each value", "parts": (self.shape(inner, depth + 1),)}


def _type_of(schema: Mapping[str, Any]) -> str:
    said = schema.get("type")
    names = said if isinstance(said, list) else [said]
    found = " or ".join(words(name, 40) for name in names[:6] if words(name))
    if not found:
        found = "object" if "properties" in schema else "choice" if "enum" in schema else "anything"
    return f"{found} or null" if schema.get("nullable") is True else found


def _notes(schema: Mapping[str, Any]) -> tuple[str, ...]:
    found = [form.format(words(schema[name], 200)) for name, form in _NOTES if words(schema.get(name))]
    values = schema.get("enum")
    if isinstance(values, list) and values:
        told = ", ".join("null" if value is None else words(value, 80) for value in values[:40])
        found.append(f"one of {told}{' …' if len(values) > 40 else ''}")
    return tuple(found)
