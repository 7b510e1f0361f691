"""Form fields, for Django's bound fields and for ``portal.ui.fields.PlainField`` alike."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.ui.components.library import block_component, register
from portal.ui.fields import PlainField


@register.inclusion_tag("components/form_field.html")
def form_field(field: BoundField | PlainField, label: str = "", help: str = "", wide: bool = False) -> dict[str, Any]:
    """Label, control, help and errors of one field, tied together for screen readers."""
    found = _plain(field) if isinstance(field, PlainField) else _bound(field)
    found["label"] = label or found["label"]
    found["help"] = help or found["help"]
    return {**found, "wide": wide}


def _described(identity: str, has_help: bool, has_errors: bool) -> dict[str, str | bool]:
    ids = [f"{identity}_{part}" for part, there in (("help", has_help), ("errors", has_errors)) if there]
    facts: dict[str, str | bool] = {"aria-describedby": " ".join(ids)} if ids else {}
    return facts | ({"aria-invalid": "true"} if has_errors else {})


def _bound(field: BoundField) -> dict[str, Any]:
    widget = field.field.widget
    identity = field.id_for_label or field.auto_id
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    is_check = isinstance(widget, forms.CheckboxInput)
    classes = "check" if is_check or is_group else "select" if isinstance(widget, forms.Select) else "input"
    described = _described(identity, bool(field.help_text), bool(field.errors))
    attrs = {**described, "class": f"{widget.attrs.get('class', '')} {classes}".strip()}
    if field.field.required and not is_group:
        attrs["required"] = "required"
    return {
        "identity": identity, "label": field.label, "help": field.help_text, "errors": field.errors,
        "is_required": field.field.required, "is_check": is_check, "is_group": is_group, "is_hidden": field.is_hidden,
        "control": _choices(field) if is_group else field.as_widget(attrs=attrs), "plain": None,
    }  # fmt: skip


def _choices(field: BoundField) -> SafeString:
    """Each choice of a group as a row of its own, as ``PlainField`` has them."""
    rows = field.subwidgets
    for row in rows:
        row.data["attrs"]["class"] = "check"
    return format_html_join(
        "\n", '<label class="check-row">{}<span>{}</span></label>', ((row.tag(), row.choice_label) for row in rows)
    )


def _plain(field: PlainField) -> dict[str, Any]:
    described = _described(field.id, bool(field.help), bool(field.errors))
    attrs = {**described, **field.attributes, "placeholder": field.placeholder or None}
    attrs |= {
        "required": field.is_required and field.kind not in {"checkboxes", "checkbox"},
        "disabled": field.is_disabled,
    }
    chosen = {str(item) for item in field.value} if isinstance(field.value, list | tuple | set) else {str(field.value)}
    return {
        "identity": field.id, "label": field.label, "help": field.help, "errors": list(field.errors),
        "is_required": field.is_required, "is_check": field.kind == "checkbox", "plain": field,
        "is_group": field.kind in {"radio", "checkboxes"}, "is_hidden": field.kind == "hidden",
        "attrs": flatatt({name: value for name, value in attrs.items() if value is not None}),
        "choices": [(value, text, str(value) in chosen) for value, text in field.choices],
    }  # fmt: skip


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """What is wrong with a form as a whole; ``form`` is a Django form or a list of sentences."""
    return {"errors": form.non_field_errors() if hasattr(form, "non_field_errors") else form}


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """All fields of a Django form, hidden ones included, after the errors of the whole."""
    return {"form": form}


@block_component("form_actions", "components/form_actions.html")
def form_actions() -> dict[str, Any]:
    """The row of buttons at a form's end."""
    return {}


@register.simple_tag
def required_mark() -> SafeString:
    """The star behind a label."""
    return format_html('<span class="required" title="Required" aria-hidden="true">{}</span>', "*")
