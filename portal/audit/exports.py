"""The trail as files: CSV for spreadsheets (RFC 4180) and JSON lines for programs, written row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services
from portal.audit.models import AuditEvent
from portal.lib.errors import Invalid

COLUMNS = (
    "number", "uid", "at", "actor", "roles", "action", "object_type", "object_id", "object_label", "space",
    "arguments", "address", "digest",
)  # fmt: skip
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
# Spreadsheets take text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row_of(event: AuditEvent) -> dict[str, Any]:
    """An event as exports and streams tell it."""
    return {
        "number": event.number, "uid": str(event.uid),
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor": event.actor_label, "roles": event.roles, "action": event.action, "object_type": event.object_type,
        "object_id": event.object_id, "object_label": event.object_label, "space": event.space_label,
        "arguments": event.arguments, "address": event.address, "digest": event.digest,
    }  # fmt: skip


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(events: Iterable[AuditEvent], form: str) -> Iterator[str]:
    """The file, line by line; ``form`` is one of ``FORMATS``."""
    if form == "jsonl":
        for event in events:
            yield json.dumps(row_of(event), ensure_ascii=False) + "\n"
        return
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for event in events:
        yield writer.writerow([_cell(value) for value in row_of(event).values()])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        text = " ".join(str(item) for item in value)
    elif isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    # SECURITY: an apostrophe keeps a spreadsheet from running what somebody named their service.
    return f"'{text}" if text.startswith(_FORMULA) else text


def answer(
    *, subject: Subject, events: QuerySet[AuditEvent], form: str, asked: dict[str, Any]
) -> StreamingHttpResponse:
    """A download of ``events``, the oldest first, whose taking is an event itself. Raises ``Invalid``."""
    if form not in FORMATS:
        message = f"“{form[:20]}” is no form of export; ask for csv or jsonl."
        raise Invalid(message, errors=[{"field": "format", "message": message}])
    filters = {name: str(value) for name, value in asked.items() if value}
    services.record(subject=subject, action="audit.export", format=form, filters=filters)
    rows = events.select_related(None).order_by("pk").iterator(1000)
    response = StreamingHttpResponse(lines(rows, form), content_type=FORMATS[form])
    name = f"audit-{timezone.now():%Y%m%d-%H%M%S}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
