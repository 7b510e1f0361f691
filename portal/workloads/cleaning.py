"""Tokens of jobs are made by the thousand; nobody looks for one a day after its end."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from portal.accounts.models import ApiToken, Workload

KEPT = timedelta(days=1)


def remove_old_tokens() -> int:
    """Delete tokens of CI jobs that ended a day ago; the audit trail keeps who got them. Returns how many."""
    old = ApiToken.objects.filter(workload__kind=Workload.Kind.CI, expires_at__lt=timezone.now() - KEPT)
    number, _ = old.delete()
    return number
