"""From what a form posts back to values: typed, nested, and only those of fields that are there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from scaffolder.expressions.values import UNDEFINED

from .defaults import ROUNDS, default_of, with_defaults
from .entity_refs import whole_references
from .entries import entry_schema, fixed_count, more_schema, value_schema
from .fields import FormState, Submission
from .names import MORE, Path, name_of, path_of
from .repositories import PARTS, Repository, read_repository
from .repository_fields import credentials_key, preset
from .resolve import CHOICES, Resolver
from .rows import Buttons
from .schemas import PageSchema
from .texts import read, show
from .ui import Schema, options_of
from .widgets import BY_WAS, Widget, is_empty_allowed, type_of, widget_of

Data = Mapping[str, Sequence[str]]
MANY: Final = frozenset({Widget.ENTITIES, Widget.TAGS, Widget.MULTISELECT, Widget.CHECKBOXES})


def parse_post(page: PageSchema, data: Data, *, keep_blank_rows: bool = False) -> Submission:
    """Read the values of one page from the lists of texts that its controls posted.

    Fields of branches that do not apply are dropped, and so is whatever is empty and not required. A field that
    applies but was not on the page yet gets its default. What does not fit its type stays a text, for ``validate`` to
    refuse. With ``keep_blank_rows`` empty entries of lists stay, as is wanted while the person still fills them in.
    Secrets go to ``secrets`` and never to ``values``.
    """
    resolver = Resolver(page.schema, _chosen(data))
    reader = _Reader(resolver, data, keep_blank_rows)
    values = reader.members(page.schema, ())
    seen = _seen(data)
    values = with_defaults(page, values, seen, resolver)
    secrets = dict(reader.found_secrets.values())
    return Submission(values, secrets, FormState(seen, resolver.chosen), reader.buttons.pressed)


def _chosen(data: Data) -> dict[str, int]:
    """The branches taken: controls whose part is ``oneOf`` or ``anyOf``, with a number when there are several."""
    found = {}
    for name, texts in data.items():
        part = path_of(name)[1]
        if part.startswith(CHOICES) and texts and texts[-1].isdecimal():
            found[name] = int(texts[-1][:4])
    return found


def _seen(data: Data) -> frozenset[str]:
    """The fields on the page, and the groups around them."""
    found = set()
    for name in data:
        keys = path_of(name)[0]
        found |= {name_of(keys[:length]) for length in range(1, len(keys) + 1)}
    return frozenset(found)


class _Reader:
    def __init__(self, resolver: Resolver, data: Data, keep_blank_rows: bool) -> None:
        self.resolver = resolver
        self.data = data
        self.keep_blank_rows = keep_blank_rows
        self.implied: set[Path] = set()
        self.found_secrets: dict[Path, tuple[str, str]] = {}
        self.buttons = Buttons(data)

    def texts(self, name: str) -> Sequence[str]:
        return self.data.get(name, ())

    def text(self, name: str) -> str:
        return next(reversed(self.texts(name)), "")

    def members(self, schema: Schema, path: Path) -> dict[str, Any]:
        """Read an object again until no value makes another field appear."""
        values: dict[str, Any] = {}
        for _ in range(ROUNDS):
            before, values = values, {}
            self._forget_secrets(path)  # of branches that turned out not to apply
            active = self.resolver.active(schema, before, path)
            for key, part in active.properties.items():
                value = self.value(part, (*path, key), key in active.required)
                if value is not UNDEFINED:
                    values[key] = value
            if path and (more := more_schema(active.schema)):
                values |= self._map(more, (*path, MORE))
            if values == before:
                break
        return values

    def value(self, schema: Schema | bool, path: Path, required: bool = False) -> Any:
        """Read one field; UNDEFINED when it is empty."""
        settled = self.resolver.settle(schema)
        widget = widget_of(settled)
        found = self._read(widget, settled, path, required)
        if widget is not Widget.JSON and self._is_hollow(found, path):
            return found if required or self._was_empty(path) else UNDEFINED
        return found

    def _is_hollow(self, value: Any, path: Path) -> bool:
        """Whether a group or list has nothing in it that a person has entered."""
        if isinstance(value, dict):
            inside = (((*path, key), item) for key, item in value.items())
            return all(place in self.implied or self._is_hollow(item, place) for place, item in inside)
        return isinstance(value, list) and not value

    def _was_empty(self, path: Path) -> bool:
        """Whether the form was drawn with a list or group that is empty but there."""
        return any("[]" in self.texts(name_of(path, part)) for part in ("", "list", "was"))

    def _read(self, widget: Widget, schema: Schema, path: Path, required: bool) -> Any:
        match widget:
            case Widget.GROUP:
                return self.members(schema, path)
            case Widget.LIST:
                return self._list(schema, path)
            case Widget.MAP:
                return self._map(schema, path)
            case Widget.CHOICE:
                return self._mixed(schema, path, required)
            case Widget.NOTE:
                return None if self.text(name_of(path)) == "null" else UNDEFINED
            case Widget.REPO_URL:
                return self._address(schema, path, required)
            case Widget.SECRET:
                return self._secret(str(path[-1]), path)
            case _:
                found = self._control(widget, schema, path)
                return "" if found is UNDEFINED and required and is_empty_allowed(schema) else found

    def _control(self, widget: Widget, schema: Schema, path: Path) -> Any:
        name = name_of(path)
        if widget in BY_WAS:
            was = self._was(name)
            return (
                was
                if was is not UNDEFINED and self._is_untouched(widget, schema, path, was)
                else self._written(widget, schema, path)
            )
        if widget is Widget.CHECKBOX:
            return self._checkbox(self.texts(name), path)
        if widget in (Widget.CHECKBOXES, Widget.MULTISELECT):
            items = self.resolver.settle(schema.get("items", {}))
            return [
                read(Widget.SELECT, {**schema, **items}, text) for text in self.texts(name) if text not in ("", "[]")
            ]
        return read(widget, schema, self.text(name))

    def _checkbox(self, texts: Sequence[str], path: Path) -> Any:
        """A required one that nobody has touched says no, but that alone does not make its group one that is given."""
        self.implied.discard(path)
        if "true" in texts or "false" in texts:
            return "true" in texts
        if "no" not in texts:
            return UNDEFINED
        self.implied.add(path)
        return False

    def _was(self, name: str) -> Any:
        try:
            return json.loads(self.text(name_of(path_of(name)[0], "was")))
        except (ValueError, RecursionError):
            return UNDEFINED

    def _is_untouched(self, widget: Widget, schema: Schema, path: Path, was: Any) -> bool:
        """Whether the control still shows what it showed for the value that it was drawn with."""
        name = name_of(path)
        if widget is Widget.FILE:
            return not self.text(name)
        shown = show(widget, was)
        return "\n".join(self.texts(name)).replace("\r\n", "\n") == shown or (
            widget is Widget.ENTITIES and isinstance(was, list) and set(was) == set(filter(None, self.texts(name)))
        )

    def _written(self, widget: Widget, schema: Schema, path: Path) -> Any:
        name = name_of(path)
        texts = [text for text in self.texts(name) if text != "[]"]
        found = read(widget, schema, "\n".join(texts) if widget in MANY else self.text(name))
        if widget in (Widget.ENTITY, Widget.ENTITIES):
            return whole_references(found, schema)
        return found

    def _address(self, schema: Schema, path: Path, required: bool) -> Any:
        """A repository's address. What the form filled in by itself makes none yet."""
        self.implied.discard(path)
        if key := credentials_key(options_of(schema)):
            self._secret(key, path, "token")
        posted = Repository(**{part: self.text(name_of(path, part)).strip() for part in ("host", *PARTS)})
        was = self._was(name_of(path))
        if isinstance(was, str) and read_repository(was) == posted:
            return was
        if not any(posted.part(part) not in ("", preset(part, options_of(schema))) for part in PARTS):
            self.implied.add(path)
            return (posted.address() or UNDEFINED) if required else UNDEFINED
        return posted.address() or UNDEFINED

    def _secret(self, key: str, path: Path, part: str = "") -> Any:
        if text := self.text(name_of(path, part)):
            self.found_secrets[path] = (key, text)
        return UNDEFINED

    def _forget_secrets(self, path: Path) -> None:
        inside = [known for known in self.found_secrets if known[: len(path)] == path]
        for known in inside:
            del self.found_secrets[known]

    def _mixed(self, schema: Schema, path: Path, required: bool) -> Any:
        keyword = next(key for key in CHOICES if schema.get(key))
        selected = self.resolver.select(name_of(path, keyword), schema[keyword], UNDEFINED)
        return self.value(self.resolver.branch(schema, keyword, selected), path, required)

    def _list(self, schema: Schema, path: Path) -> list[Any]:
        found: list[Any] = []
        for index in self.buttons.rows(name_of(path)):
            part = entry_schema(schema, len(found))
            value = self.value(part, (*path, index))
            if value is UNDEFINED and not (self.keep_blank_rows or len(found) < fixed_count(schema)):
                continue
            found.append(self._blank(part) if value is UNDEFINED else value)
        if self.buttons.adds(name_of(path)):
            new = default_of(self.resolver, self.resolver.settle(entry_schema(schema, len(found))))
            found.append(self._blank(entry_schema(schema, len(found))) if new is UNDEFINED else new)
        return found

    def _map(self, schema: Schema, path: Path) -> dict[str, Any]:
        found = {}
        for index in self.buttons.rows(name_of(path)):
            key = self.text(name_of((*path, index), "key"))
            value = self.value(value_schema(schema), (*path, index))
            if key or self.keep_blank_rows:
                found[key] = self._blank(value_schema(schema)) if value is UNDEFINED else value
        if self.buttons.adds(name_of(path)):
            found.setdefault("", self._blank(value_schema(schema)))
        return found

    def _blank(self, schema: Schema | bool) -> Any:
        """What stands for an entry that is there but empty."""
        blank: dict[str, Any] = {"string": "", "object": {}, "array": []}
        return blank.get(type_of(self.resolver.settle(schema)))
