"""Reading over HTTP: every hop checked, one deadline, bounded bodies, credentials that stay where they belong."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.fetch.errors import (
    AddressNotAllowed,
    BadUrl,
    HostNotAllowed,
    SourceGone,
    SourceRefused,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from tests.portal.lib.certificates import make_certificate
from tests.portal.lib.servers import Server, serving, talking


def here(*_question: object) -> list[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on loopback."""
    with serving() as running:
        yield running


def fetcher(*ports: int, host: str = "127.0.0.1", **options: Any) -> Fetcher:
    """A fetcher that may read from loopback at these ports."""
    allowed = [f"{host}:{port}" for port in ports]
    return Fetcher(AllowList(allowed, allowed), **{"resolve": here, "deadline": 5, **options})


def test_it_reads_a_body_with_its_facts(server: Server) -> None:
    server.says(
        "/a.yaml", b"kind: X", ETag='"v1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT", Content_Type="text/x"
    )
    response = fetcher(server.port).get(server.url("/a.yaml"))
    assert (response.status, response.body, response.etag) == (200, b"kind: X", '"v1"')
    assert response.last_modified == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert (response.content_type, response.final_url) == ("text/x", server.url("/a.yaml"))


def test_it_asks_for_a_newer_version_only(server: Server) -> None:
    server.says("/a", b"", 304, ETag='"v1"')
    response = fetcher(server.port).read(server.url("/a"), etag='"v1"', last_modified="yesterday")
    assert response.not_modified
    sent = server.seen[0][2]
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"v1"', "yesterday")


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, SourceRefused), (403, SourceRefused), (404, SourceGone), (410, SourceGone), (500, SourceUnavailable)],
)
def test_it_says_what_a_bad_status_means(server: Server, status: int, error: type[PortalError]) -> None:
    server.says("/a", b"oh", status)
    with pytest.raises(error, match=r"127\.0\.0\.1") as caught:
        fetcher(server.port).read(server.url("/a?token=hidden"))
    assert "hidden" not in str(caught.value)
    assert fetcher(server.port).get(server.url("/a")).body == b"oh"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://user:secret@127.0.0.1/",
        "//127.0.0.1/",
        "/relative",
        "",
        "http://",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1\\@evil.test/",
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
)
def test_it_refuses_bad_addresses(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        fetcher(80).get(url)
    assert "secret" not in str(caught.value)


def test_it_refuses_a_private_address_that_is_not_allowed_as_such(server: Server) -> None:
    only_listed = Fetcher(AllowList([f"inner.test:{server.port}"]), resolve=here)
    with pytest.raises(AddressNotAllowed, match=r"inner\.test"):
        only_listed.get(server.url(host="inner.test"))
    assert server.seen == []


def test_it_connects_to_the_address_that_was_checked(server: Server) -> None:
    server.says("/", b"right")
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    response = fetcher(server.port, host="rebind.test", resolve=lambda *_: next(answers)).get(
        server.url(host="rebind.test")
    )
    assert response.body == b"right"
    assert server.seen[0][2]["Host"] == f"rebind.test:{server.port}"


def test_it_tries_the_next_address(server: Server) -> None:
    server.says("/", b"second")
    two = fetcher(server.port, host="two.test", resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert two.get(server.url(host="two.test")).body == b"second"


def test_it_follows_redirects_to_allowed_hosts(server: Server) -> None:
    server.redirects("/a", "/b", 301)
    server.redirects("/b", server.url("/c"), 307)
    server.says("/c", b"there")
    response = fetcher(server.port).get(server.url("/a"))
    assert (response.body, response.final_url) == (b"there", server.url("/c"))


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("http://elsewhere.test/", HostNotAllowed),
        ("http://169.254.169.254/latest/meta-data", HostNotAllowed),
        ("http://u:p@127.0.0.1/", BadUrl),
        ("file:///etc/passwd", BadUrl),
        ("gopher://127.0.0.1/", BadUrl),
    ],
)
def test_it_checks_every_hop(server: Server, target: str, error: type[PortalError]) -> None:
    server.redirects("/a", target)
    with pytest.raises(error):
        fetcher(server.port).get(server.url("/a"))


def test_it_stops_following_in_circles(server: Server) -> None:
    server.redirects("/a", "/a")
    with pytest.raises(SourceUnavailable, match="redirects"):
        fetcher(server.port, max_redirects=3).get(server.url("/a"))
    assert len(server.seen) == 4


def test_it_does_not_follow_a_post(server: Server) -> None:
    server.redirects("/a", "/b")
    assert fetcher(server.port).request("POST", server.url("/a"), body=b"x").status == 302


