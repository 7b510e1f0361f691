"""Whether values may be submitted: each page on its own against its schema, then the rules of the pickers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from jsonschema_rs import ValidationError

from scaffolder.expressions.engine import DEFAULT_HOSTS

from .checking import compile_schema
from .fields import FieldError
from .messages import own_message, words_for
from .names import Path, name_of
from .pickers import RULED_FIELDS, broken_rules
from .schemas import PageSchema
from .ui import Schema, label_of
from .walk import active_fields, dormant_fields, schema_at, with_secrets
from .widgets import enum_of

MOST_ERRORS: Final = 100
MOST_BRANCHES: Final = 4
"""How deep the branches of branches are searched for the error that a person can mend."""


def validate(
    values: Mapping[str, Any],
    pages: Sequence[PageSchema],
    *,
    secrets: Mapping[str, str] | None = None,
    hosts: Mapping[str, str] = DEFAULT_HOSTS,
    whole_addresses: bool = False,
) -> list[FieldError]:
    """Check values as Backstage's server does, and the allow-lists and name rules of the pickers besides.

    Every page is checked alone; no default is put in, and values that no page knows pass. ``secrets`` are checked in
    the place of their fields; no message ever shows a value. ``whole_addresses`` asks, as the form does, that a
    repository address names a configured host and all that this host needs. An empty list says that all is well.
    """
    found: dict[FieldError, None] = {}
    for page in pages:
        checker = _PageChecker(page, with_secrets(page, dict(values), secrets or {}))
        found |= dict.fromkeys(islice(checker.schema_errors(), MOST_ERRORS))
        found |= dict.fromkeys(islice(checker.picker_errors(hosts, whole_addresses), MOST_ERRORS))
    return list(found)


class _PageChecker:
    def __init__(self, page: PageSchema, values: dict[str, Any]) -> None:
        self.page = page
        self.values = values

    def schema_errors(self) -> Iterator[FieldError]:
        """What the page's schema refuses."""
        for error in compile_schema(self.page.schema).iter_errors(self.values):
            yield from self._explain(error, MOST_BRANCHES)

    def picker_errors(self, hosts: Mapping[str, str], whole: bool) -> Iterator[FieldError]:
        """What the pickers refuse. A value whose field does not apply now keeps the rules of some field of its name."""
        checked = set()
        for path, schema, value in active_fields(self.page, self.values):
            checked.add(path)
            for rule in broken_rules(schema, value, hosts, whole=whole):
                yield self._error(path, f"{_label(schema, path)} {rule}")
        for path, messages in self._dormant(hosts, whole).items():
            if path not in checked and all(messages):
                yield self._error(path, messages[0][0])

    def _dormant(self, hosts: Mapping[str, str], whole: bool) -> dict[Path, list[list[str]]]:
        found: dict[Path, list[list[str]]] = {}
        for field in RULED_FIELDS:
            for path, schema, value in dormant_fields(self.page, self.values, field):
                rules = broken_rules(schema, value, hosts, whole=whole)
                found.setdefault(path, []).append([f"{_label(schema, path)} {rule}" for rule in rules])
        return found

    def _explain(self, error: ValidationError, depth: int) -> Iterator[FieldError]:
        """Turn one error into places and words; one of branches into those of the branch that comes closest."""
        path: Path = tuple(error.instance_path)
        details = error.kind.as_dict()
        keyword = error.kind.name
        if "context" in details and not enum_of(schema_at(self.page, self.values, path)):
            closest = _closest(details["context"])
            if closest and depth:
                for inner in closest:
                    yield from self._explain(inner, depth - 1)
                return
        if keyword == "required":
            yield self._refusal((*path, details["property"]), keyword, details, None)
        elif keyword == "additionalProperties":
            for name in details["unexpected"]:
                yield self._error((*path, name), f"{name} is not a field of this form")
        else:
            yield self._refusal(path, keyword, details, error.instance)

    def _refusal(self, path: Path, keyword: str, details: Mapping[str, Any], value: Any) -> FieldError:
        schema = schema_at(self.page, self.values, path)
        if not path:
            return self._error(path, f"The form {words_for(keyword, details, value, {})}")
        parent = schema_at(self.page, self.values, path[:-1]) if path[1:] else self.page.schema
        own = own_message(schema, parent, str(path[-1]), keyword)
        if keyword in ("oneOf", "anyOf") and enum_of(schema):
            keyword = "enum"
        return self._error(path, own or f"{_label(schema, path)} {words_for(keyword, details, value, schema)}")

    def _error(self, path: Path, message: str) -> FieldError:
        return FieldError(name_of(path), message, self.page.number)


def _label(schema: Schema, path: Path) -> str:
    last = path[-1]
    return label_of(schema, f"Entry {last + 1}" if isinstance(last, int) else str(last))


def _closest(branches: list[list[ValidationError]]) -> list[ValidationError]:
    """The errors of the branch that was meant: one that no fixed value rules out, with the fewest errors.

    An empty list says that nothing tells which was meant.
    """
    meant = [
        errors for errors in branches if errors and not any(error.kind.name in ("const", "enum") for error in errors)
    ]
    return min(meant, key=len, default=[])
