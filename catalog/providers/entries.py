"""What providers hang into the shell: navigation, and the webhook of a location on its page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.ingestion.keepers import holder_of
from catalog.ingestion.models import Location
from catalog.providers.models import Hook
from catalog.providers.policies import Permission
from catalog.providers.webhooks.matching import parsed
from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.registry import NavItem, Panel, add_nav, add_panel


def register() -> None:
    """Add the entries; called once when the apps are ready."""
    add_nav(NavItem("Providers", "providers:list", "cable", "Platform", 805, Permission.PROVIDER_READ))
    template = "catalog/providers/_location_hook.html"
    add_panel("location_card", Panel("webhook", "Webhook", template, location_webhook, "webhook", 10))


def location_webhook(request: HttpRequest, location: Location) -> dict[str, Any] | None:
    """The webhook of a location; None where no Git host could call, or its provider has the webhook."""
    if location.type != "url" or parsed(location.target) is None or holder_of(location) is not None:
        return None
    subject = subject_of(request)
    may = access.can(subject, Permission.PROVIDER_MANAGE, location)
    return {
        "hook": Hook.objects.filter(location=location).first(),
        "hook_url": reverse("providers:location_hook", args=[location.uid]),
        "refusal": "" if may else access.refusal(Permission.PROVIDER_MANAGE, location.space),
    }
