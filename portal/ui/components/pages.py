"""What page templates ask for beside components: their script modules."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.ui.components.library import register


@register.simple_tag
def script_module(name: str) -> SafeString:
    """The ``<script type="module">`` for ``static/js/<name>.js``; belongs into the block ``scripts``."""
    return format_html('<script type="module" src="{}"></script>', static(f"js/{name}.js"))
