"""Which hosts and addresses may be connected to."""

from __future__ import annotations

import threading
from ipaddress import ip_address

import pytest
from urllib3.util import parse_url

from portal.lib.errors import Invalid
from portal.lib.fetch import addresses
from portal.lib.fetch.addresses import addresses_of, is_allowed, lookup
from portal.lib.fetch.allow import AllowList
from portal.lib.fetch.errors import AddressNotAllowed, HostNotAllowed, SourceTimeout, SourceUnavailable


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("example.com", "https://example.com/x"),
        ("example.com", "http://example.com"),
        ("example.com", "https://EXAMPLE.com:443/x"),
        ("example.com", "https://example.com./x"),
        ("Example.COM", "https://example.com/x"),
        ("*.example.com", "https://a.example.com/"),
        ("*.example.com", "https://a.b.example.com/"),
        ("example.com:8443", "https://example.com:8443/"),
        ("example.com/docs/", "https://example.com/docs/a.md"),
        ("example.com/", "https://example.com/anything%2e"),
        ("[2001:db8::1]:81", "http://[2001:db8::1]:81/"),
        ("10.0.0.1", "http://10.0.0.1/"),
    ],
)
def test_it_allows_what_fits_a_pattern(pattern: str, url: str) -> None:
    AllowList([pattern]).check(parse_url(url))


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("example.com", "https://example.com:8443/"),
        ("example.com", "http://example.com:443/"),
        ("example.com", "https://sub.example.com/"),
        ("example.com", "https://example.com.evil.test/"),
        ("example.com", "https://evilexample.com/"),
        ("*.example.com", "https://example.com/"),
        ("*.example.com", "https://evilexample.com/"),
        ("example.com:8443", "https://example.com/"),
        ("example.com/docs/", "https://example.com/docs"),
        ("example.com/docs/", "https://example.com/docs/../secret"),
        ("example.com/docs/", "https://example.com/docs/%2e%2e/secret"),
        ("example.com/docs/", "https://example.com/docs/..%2fsecret"),
        ("127.0.0.1", "http://2130706433/"),
        ("127.0.0.1", "http://0x7f.1/"),
    ],
)
def test_it_refuses_what_fits_none_and_says_what_to_allow(pattern: str, url: str) -> None:
    with pytest.raises(HostNotAllowed, match="READING_ALLOW") as caught:
        AllowList([pattern]).check(parse_url(url))
    assert caught.value.data["host"] in caught.value.detail


def test_it_allows_nothing_by_default() -> None:
    with pytest.raises(HostNotAllowed):
        AllowList().check(parse_url("https://example.com"))


@pytest.mark.parametrize("pattern", ["", "https://example.com", "*", "a.*.com", "exa mple.com", "u@example.com", "x:y"])
def test_it_refuses_patterns_that_are_none(pattern: str) -> None:
    with pytest.raises(Invalid, match="pattern"):
        AllowList([pattern])


PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808", "::ffff:8.8.8.8"]
INNER = ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.1"]
INNER += ["64:ff9b::a00:1", "fec0::1", "198.18.0.1", "192.0.2.1", "0.1.2.3"]
NEVER = ["169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1", "0.0.0.0", "::", "255.255.255.255"]
NEVER += [
    "240.0.0.1",
    "fd00:ec2::254",
    "100.100.100.200",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "::ffff:0.0.0.0",
]
NEVER += ["2002:a00:1::", "2001:0:a00:1::", "64:ff9b:1::a00:1", "::10.0.0.1"]


@pytest.mark.parametrize(
    ("group", "public", "private"), [(PUBLIC, True, True), (INNER, False, True), (NEVER, False, False)]
)
def test_it_judges_addresses(group: list[str], public: bool, private: bool) -> None:
    assert {text: is_allowed(ip_address(text), may_be_private=False) for text in group} == dict.fromkeys(group, public)
    assert {text: is_allowed(ip_address(text), may_be_private=True) for text in group} == dict.fromkeys(group, private)


def test_it_refuses_a_name_as_a_whole_when_one_address_is_inside() -> None:
    with pytest.raises(AddressNotAllowed, match="READING_ALLOW_PRIVATE"):
        addresses_of("mixed.test", 443, 1, may_be_private=False, resolve=lambda *_: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("answer", [["169.254.169.254"], ["not an address"]])
def test_it_refuses_addresses_that_no_operator_can_allow(answer: list[str]) -> None:
    with pytest.raises(AddressNotAllowed, match="never read"):
        addresses_of("odd.test", 443, 1, may_be_private=True, resolve=lambda *_: answer)


def test_it_says_that_a_name_has_no_address() -> None:
    with pytest.raises(SourceUnavailable, match="no address"):
        addresses_of("none.test", 443, 1, may_be_private=True, resolve=lambda *_: [])


def test_it_does_not_look_addresses_up() -> None:
    assert addresses_of("[::1]", 80, 1, may_be_private=True, resolve=lambda *_: pytest.fail("looked up")) == ["::1"]


def test_it_gives_up_on_a_slow_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def wait(*_args: object, **_options: object) -> list[object]:
        answered.wait(5)
        return []

    monkeypatch.setattr(addresses.socket, "getaddrinfo", wait)
    with pytest.raises(SourceTimeout, match=r"slow\.test"):
        lookup("slow.test", 80, 0.01)
    answered.set()


def test_it_says_that_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_options: object) -> None:
        raise addresses.socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", unknown)
    with pytest.raises(SourceUnavailable, match="cannot be resolved"):
        lookup("unknown.test", 80, 1)
