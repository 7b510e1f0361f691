"""The trail sent on, to real servers on this machine: in order, signed, again after failures, each by itself."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.accounts.subjects import person, system
from portal.audit import chain, tasks
from portal.audit.models import AuditEvent, Destination
from portal.audit.services import record
from portal.audit.streaming import delivery, services
from portal.lib.errors import Invalid, NotFound
from tests.conftest import Cast
from tests.factories.audit import forget_trail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("socket_enabled")]
SignIn = Callable[[User], Client]


class Receiver:
    """A web server that takes what it is sent, or answers with another status."""

    def __init__(self) -> None:
        self.status, self.requests = 204, list[tuple[dict[str, str], bytes]]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((dict(self.headers.items()), body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/audit"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def numbers(self) -> list[int]:
        return [event["number"] for _, body in self.requests for event in json.loads(body)["events"]]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    forget_trail()
    made = Receiver()
    settings.AUDIT_ALLOW = settings.AUDIT_ALLOW_PRIVATE = [f"127.0.0.1:{made.server.server_port}"]
    yield made
    made.server.shutdown()
    made.server.server_close()


def happen(count: int) -> None:
    for number in range(count):
        record(subject=system("test"), action="thing.create", number=number)


def turn() -> None:
    """One turn of the clock, with destinations served in this process."""
    chain.seal_all()
    for pk in delivery.due():
        tasks.deliver(pk)


def webhook(cast: Cast, receiver: Receiver, **values: Any) -> Destination:
    return services.create_destination(
        subject=person(cast.operator), name=values.pop("name", "Siem"), kind="webhook",
        address=values.pop("address", receiver.address), **values,
    )  # fmt: skip


def test_a_webhook_gets_every_event_in_order_and_signed(cast: Cast, receiver: Receiver) -> None:
    hook = webhook(cast, receiver, secret="s3cret")
    happen(250)
    turn()
    assert receiver.numbers == list(range(1, 252))
    assert [len(json.loads(body)["events"]) for _, body in receiver.requests] == [100, 100, 51]
    headers, body = receiver.requests[0]
    parts = dict(part.split("=", 1) for part in headers["X-Callboard-Signature"].split(","))
    expected = hmac.new(b"s3cret", parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    hook.refresh_from_db()
    assert (hook.cursor, hook.lag, hook.failures) == (251, 0, 0)
    assert json.loads(body)["events"][0]["digest"] == AuditEvent.objects.get(number=1).digest


def test_it_tries_again_later_and_loses_nothing(cast: Cast, receiver: Receiver) -> None:
    hook = webhook(cast, receiver)
    receiver.status = 503
    happen(3)
    turn()
    hook.refresh_from_db()
    assert (hook.cursor, hook.failures, hook.last_error) == (0, 1, "127.0.0.1 answered 503.")
    assert delivery.due() == []
    for pause in (20, 40, 80):
        Destination.objects.update(retry_at=timezone.now())
        turn()
        hook.refresh_from_db()
        assert hook.retry_at is not None
        assert timedelta(seconds=pause - 5) < hook.retry_at - timezone.now() < timedelta(seconds=pause + 5)
    receiver.status, receiver.requests = 200, []
    Destination.objects.update(retry_at=timezone.now())
    turn()
    assert receiver.numbers == [1, 2, 3, 4]
    hook.refresh_from_db()
    assert (hook.failures, hook.last_error, hook.retry_at) == (0, "", None)


def test_a_dead_destination_stops_nobody_else(cast: Cast, receiver: Receiver, settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings.AUDIT_ALLOW = settings.AUDIT_ALLOW_PRIVATE = [*settings.AUDIT_ALLOW, f"127.0.0.1:{port}"]
    webhook(cast, receiver, name="A dead one", address=f"http://127.0.0.1:{port}/")
    webhook(cast, receiver, name="Siem", with_past=True)
    happen(2)
    turn()
    assert receiver.numbers == [1, 2, 3, 4]
    assert Destination.objects.get(name="A dead one").failures == 1


def test_a_new_one_begins_now_or_with_the_past(cast: Cast, receiver: Receiver) -> None:
    happen(3)
    chain.seal_all()
    webhook(cast, receiver)
    turn()
    assert receiver.numbers == [4]
    receiver.requests = []
    webhook(cast, receiver, name="All", with_past=True)
    turn()
    assert sorted(receiver.numbers) == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/", "http://elsewhere.example/", "ftp://127.0.0.1/", "https://user:pw@siem.example/", "siem"],
)
def test_it_refuses_addresses_that_operators_do_not_list(cast: Cast, receiver: Receiver, address: str) -> None:
    with pytest.raises(Invalid):
        webhook(cast, receiver, address=address)


def test_only_root_admins_manage_them(cast: Cast, receiver: Receiver) -> None:
    row = webhook(cast, receiver)
    for user in (cast.owner, cast.member, cast.stranger):
        with pytest.raises(NotFound):
            services.update_destination(subject=person(user), destination=row, name="Mine")
    assert "s3cret" not in str(AuditEvent.objects.latest("pk").arguments)


def syslog(cast: Cast, address: str) -> Destination:
    return services.create_destination(subject=person(cast.operator), name="Log", kind="syslog", address=address)


def test_syslog_over_udp_is_one_datagram_an_event(cast: Cast, settings: Settings) -> None:
    forget_trail()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        port = server.getsockname()[1]
        settings.AUDIT_ALLOW = settings.AUDIT_ALLOW_PRIVATE = [f"127.0.0.1:{port}"]
        syslog(cast, f"udp://127.0.0.1:{port}")
        record(subject=system("test"), action="thing.create", text=["x" * 900] * 5)
        turn()
        first, second = server.recv(65535).decode(), server.recv(65535).decode()
    assert first.startswith("<109>1 ")
    assert " callboard - audit_destination.create - {" in first
    assert json.loads(second[second.index("{") :])["arguments"] == {"truncated": True}


class Lines(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.server.got.append(self.rfile.read())  # type: ignore[attr-defined]


def test_syslog_over_tcp_counts_octets(cast: Cast, settings: Settings) -> None:
    forget_trail()
    with socketserver.TCPServer(("127.0.0.1", 0), Lines) as server:
        server.got = []  # type: ignore[attr-defined]
        port = server.server_address[1]
        settings.AUDIT_ALLOW = settings.AUDIT_ALLOW_PRIVATE = [f"127.0.0.1:{port}"]
        syslog(cast, f"tcp://127.0.0.1:{port}")
        happen(2)
        serving = threading.Thread(target=server.handle_request)
        serving.start()
        turn()
        serving.join(5)
        data: bytes = server.got[0]  # type: ignore[attr-defined]
    found = []
    while data:
        length, data = data.split(b" ", 1)
        found.append(json.loads(data[: int(length)].split(b" - ", 2)[2]))
        data = data[int(length) :]
    assert [event["number"] for event in found] == [1, 2, 3]


def test_the_standard_output_gets_json_lines(cast: Cast) -> None:
    forget_trail()
    services.create_destination(subject=person(cast.operator), name="Out", kind="stdout")
    out = io.StringIO()
    with mock.patch("sys.__stdout__", out):
        turn()
    assert json.loads(out.getvalue())["audit"]["action"] == "audit_destination.create"


def test_the_page_adds_tests_changes_and_deletes(as_client: SignIn, cast: Cast, receiver: Receiver) -> None:
    client = as_client(cast.operator)
    assert "The trail stays here" in client.get("/audit/destinations/").content.decode()
    new = "/audit/destinations/new/webhook/"
    bad = client.post(new, {"name": "Siem", "address": "http://10.0.0.1/", "is_enabled": "on"})
    assert bad.status_code == 422
    assert "https only" in bad.content.decode()
    made = client.post(new, {"name": "Siem", "address": receiver.address, "is_enabled": "on"}, follow=True)
    row = Destination.objects.get()
    assert row.secret in made.content.decode()
    assert row.secret not in client.get("/audit/destinations/").content.decode()
    told = client.post(f"/audit/destinations/{row.uid}/test/", follow=True).content.decode()
    assert "took the test event" in told
    assert len(receiver.numbers) == 1
    receiver.status = 500
    told = client.post(f"/audit/destinations/{row.uid}/test/", follow=True).content.decode()
    assert "127.0.0.1 answered 500" in told
    changed = client.post(f"/audit/destinations/{row.uid}/", {"name": "Other", "address": receiver.address})
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.is_enabled, bool(row.secret)) == ("Other", False, True)
    assert client.get("/audit/destinations/new/pigeon/").status_code == 404
    client.post(f"/audit/destinations/{row.uid}/delete/")
    assert not Destination.objects.exists()


def test_the_api_tells_the_secret_once(as_client: SignIn, cast: Cast, receiver: Receiver) -> None:
    client = as_client(cast.operator)
    body = {"name": "Siem", "kind": "webhook", "address": receiver.address}
    made = client.post("/api/v1/audit-destinations/", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"]
    uid = made.json()["uid"]
    assert "secret" not in client.get(f"/api/v1/audit-destinations/{uid}/").json()
    assert client.post(f"/api/v1/audit-destinations/{uid}/test/").json() == {"is_taken": True, "error": ""}
    wrong = client.post("/api/v1/audit-destinations/", {**body, "name": "X", "kind": "syslog"}, "application/json")
    assert wrong.status_code == 400
    assert "udp://" in wrong.content.decode()
