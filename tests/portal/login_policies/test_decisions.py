"""What several policies say together, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.rego import EngineFailure, Module, Reason, Version, evaluate_rules
from portal.login_policies.decisions import ASKED, Decision, Verdict, combine, read_verdict

ALLOW = Verdict(allow=True)
ROOT_ADMIN = frozenset({("root", "admin")})


def asked(body: str, input: Any = None, version: Version = Version.V1) -> Verdict:
    return read_verdict(evaluate_rules(Module(f"package p\n{body}", version), input or {}, ASKED))


def test_it_lets_nobody_in_whom_nothing_lets_in() -> None:
    assert combine([]) == combine([Verdict()]) == Decision(is_allowed=False)


def test_it_needs_one_policy_that_allows() -> None:
    assert combine([Verdict(), ALLOW]) == Decision(is_allowed=True)


def test_it_lets_deny_beat_everything() -> None:
    others = Verdict(allow=True, admin=True, grants=frozenset({("stage", "writer")}), teams=frozenset({"crew"}))
    assert combine([others, Verdict(deny=True, reasons=("from abroad",))]) == Decision(False, reasons=("from abroad",))


def test_it_lets_admins_in_and_makes_them_admins_of_root() -> None:
    assert combine([Verdict(admin=True)]) == Decision(True, is_admin=True, grants=ROOT_ADMIN)


def test_it_lets_deny_admin_take_away_only_that() -> None:
    assert combine([Verdict(admin=True), Verdict(deny_admin=True)]) == Decision(is_allowed=False)
    assert combine([Verdict(allow=True, admin=True), Verdict(deny_admin=True)]) == Decision(is_allowed=True)


def test_it_gives_the_roles_of_all_policies_to_whom_it_lets_in() -> None:
    one, two = frozenset({("stage", "writer")}), frozenset({("wings", "reader")})
    assert combine([Verdict(allow=True, grants=one), Verdict(grants=two)]).grants == one | two
    assert combine([Verdict(grants=one)]) == Decision(is_allowed=False)


def test_it_rewrites_groups_only_where_a_policy_has_a_word_about_them() -> None:
    assert combine([ALLOW]).teams is None
    assert combine([ALLOW, Verdict(teams=frozenset({"b"})), Verdict(teams=frozenset({"a"}))]).teams == ("a", "b")
    assert combine([ALLOW, Verdict(teams=frozenset())]).teams == ()


def test_it_reads_every_rule() -> None:
    body = """allow if true
admin if false
deny_admin if true
roles["stage"] contains "writer"
roles[space.id] contains "reader" if some space in input.spaces
team contains "crew"
sample := true
space_admin contains "a"
space_write contains "b"
space_read contains "c"
"""
    found = asked(body, {"spaces": [{"id": "wings"}]})
    grants = {("stage", "writer"), ("wings", "reader"), ("a", "admin"), ("b", "writer"), ("c", "reader")}
    assert found == Verdict(
        allow=True, deny_admin=True, grants=frozenset(grants), teams=frozenset({"crew"}), sample=True
    )


def test_it_reads_policies_in_the_old_version() -> None:
    body = """allow { input.session.member }
admin { input.session.login == "ada" }
team["crew"] { true }
space_write["stage"] { input.session.teams[_] == "crew" }
roles["wings"]["reader"] { true }
"""
    found = asked(body, {"session": {"member": True, "login": "ada", "teams": ["x", "crew"]}}, Version.V0)
    assert (found.allow, found.admin, found.teams) == (True, True, frozenset({"crew"}))
    assert found.grants == {("stage", "writer"), ("wings", "reader")}


def test_it_tells_a_set_that_is_empty_from_one_that_is_not_there() -> None:
    assert asked("allow if true").teams is None
    assert asked('allow if true\nteam contains "x" if false').teams == frozenset()


def test_it_takes_texts_of_deny_for_reasons() -> None:
    body = 'deny contains "not on Sundays" if input.sunday'
    assert asked(body, {"sunday": True}) == Verdict(deny=True, reasons=("not on Sundays",))
    assert asked(body, {"sunday": False}) == Verdict()


@pytest.mark.parametrize(
    "body",
    [
        'allow := "yes"', 'allow contains "yes"', "admin := 1", "deny := 1", "deny_admin := null", "sample := {}",
        "team := 7", "team contains 7", "roles := [1]", 'roles := {"stage": "writer"}', "roles[1] contains 2",
        'space_admin := "stage"',
    ],
)  # fmt: skip
def test_it_refuses_rules_of_another_shape(body: str) -> None:
    with pytest.raises(EngineFailure) as found:
        asked(body)
    assert found.value.reason in {Reason.OUTPUT, Reason.RULE}
