"""``manage.py doctor``: what is wrong with this installation, and the mend."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import User
from portal.audit.models import AuditEvent, Destination
from portal.celery import app
from portal.lib.errors import Unavailable
from portal.lib.secrets import decrypt, encrypt
from portal.spaces.models import ROOT_SLUG, Binding
from portal.spaces.permissions import ADMIN
from portal.ui.health import state_of_parts

Finding = tuple[str, str]


def _parts() -> Iterator[Finding]:
    mends = {
        "database": "Is DATABASE_URL right, and does the server run?",
        "migrations": "Run manage.py migrate.",
        "static": "Run manage.py collectstatic.",
    }
    for name, state in state_of_parts().items():
        if state != "ok":
            yield f"{name}: {state}", mends[name]


def _keys() -> Iterator[Finding]:
    try:
        decrypt(encrypt("x"))
    except (Unavailable, ValueError) as error:
        yield f"secrets can not be encrypted: {error}", "Set ENCRYPTION_KEYS to Fernet keys, newest first."


def _broker() -> Iterator[Finding]:
    try:
        with app.connection_for_write(connect_timeout=5) as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
    except Exception as error:
        yield f"the broker does not answer: {error}", "Is CELERY_BROKER_URL right, and does the server run?"


def _tools() -> Iterator[Finding]:
    tofu = settings.TOFU_BINARY or shutil.which("tofu") or shutil.which("terraform")
    if not tofu or not Path(tofu).exists():
        yield "no OpenTofu was found", "Install tofu on PATH or set TOFU_BINARY; stacks of OpenTofu fail until then."


def _admins() -> Iterator[Finding]:
    admins = Binding.objects.filter(space__slug=ROOT_SLUG, role__slug=ADMIN)
    holders = Q(bindings__in=admins) | Q(groups__bindings__in=admins)
    if not User.objects.filter(holders, is_active=True).exists():
        yield "nobody who is active administers the root space", "Run manage.py create_admin NAME."


def _trail() -> Iterator[Finding]:
    late = timezone.now() - timedelta(minutes=5)
    if AuditEvent.objects.filter(number=None, at__lt=late).exists():
        yield "audit events wait to be sealed for minutes", "Does the worker of the queue “keeping” run, and the clock?"
    for row in Destination.objects.filter(is_enabled=True, failures__gt=0):
        mend = f"Mend it or switch it off; {row.lag} events wait."
        yield f"the audit destination “{row}” takes nothing: {row.last_error}", mend


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_parts, _keys, _broker, _tools, _admins, _trail)


class Command(BaseCommand):
    """Look the installation over."""

    help = "Say what is wrong with this installation, and how to mend it. Exits with 1 where something is."
    requires_system_checks: list[str] = []  # it has to run where much is wrong

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each finding, with its mend."""
        findings: list[Finding] = []
        for check in CHECKS:
            try:
                findings += check()
            except DatabaseError as error:
                findings.append((f"the database does not answer: {error}", "Mend that first, then look again."))
                break
        for problem, mend in findings:
            self.stdout.write(f"- {problem}\n  {mend}")
        if findings:
            sys.exit(1)
        self.stdout.write("Nothing is wrong.")
