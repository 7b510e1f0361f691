"""Reading a provider while nobody else does, and noting how it went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from catalog.providers.discovering import discover
from catalog.providers.hosts.client import AskedToWait
from catalog.providers.ldap.services import read_directory
from catalog.providers.models import Kind, Provider, State
from catalog.providers.publishing import send_reading
from portal.accounts.subjects import system
from portal.audit import services as audit
from portal.jobs import claims
from portal.lib.errors import PortalError

_LONGEST_WAIT = timedelta(days=1)


def read_provider_now(provider_id: int) -> Provider | None:
    """Read a provider; None where somebody is at it, or it is gone, off, or asked to wait."""
    now = timezone.now()
    wanted = Provider.objects.filter(pk=provider_id, is_enabled=True).exclude(kind=Kind.PUSH).first()
    if wanted is None:
        return None
    if wanted.wait_until and wanted.wait_until > now:
        Provider.objects.filter(pk=provider_id).update(next_at=wanted.wait_until)
        return None
    provider = claims.claim(Provider, provider_id, State.values, to=State.READING)
    if provider is None:
        return None
    with claims.Heartbeat(provider):
        values = _read(provider)
    held = claims.held(provider).update(**values, version=F("version") + 1, lease_until=None)
    # A request that came while it was read may not have been seen by it.
    asked = Provider.objects.filter(pk=provider.pk, again__gt=provider.again, state=State.READ)
    if asked.update(next_at=timezone.now()):
        send_reading(provider.pk)
    provider.refresh_from_db()
    return provider if held else None


def _read(provider: Provider) -> dict[str, Any]:
    usual = timedelta(seconds=provider.every_seconds)
    try:
        counts, error = _counts(provider)
    except AskedToWait as wait:
        # A host that asks to wait is not broken: it is asked again when it said so, and goes on where it was.
        return {"state": State.PAUSED, "error": wait.detail, "wait_until": wait.until, "next_at": wait.until}
    except PortalError as failed:
        failures = provider.failures + 1
        return {
            "state": State.FAILED, "error": failed.detail, "failures": failures,
            "next_at": timezone.now() + min(usual * 2 ** min(failures, 8), _LONGEST_WAIT),
        }  # fmt: skip
    now = timezone.now()
    return {
        "state": State.READ, "error": error, "failures": 0, "outcome": counts, "read_at": now, "next_at": now + usual,
    }  # fmt: skip


def _counts(provider: Provider) -> tuple[dict[str, int], str]:
    """The counts of a reading, and a note where parts of it failed."""
    if provider.kind == Kind.LDAP:
        counts = read_directory(provider)
        note = ""
    else:
        found = discover(provider)
        counts = found.counts()
        note = f"{found.errors} repositories could not be looked at: {found.error}" if found.errors else ""
    if any(counts.get(name) for name in ("added", "changed", "removed")):
        audit.record(subject=system(f"provider {provider.name}"), action="provider.read", obj=provider, counts=counts)
    return counts, note
