"""Checks values by JSON Schema (draft 7). Nothing is ever fetched, and no pattern can make it hang."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
from jsonschema_rs import ValidationError

from portal.lib.errors import Invalid

from .names import Path
from .patterns import BACKTRACKS
from .ui import Schema

PART: Final = "callboard:part"
MAX_EXPANSION: Final = 8
NO_SCHEMAS: Final = frozenset({"const", "default", "enum", "examples"})


def compile_schema(schema: Schema | bool) -> jsonschema_rs.Draft7Validator:
    """Compile a schema. Raises jsonschema_rs.ValidationError or ValueError for one that is wrong."""
    return _compile(json.dumps(schema))


@lru_cache(maxsize=256)
def _compile(text: str) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(json.loads(text), offline=True, pattern_options=BACKTRACKS)


def check_schema(schema: Schema, where: str, **data: Any) -> None:
    """Check that a page's schema can be used. ``where`` starts the error's text.

    Raises Invalid with ``data`` path (of the mistake inside the schema) and what else is given.
    """
    for path, reference in _references(schema, ()):
        _check_reference(schema, path, reference, where, **data)
    try:
        compile_schema(schema)
    except ValidationError as error:
        path = tuple(error.instance_path)
        raise Invalid(f"{where}: {_place(path)} {_mistake(error)}", path=list(path), **data) from None
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{where}: the schema cannot be used: {error}", path=[], **data) from None


def is_valid(part: Schema | bool, value: Any, root: Schema) -> bool:
    """Say whether a value fits a part of a page's schema; its references look into ``root``."""
    if isinstance(part, bool):
        return part
    if "$ref" in json.dumps(part):
        # draft 7 ignores what stands beside a reference, so the root lends its definitions without asking for more
        part = {**root, "$ref": f"#/{PART}", PART: part}
    return bool(compile_schema(part).is_valid(value))


def follow(schema: Any, root: Schema, depth: int = MAX_EXPANSION) -> Schema:
    """Replace a local reference by what it points to, with the hints and titles that stand beside it on top."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and depth > 0:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = _target(schema["$ref"], root)
        schema = {**(target if isinstance(target, dict) else {}), **beside}
        depth -= 1
    return schema if isinstance(schema, dict) else {}


def _target(reference: str, root: Schema) -> Any:
    """What a local reference points to, or None."""
    node: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, dict) else _item(node, key)
    return node


def _item(node: Any, key: str) -> Any:
    if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
        return node[int(key)]
    return None


def _references(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, dict):
        are_names = path[-1:] == ("properties",)
        for key, value in node.items():
            if key == "$ref" and not are_names:
                yield path, value
            elif are_names or not (key.startswith("ui:") or key in NO_SCHEMAS):
                yield from _references(value, (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _references(item, (*path, index))


def _check_reference(root: Schema, path: Path, reference: Any, where: str, **data: Any) -> None:
    words = ""
    if not isinstance(reference, str):
        words = "must be a text such as #/definitions/name"
    elif not reference.startswith("#"):
        words = f"points to another document, {reference}, which is never fetched; copy it into the page"
    elif reference.startswith("#/") and _target(reference, root) is None:
        words = f"points to {reference}, which does not exist on this page"
    if words:
        place = (*path, "$ref")
        raise Invalid(f"{where}: {_place(place)} {words}", path=list(place), **data)


def _place(path: Path) -> str:
    return ".".join(str(part) for part in path) or "the schema"


def _mistake(error: ValidationError) -> str:
    value = json.dumps(error.instance, ensure_ascii=False)
    shown = value if len(value) <= 80 else f"{value[:77]}..."
    if error.kind.name == "format" or (error.instance_path and error.instance_path[-1] == "pattern"):
        return f"is {shown}, which is no regular expression"
    if error.kind.name == "type":
        return f"is {shown}, and should be of another type"
    return f"is {shown}, which draft 7 of JSON Schema does not allow"
