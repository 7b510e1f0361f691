"""What authors of policies read before they can save them."""

from __future__ import annotations

import pytest

from portal.lib.rego import Module, Outline, Version, check
from portal.lib.rego.opa import renamed


def problems(body: str, version: Version = Version.V1) -> list[tuple[int, int, str]]:
    return [(row.line, row.column, row.message) for row in check(Module(body, version)).problems]


def test_it_tells_package_and_rules_of_a_good_policy() -> None:
    body = """package acme.login
import rego.v1
default admin := false
allow if f(1)
f(x) := sanitized(x)
roles[s] contains "r" if some s in input.l"""
    assert check(Module(body)) == Outline("acme.login", frozenset({"admin", "allow", "f", "roles"}), ())


def test_it_names_line_and_column_of_a_mistake() -> None:
    [(line, column, message)] = problems("package p\n\nallow if {\n  input.x ==\n}")
    assert (line, column, message) == (5, 1, "Expecting expression.")


def test_it_tells_old_policies_to_choose_their_version() -> None:
    body = "package p\nallow { input.x }"
    [(line, _, message)] = problems(body)
    assert line == 2
    assert "choose v0" in message
    assert problems(body, Version.V0) == []


def test_it_finds_variables_that_nothing_sets() -> None:
    [(line, column, message)] = problems("package p\nallow if { usr == input.user }")
    assert (line, column) == (2, 12)
    assert "is its name right?" in message


def test_it_finds_functions_that_are_not_there() -> None:
    assert problems("package p\nallow if { false; starts_with(input.a, input.b) }") == [
        (2, 19, "There is no function starts_with. Define it, or mend the name.")
    ]
    assert problems("package p\nf(x) := x\nallow if data.p.f(1)") == []


def test_it_names_every_forbidden_built_in_with_its_place() -> None:
    body = (
        'package p\nallow if {\n  time.now_ns() > 1\n  http.send({}) # and http.send again\n  x := "opa.runtime()"\n}'
    )
    found = problems(body)
    assert [row[:2] for row in found] == [(3, 3), (4, 3)]
    assert found[0][2].startswith("time.now_ns is not allowed: the same input must give the same answer")


@pytest.mark.parametrize(
    "body", ["package p\nallow if { xhttp.send(1) }", "package p\nprinter := 1\nallow if printer == 1"]
)
def test_it_takes_no_other_name_for_a_forbidden_one(body: str) -> None:
    assert not any("is not allowed" in row[2] for row in problems(body))


@pytest.mark.parametrize("body", ["", "allow := true", 'package p["q"]\nallow := true'])
def test_it_wants_a_package_in_plain_words(body: str) -> None:
    [(line, _, message)] = problems(body)
    assert line == 1
    assert "package" in message


def test_it_refuses_texts_that_nobody_should_parse() -> None:
    assert "longer than 64 KiB" in problems("package p\n" + "# x\n" * 20_000)[0][2]
    assert problems("package p\n" + "a" * 2000) == [(2, 1000, "A line has at most 1000 characters.")]


def test_it_survives_a_text_that_ends_the_engine() -> None:
    [(_, _, message)] = problems("package p\nx :=\n" + "[\n" * 20_000)
    assert message


def test_it_moves_a_policy_to_another_package_and_leaves_its_words_alone() -> None:
    body = 'package acme\n# data.acme stays\nallow if data.acme.ok\nok if "data.acme" != data.acmes'
    assert renamed(body, "acme", "u1.acme") == (
        'package u1.acme\n# data.acme stays\nallow if data.u1.acme.ok\nok if "data.acme" != data.acmes'
    )