def test_it_keeps_credentials_from_other_origins(server: Server) -> None:
    secret = {"Authorization": "Bearer t", "PRIVATE-TOKEN": "t", "Cookie": "t", "Accept": "text/x"}
    with serving() as other:
        server.redirects("/a", "/same")
        server.redirects("/same", other.url("/b"))
        other.says("/b", b"")
        fetcher(server.port, other.port).get(server.url("/a"), secret)
    assert "Authorization" in server.seen[1][2]
    there = other.seen[0][2]
    assert there["Accept"] == "text/x"
    assert not {"Authorization", "PRIVATE-TOKEN", "Cookie"} & set(there)


def test_it_sends_no_token_in_the_clear_to_public_hosts() -> None:
    public = Fetcher(AllowList(["public.test"]), resolve=lambda *_: ["8.8.8.8"])
    with pytest.raises(BadUrl, match="https"):
        public.get("http://public.test/", {"Authorization": "Bearer t"})


def test_it_refuses_bad_headers_without_showing_them(server: Server) -> None:
    with pytest.raises(BadUrl) as caught:
        fetcher(server.port).get(server.url(), {"Authorization": "Bearer t0ken\r\nX: y"})
    assert "t0ken" not in str(caught.value)


def test_it_ignores_proxies_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.says("/", b"direct")
    assert fetcher(server.port).get(server.url()).body == b"direct"


def test_it_refuses_a_body_that_says_it_is_too_large(server: Server) -> None:
    server.says("/", b"x" * 101)
    with pytest.raises(SourceTooLarge):
        fetcher(server.port, max_bytes=100).get(server.url())


def test_it_stops_reading_an_endless_body(server: Server) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 10_000)

    server.replies["/"] = endless
    with pytest.raises(SourceTooLarge):
        fetcher(server.port, max_bytes=50_000).get(server.url())


def test_it_unpacks_gzip_of_several_members(server: Server) -> None:
    server.says("/", gzip.compress(b"one ") + gzip.compress(b"two"), Content_Encoding="gzip")
    assert fetcher(server.port).get(server.url()).body == b"one two"


def test_it_stops_at_a_decompression_bomb(server: Server) -> None:
    server.says("/", gzip.compress(b"\0" * 5_000_000), Content_Encoding="gzip")
    with pytest.raises(SourceTooLarge):
        fetcher(server.port, max_bytes=100_000).get(server.url())


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"junk", "gzip"), (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip"), (b"x", "br"), (b"x", "gzip, gzip")],
)
def test_it_refuses_broken_or_unknown_encodings(server: Server, body: bytes, encoding: str) -> None:
    server.says("/", body, Content_Encoding=encoding)
    with pytest.raises(SourceUnavailable):
        fetcher(server.port).get(server.url())


def test_it_says_that_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=f"127.0.0.1:{port}"):
        fetcher(port).get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_it_gives_up_on_a_host_that_drips(start: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        for _byte in range(200):
            connection.sendall(b"x" if b"\r\n\r\n" in start else b"X")
            time.sleep(0.02)

    with talking(drip) as port:
        began = time.monotonic()
        with pytest.raises(SourceTimeout, match=r"0\.15 seconds"):
            fetcher(port, deadline=0.15).get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - began < 1


def test_it_gives_up_on_a_tls_handshake_that_drips(tmp_path: Path) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _byte in range(200):
            connection.sendall(b"\x02")
            time.sleep(0.02)

    with talking(drip) as port, pytest.raises(SourceTimeout):
        fetcher(port, deadline=0.15).get(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"])
def test_it_says_that_an_answer_makes_no_sense(answer: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)

    with talking(talk) as port, pytest.raises(SourceUnavailable, match="cannot be read"):
        fetcher(port).get(f"http://127.0.0.1:{port}/")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for good.test, and a client that trusts it."""
    path = make_certificate(tmp_path_factory.mktemp("tls"), "good.test")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


def test_it_verifies_the_name_that_was_asked_for(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with serving(certified[0]) as server:
        server.says("/", b"private")
        good = fetcher(server.port, host="good.test", tls=certified[1])
        assert good.get(f"https://good.test:{server.port}/").body == b"private"
        evil = fetcher(server.port, host="evil.test", tls=certified[1])
        with pytest.raises(SourceUnavailable, match=r"evil\.test"):
            evil.get(f"https://evil.test:{server.port}/")
        untrusting = fetcher(server.port, host="good.test")
        with pytest.raises(SourceUnavailable, match="certificate"):
            untrusting.get(f"https://good.test:{server.port}/")


def test_it_does_not_follow_from_https_to_http(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with serving(certified[0]) as server:
        server.redirects("/", f"http://good.test:{server.port}/")
        with pytest.raises(SourceUnavailable, match="https to http"):
            fetcher(server.port, host="good.test", tls=certified[1]).get(f"https://good.test:{server.port}/")
