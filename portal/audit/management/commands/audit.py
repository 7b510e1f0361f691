"""``manage.py audit``: verify the chain, tell its head, export the trail, remove its old beginning."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.accounts.subjects import system
from portal.audit import chain, retention, services
from portal.audit.exports import FORMATS, lines
from portal.audit.models import AuditEvent, ChainMark
from portal.audit.querysets import day_of, filtered
from portal.lib.errors import PortalError


def remembered(text: str) -> tuple[int, str]:
    """``NUMBER:DIGEST`` as ``manage.py audit head`` prints it."""
    number, colon, digest = text.strip().partition(":")
    if not (colon and number.isdecimal() and len(digest) == 64):
        raise ArgumentTypeError(f"{text!r} is no head; give NUMBER:DIGEST as “manage.py audit head” prints it")
    return int(number), digest


def day(text: str) -> datetime:
    """A day as 2026-01-31, from its first moment in the portal's time zone."""
    try:
        return timezone.make_aware(datetime.combine(datetime.fromisoformat(text).date(), datetime.min.time()))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as 2026-01-31") from error


class Command(BaseCommand):
    """Work on the trail."""

    help = "Verify, export and keep the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command each."""
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser("verify", help="Go along the chain; exits with 1 where something is wrong.")
        verify.add_argument(
            "--head", action="append", default=[], type=remembered, metavar="NUMBER:DIGEST",
            help="A head that you kept elsewhere; may be repeated.",
        )  # fmt: skip
        commands.add_parser("head", help="Print the head of the chain, to keep it elsewhere.")
        export = commands.add_parser("export", help="Write the trail to standard output, the oldest event first.")
        export.add_argument("--format", choices=sorted(FORMATS), default="jsonl")
        export.add_argument("--since", default="", help="First day, as 2026-01-31.")
        export.add_argument("--until", default="", help="Last day, included.")
        export.add_argument("--action", action="append", default=[], help="For example stack.create, or stack.*")
        prune = commands.add_parser("prune", help="Remove the old beginning of the trail.")
        prune.add_argument("--before", type=day, help="Keep this day and later; AUDIT_RETENTION_DAYS without it.")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Do it; a ``PortalError`` becomes one line."""
        try:
            getattr(self, f"_{command}")(options)
        except PortalError as error:
            raise CommandError(error.detail) from error

    def _verify(self, options: dict[str, Any]) -> None:
        report = chain.verify(options["head"])
        self.stdout.write(f"{report.checked} events fit; {report.unsealed} wait to be sealed.")
        for problem in report.problems:
            self.stderr.write(problem)
        if report.is_full:
            self.stderr.write("There may be more; the search ended here.")
        if not report.is_whole:
            sys.exit(1)

    def _head(self, options: dict[str, Any]) -> None:
        chain.seal_all()
        self.stdout.write(str(chain.mark(ChainMark.Name.HEAD)))

    def _export(self, options: dict[str, Any]) -> None:
        chain.seal_all()
        since, until = day_of(options["since"], "since"), day_of(options["until"], "until")
        found = filtered(AuditEvent.objects.all(), actions=options["action"], since=since, until=until)
        services.record(subject=system("command line"), action="audit.export", format=options["format"])
        for line in lines(found.order_by("pk").iterator(1000), options["format"]):
            self.stdout.write(line, ending="")

    def _prune(self, options: dict[str, Any]) -> None:
        before = options["before"] or retention.limit_of_retention()
        if before is None:
            raise CommandError("AUDIT_RETENTION_DAYS is 0: events are kept for ever. Give --before to remove some.")
        count = retention.prune(before, subject=system("command line"))
        self.stdout.write(f"{count} events from before {before:%Y-%m-%d} are gone.")
