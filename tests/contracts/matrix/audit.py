"""Addresses of the audit trail: admins read their spaces' events, and root's admins say where all of them go."""

from __future__ import annotations

from portal.accounts.subjects import person
from portal.audit.models import AuditEvent, Destination
from portal.audit.services import record
from tests.contracts.matrix import Row, Stage

ADMINS_PAGE = {"GET": "302 200 404 404 200 200"}
ROOT_PAGE = {"GET": "302 404 404 404 404 200"}
ROOT_API = {"GET": "401 404 404 404 404 200"}
ROOT_POST = {"POST": "302 404 404 404 404 302"}


def destination(stage: Stage) -> dict[str, object]:
    return {"uid": stage.once("destination", lambda: Destination.objects.create(name="Out", kind="stdout").uid)}


def event(stage: Stage) -> dict[str, object]:
    def make() -> AuditEvent:
        return record(subject=person(stage.cast.owner), action="space.update", obj=stage.cast.space)

    return {"uid": stage.once("event", make).uid}


def kind(stage: Stage) -> dict[str, object]:
    return {"kind": "stdout"}


def fields(stage: Stage) -> dict[str, object]:
    return {"name": "Else", "is_enabled": True}


def new(stage: Stage) -> dict[str, object]:
    return {"name": "Else", "kind": "stdout"}


ROWS = [
    Row("audit:list", ADMINS_PAGE, others={"outsider": 404}),
    Row("audit:export", ADMINS_PAGE, others={"outsider": 404}),
    Row("audit:destinations", ROOT_PAGE),
    Row("audit:destination_create", ROOT_PAGE | ROOT_POST, kind, fields),
    Row("audit:destination_change", ROOT_PAGE | ROOT_POST, destination, fields),
    Row("audit:destination_delete", ROOT_POST, destination),
    Row("audit:destination_test", ROOT_POST, destination),
    Row("api-audit-list", {"GET": "401 200 200 200 200 200"}),
    Row("api-audit-export", {"GET": "401 200 200 200 200 200"}),
    Row("api-audit-detail", {"GET": "401 404 404 404 200 200"}, event),
    Row("api-audit-destination-list", {**ROOT_API, "POST": "401 404 404 404 404 201"}, body=new),
    Row(
        "api-audit-destination-detail",
        {**ROOT_API, "PATCH": "401 404 404 404 404 200", "DELETE": "401 404 404 404 404 204"},
        destination,
        fields,
    ),
    Row("api-audit-destination-test", {"POST": "401 404 404 404 404 200"}, destination),
]
