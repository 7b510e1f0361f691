"""What a browser posts for the fields of a page that nobody touched, as the templates draw them."""

from __future__ import annotations

from collections.abc import Iterable

from scaffolder.forms.fields import Field, Page
from scaffolder.forms.widgets import Widget

Posted = dict[str, list[str]]


def post(page: Page) -> Posted:
    """The names and texts of all controls of a page."""
    data: Posted = {}
    _post_all(page.fields, data)
    return data


def _post_all(fields: Iterable[Field], data: Posted) -> None:
    for field in fields:
        _post(field, data)


def _post(field: Field, data: Posted) -> None:
    if field.was:
        data[f"{field.name}:was"] = [field.was]
    match field.widget:
        case Widget.GROUP | Widget.REPO_URL:
            if field.unchecked:
                data[f"{field.name}:list"] = [field.unchecked]
            _post_all(field.fields, data)
        case Widget.LIST | Widget.MAP:
            _post_rows(field, data)
        case Widget.CHOICE:
            data[field.name] = [field.value]
            _post_all(field.fields, data)
        case Widget.CHECKBOX:
            data[field.name] = [field.unchecked, *(["true"] if field.checked else [])]
        case Widget.CHECKBOXES | Widget.MULTISELECT:
            data[field.name] = [field.unchecked, *(option.value for option in field.options if option.selected)]
        case Widget.SELECT | Widget.RADIO:
            chosen = [option.value for option in field.options if option.selected]
            if field.widget is Widget.SELECT and not chosen:
                chosen = [option.value for option in field.options][:1]  # a browser takes the first
            if chosen:
                data[field.name] = chosen
        case Widget.FILE:
            pass
        case _:
            data[field.name] = [field.value.replace("\n", "\r\n")]


def _post_rows(field: Field, data: Posted) -> None:
    data[f"{field.name}:list"] = [field.unchecked]
    for row in field.rows:
        data.setdefault(f"{field.name}:item", []).append(row.index)
        _post_all([row.field, *([row.key] if row.key else [])], data)
