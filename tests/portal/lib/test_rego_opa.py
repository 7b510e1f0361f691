"""Our side of OPA's two doors: the server's REST API and the program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal.lib.rego import EngineFailure, Module, Reason, Version, evaluate, evaluate_rules
from tests.portal.lib import opa_double
from tests.portal.lib.opa_double import OpaServer

POLICY = Module('package acme\nallow if input.n > limit\nlimit := data.acme.base + 1\nbase := 1\nteam contains "a"')


@pytest.fixture
def server(settings: Settings) -> Iterator[OpaServer]:
    with OpaServer() as found:
        settings.OPA_URL = found.url
        yield found


@pytest.fixture
def binary(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "opa"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {opa_double.__file__} "$@"\n')
    path.chmod(0o755)
    settings.OPA_BINARY = str(path)
    return path


def reason_of(body: str, query: str = "data.acme.x", **limits: Any) -> Reason:
    with pytest.raises(EngineFailure) as found:
        evaluate([Module(body)], {"n": 0}, query, **limits)
    return found.value.reason


def test_it_asks_the_server_and_leaves_nothing_there(server: OpaServer) -> None:
    assert evaluate_rules(POLICY, {"n": 3}, ["allow", "team", "deny"]) == {"allow": True, "team": ["a"]}
    assert server.policies == {}
    assert [method for method, _ in server.asked] == ["PUT", "PUT", "POST", "DELETE", "DELETE"]
    assert "strict-builtin-errors=true" in server.asked[2][1]


def test_it_keeps_two_evaluations_on_one_server_apart(server: OpaServer) -> None:
    evaluate([POLICY], {"n": 3}, "data.acme.limit")
    evaluate([POLICY], {"n": 3}, "data.acme.limit")
    names = {path.split("/")[3] for method, path in server.asked if method == "PUT"}
    assert len(names) == 2


def test_it_takes_refusals_of_the_server_for_failures(server: OpaServer) -> None:
    assert reason_of("package acme\nallow if {") is Reason.COMPILE
    assert reason_of("package acme\nx := 1 / input.n") in {Reason.RULE, Reason.COMPILE}
    assert reason_of("package acme\ny := 1") is Reason.UNDEFINED
    assert server.policies == {}


def test_it_takes_a_server_that_is_away_for_a_failure(settings: Settings) -> None:
    settings.OPA_URL = "http://127.0.0.1:9"
    assert reason_of("package acme\nx := 1") is Reason.ENGINE


def test_it_sends_no_forbidden_built_in_to_a_server(server: OpaServer) -> None:
    assert reason_of('package acme\nx := http.send({"url": "http://127.0.0.1"})') is Reason.FORBIDDEN
    assert server.asked == []


@pytest.mark.usefixtures("binary")
def test_it_asks_the_program_in_the_version_of_the_policy() -> None:
    assert evaluate_rules(POLICY, {"n": 3}, ["allow"]) == {"allow": True}
    old = Module("package acme\nallow { input.n > 1 }", Version.V0)
    assert evaluate([old], {"n": 3}, "data.acme.allow") is True


@pytest.mark.usefixtures("binary")
def test_it_takes_errors_of_the_program_for_failures() -> None:
    assert reason_of("package acme\nallow if {") is Reason.COMPILE
    assert reason_of("package acme\ny := 1") is Reason.UNDEFINED


@pytest.mark.usefixtures("binary")
def test_it_gives_the_program_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "the-keys-of-the-portal")
    found = evaluate([POLICY], {}, "data.spy.environment")
    assert "GOMEMLIMIT" in found
    assert not {"ENCRYPTION_KEYS", "DATABASE_URL", "HOME"} & set(found)


@pytest.mark.usefixtures("binary")
def test_it_ends_a_program_that_hangs() -> None:
    assert reason_of("package acme\nx := 1", "data.slow.answer", timeout=1) is Reason.TIMEOUT


def test_it_takes_a_missing_or_broken_program_for_a_failure(settings: Settings, tmp_path: Path) -> None:
    settings.OPA_BINARY = str(tmp_path / "none")
    assert reason_of("package acme\nx := 1") is Reason.ENGINE
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho not json\n")
    broken.chmod(0o755)
    settings.OPA_BINARY = str(broken)
    assert reason_of("package acme\nx := 1") is Reason.OUTPUT
