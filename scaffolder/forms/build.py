"""From schemas and values to the fields of a form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from scaffolder.expressions.values import UNDEFINED

from .attributes import asked_fields, html_attributes, is_disabled, is_readonly, note_of
from .choices import allowed_options, only_one, suggested_options
from .defaults import with_defaults
from .entries import Entry, entries_of, more_schema
from .fields import Field, FieldError, FormContext, FormState, Option, Page, Row
from .names import MORE, Path, name_of
from .pickers import picker_of
from .repository_fields import control_id, repository_parts
from .resolve import CHOICES, Active, Choice, Resolver
from .schemas import PageSchema
from .texts import is_hollow, show
from .ui import Schema, hint, label_of
from .widgets import BY_WAS, Widget, widget_of

GROUPS: Final = frozenset({Widget.GROUP, Widget.LIST, Widget.MAP, Widget.CHOICE})
"""Fields whose entries have errors of their own."""


def build_pages(
    pages: Sequence[PageSchema],
    values: Mapping[str, Any],
    errors: Iterable[FieldError] = (),
    *,
    state: FormState | None = None,
    context: FormContext | None = None,
) -> list[Page]:
    """Build the fields of all pages as they are for these values.

    Fields that were not seen before (see ``FormState``) show their defaults, which also count where a condition asks.
    """
    found = list(errors)
    return [build_page(page, values, found, state=state, context=context) for page in pages]


def build_page(
    page: PageSchema,
    values: Mapping[str, Any],
    errors: Iterable[FieldError] = (),
    *,
    state: FormState | None = None,
    context: FormContext | None = None,
) -> Page:
    """Build one page; see ``build_pages``."""
    state = state or FormState()
    builder = Builder(Resolver(page.schema, state.chosen), context or FormContext(), _by_field(page, errors))
    filled = with_defaults(page, dict(values), state.seen, builder.resolver)
    fields = builder.members(page.schema, filled, ())
    return Page(page.number, page.title, page.description, fields, tuple(builder.unclaimed()))


def _by_field(page: PageSchema, errors: Iterable[FieldError]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for error in errors:
        if error.page == page.number:
            found.setdefault(error.field, []).append(error.message)
    return found


class Builder:
    """Builds the fields of one page. ``errors`` holds those that no field has claimed yet."""

    def __init__(self, resolver: Resolver, context: FormContext, errors: dict[str, list[str]]) -> None:
        self.resolver = resolver
        self.context = context
        self.errors = errors

    def unclaimed(self) -> Iterable[str]:
        """The errors that belong to no field which is shown."""
        return (message for messages in self.errors.values() for message in messages)

    def members(self, schema: Schema, value: Any, path: Path) -> tuple[Field, ...]:
        """The fields of an object: its properties in their order, then its choices, then entries of other names."""
        values = value if isinstance(value, dict) else {}
        active = self.resolver.active(schema, values, path)
        asked = asked_fields(schema, self.resolver.root)
        built = {
            key: self.field(active.properties[key], values.get(key, UNDEFINED), (*path, key), key in active.required)
            for key in active.ordered()
        }
        built = {key: replace(item, refreshes=item.refreshes or key in asked) for key, item in built.items()}
        chosen = {name for choice in active.choices for name in choice.names}
        fields = [item for key, item in built.items() if key not in chosen]
        fields += [self._choice(choice, tuple(built[name] for name in choice.names)) for choice in active.choices]
        return (*fields, *self._more(active, values, path))

    def _choice(self, choice: Choice, fields: tuple[Field, ...], label: str = "") -> Field:
        options = [Option(str(i), text, selected=i == choice.selected) for i, text in enumerate(choice.labels)]
        return Field(
            name=choice.name,
            id=control_id(choice.name),
            widget=Widget.CHOICE,
            label=label or "Choose one",
            value=str(choice.selected),
            refreshes=True,
            options=tuple(options),
            fields=fields,
        )

    def _more(self, active: Active, values: Mapping[str, Any], path: Path) -> list[Field]:
        schema = more_schema(active.schema)
        if schema is None or not path:
            return []
        others = {key: value for key, value in values.items() if key not in active.properties}
        return [self.field(schema, others, (*path, MORE))]

    def field(self, schema: Schema | bool, value: Any, path: Path, required: bool = False) -> Field:
        """Build one field with everything inside it."""
        settled = self.resolver.settle(schema)
        widget = widget_of(settled)
        if widget is Widget.TEXT and "\n" in show(widget, value):
            widget = Widget.TEXTAREA  # a text control would lose the line breaks
        plain = self._plain(widget, settled, value, path, required)
        field = self._filled(plain, settled, value, path)
        return replace(field, errors=self._claim(field.name, deep=widget not in GROUPS))

    def _plain(self, widget: Widget, schema: Schema, value: Any, path: Path, required: bool) -> Field:
        name = name_of(path)
        return Field(
            name=name,
            id=control_id(name),
            widget=widget,
            label=label_of(schema, _last_key(path)),
            description=str(hint(schema, "description") or schema.get("description") or ""),
            help=str(hint(schema, "help") or ""),
            placeholder=str(hint(schema, "placeholder") or ""),
            note=note_of(schema),
            shows_label=hint(schema, "label", True) is not False,
            required=required,
            disabled=is_disabled(schema),
            readonly=is_readonly(schema),
            autofocus=hint(schema, "autofocus") is True,
            value=show(widget, value),
            was=json.dumps(value) if widget in BY_WAS and value is not UNDEFINED else "",
            attributes=html_attributes(widget, schema),
            picker=picker_of(schema),
        )

    def _filled(self, field: Field, schema: Schema, value: Any, path: Path) -> Field:
        match field.widget:
            case Widget.GROUP:
                unchecked = "[]" if value is not UNDEFINED and is_hollow(value) else ""
                return replace(field, value="", unchecked=unchecked, fields=self.members(schema, value, path))
            case Widget.LIST | Widget.MAP:
                return self._rows(field, schema, value, path)
            case Widget.CHOICE:
                return self._mixed(field, schema, value, path)
            case Widget.CHECKBOX:
                unchecked = "no" if field.required and value is UNDEFINED else _unchecked(field, value, "false")
                return replace(field, checked=value is True, unchecked=unchecked)
            case Widget.SELECT | Widget.RADIO:
                blank = field.widget is Widget.SELECT and (not field.required or value is UNDEFINED)
                return replace(field, options=allowed_options(schema, value, several=False, blank=blank))
            case Widget.CHECKBOXES | Widget.MULTISELECT:
                items = self.resolver.settle(schema.get("items", {}))
                options = allowed_options({**schema, **items}, value, several=True, blank=False)
                return replace(field, value="", options=options, unchecked=_unchecked(field, value, "[]"))
            case Widget.REPO_URL:
                return replace(field, fields=repository_parts(schema, value, path, self.context))
            case Widget.SECRET:
                return replace(field, value="", is_set=_last_key(path) in self.context.kept_secrets)
            case Widget.FILE:
                return replace(field, value="")
            case Widget.NOTE:
                return replace(field, value="null" if value is None else "")
            case _:
                return self._suggested(field, value)

    def _suggested(self, field: Field, value: Any) -> Field:
        """What the portal suggests; a picker that allows nothing else becomes a list to choose from."""
        if field.picker is None:
            return field
        options = suggested_options(field.picker, self.context.suggest, value)
        if field.picker.allows_others:
            return replace(field, options=options)
        if field.required and field.value == "" and only_one(options):
            options = (replace(options[0], selected=True),)
        if field.widget is Widget.ENTITIES:
            return replace(field, widget=Widget.MULTISELECT, options=options, unchecked=_unchecked(field, value, "[]"))
        blank = () if field.required and any(option.selected for option in options) else (Option("", ""),)
        return replace(field, widget=Widget.SELECT, options=(*blank, *options))

    def _mixed(self, field: Field, schema: Schema, value: Any, path: Path) -> Field:
        """A value of several possible shapes: which one, and the field for it."""
        keyword = next(key for key in CHOICES if schema.get(key))
        name = name_of(path, keyword)
        selected = self.resolver.select(name, schema[keyword], value)
        labels = tuple(label_of(branch, f"Option {i}") for i, branch in enumerate(schema[keyword], start=1))
        inner = self.field(self.resolver.branch(schema, keyword, selected), value, path, field.required)
        return replace(self._choice(Choice(name, labels, selected, ()), (inner,), field.label), required=field.required)

    def _rows(self, field: Field, schema: Schema, value: Any, path: Path) -> Field:
        entries = entries_of(self.resolver, schema, value, path)
        rows = tuple(self._row(entry, path, i, len(entries)) for i, entry in enumerate(entries))
        can_add = hint(schema, "addable", True) is not False and len(rows) < schema.get("maxItems", len(rows) + 1)
        return replace(field, value="", rows=rows, can_add=can_add, unchecked=_unchecked(field, value, "[]"))

    def _row(self, entry: Entry, path: Path, i: int, count: int) -> Row:
        inner = (*path, i)
        field = self.field(entry.schema, entry.value, inner)
        if entry.key is None:
            field = replace(field, label=field.label if field.label != str(i) else f"Entry {i + 1}")
            moves = entry.is_movable
            return Row(str(i), field, None, entry.is_removable, moves and i > 0, moves and i + 1 < count)
        name = name_of(inner, "key")
        key = Field(name=name, id=control_id(name), widget=Widget.TEXT, label="Name", value=entry.key)
        return Row(str(i), replace(field, label="Value"), key, entry.is_removable)

    def _claim(self, name: str, *, deep: bool) -> tuple[str, ...]:
        claimed = [key for key in self.errors if key == name or (deep and key.startswith(f"{name}."))]
        return tuple(message for key in claimed for message in self.errors.pop(key))


def _last_key(path: Path) -> str:
    return "Other entries" if path[-1] == MORE else str(path[-1])


def _unchecked(field: Field, value: Any, text: str) -> str:
    """What an empty control posts: nothing for a value that never was, so that it stays away."""
    return text if field.required or value not in (UNDEFINED, None) else ""
