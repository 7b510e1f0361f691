"""The pages of a form, read from the ``parameters`` of a template."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from portal.lib.errors import Invalid

from .checking import check_schema
from .names import Path
from .repair import Repairer
from .ui import Schema, feature_flag_of

DEFAULT_TITLE: Final = "Please enter the following information"


@dataclass(frozen=True, eq=False)
class PageSchema:
    """One page: a JSON Schema of an object, with its ``ui:`` hints inside. ``number`` counts from 1.

    ``notes`` say what in the schema was ignored or set right, each with its path.
    """

    number: int
    title: str
    description: str
    schema: Schema
    notes: tuple[tuple[Path, str], ...] = ()


def read_pages(parameters: Any, flags: Collection[str] | None = None) -> tuple[PageSchema, ...]:
    """Read the pages of a template: one schema or a list of them. The result must not be changed.

    With ``flags``, pages and fields that wait for a feature flag are only there when it is among them; without, all
    are. Raises Invalid, with ``data`` page and path, for a page that is no object or whose schema is wrong.
    """
    try:
        text = json.dumps(parameters)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid(f"The form cannot be read: {error}") from error
    return _read_pages(text, None if flags is None else frozenset(flags))


@lru_cache(maxsize=64)
def _read_pages(text: str, flags: frozenset[str] | None) -> tuple[PageSchema, ...]:
    parameters = json.loads(text) or []
    found = parameters if isinstance(parameters, list) else [parameters]
    pages = [_read_page(number, page) for number, page in enumerate(found, start=1)]
    return tuple(pages) if flags is None else tuple(_for_flags(page, flags) for page in pages if _shows(page, flags))


def _read_page(number: int, page: Any) -> PageSchema:
    if not isinstance(page, dict):
        raise Invalid(f"Page {number} of the form is no object with properties", page=number, path=[])
    repairer = Repairer()
    schema = repairer.repair({key: value for key, value in page.items() if not key.startswith("backstage:perm")})
    assert isinstance(schema, dict)  # noqa: S101 - a dict stays one
    title = str(schema.get("title") or DEFAULT_TITLE)
    check_schema(schema, f'Page {number} of the form ("{title}") has a mistake', page=number)
    return PageSchema(number, title, str(schema.get("description") or ""), schema, tuple(repairer.notes))


def _shows(page: PageSchema, flags: frozenset[str]) -> bool:
    flag = feature_flag_of(page.schema)
    return flag is None or flag in flags


def _for_flags(page: PageSchema, flags: frozenset[str]) -> PageSchema:
    """The page without the fields whose flag is off."""
    properties = page.schema.get("properties")
    if not isinstance(properties, dict):
        return page
    hidden = {name for name, item in properties.items() if isinstance(item, dict) and _is_off(item, flags)}
    if not hidden:
        return page
    schema = {**page.schema, "properties": {n: item for n, item in properties.items() if n not in hidden}}
    schema["required"] = [name for name in schema.get("required", []) if name not in hidden]
    return PageSchema(page.number, page.title, page.description, schema, page.notes)


def _is_off(schema: Schema, flags: frozenset[str]) -> bool:
    flag = feature_flag_of(schema)
    return flag is not None and flag not in flags
