"""Further HTML attributes of a component: ``hx_get="/x/"`` in a tag becomes ``hx-get="/x/"`` on the element."""

from __future__ import annotations

from typing import Any

from django.forms.utils import flatatt
from django.template import TemplateSyntaxError
from django.utils.safestring import SafeString

_PREFIXES = ("hx_", "sse_", "data_", "aria_")
_NAMES = {
    "id",
    "name",
    "value",
    "title",
    "target",
    "rel",
    "form",
    "role",
    "autofocus",
    "download",
    "accesskey",
    "formaction",
}


def attributes(extra: dict[str, Any]) -> SafeString:
    """``extra`` as escaped attributes; None and False are left out. Unknown names are a mistake in the template."""
    unknown = [name for name in extra if not name.startswith(_PREFIXES) and name not in _NAMES]
    if unknown:
        raise TemplateSyntaxError(
            f"unknown attribute {unknown[0]!r}; use {', '.join(sorted(_NAMES))} or hx_… data_… aria_…"
        )
    return flatatt({name.replace("_", "-"): value for name, value in extra.items() if value is not None})
