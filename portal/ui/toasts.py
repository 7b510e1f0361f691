"""A short message from an htmx answer; whole pages use ``django.contrib.messages``."""

from __future__ import annotations

from typing import Literal, TypeVar

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

R = TypeVar("R", bound=HttpResponse)
Tone = Literal["ok", "failed", "waiting", "info"]


def toast(response: R, text: str, tone: Tone = "ok") -> R:
    """``response``, which also makes the browser show ``text``."""
    trigger_client_event(response, "toast", {"text": text, "tone": tone})
    return response
