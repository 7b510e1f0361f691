"""Between forms and verbs: what a verb refuses lands on the field that it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django import forms

from portal.lib.errors import Conflict, Invalid, PortalError

T = TypeVar("T")


def attempt(form: forms.BaseForm, verb: Callable[[], T]) -> T | None:
    """What ``verb`` returns, or None with its ``Invalid`` or ``Conflict`` on the form; others become error pages."""
    try:
        return verb()
    except (Invalid, Conflict) as error:
        add_error(form, error)
        return None


def add_error(form: forms.BaseForm, error: PortalError) -> None:
    """Put an error on the fields that it names, or on the form as a whole."""
    named = [row for row in error.data.get("errors", []) if row.get("field") in form.fields]
    for row in named:
        form.add_error(row["field"], row["message"])
    if not named:
        form.add_error(None, error.detail)
