"""What Rego policies answer: both versions, the helpers, and the exact outputs of policies as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.rego import EngineFailure, Module, Reason, Version, evaluate, evaluate_rules, helpers_for

V0, V1 = Version.V0, Version.V1
PLAN = """package spacelift
required := {"owner", "env"}
touched contains r if {
    some r in input.terraform.resource_changes
    some a in r.change.actions
    a in {"create", "update"}
}
deny contains concat("", [r.address, ": tag '", t, "' is required"]) if {
    some r in touched
    some t in required
    not r.change.after.tags[t]
}
warn contains "drift repair needs a human" if input.spacelift.run.drift_detection
flag contains "review:dba" if { some r in touched; startswith(r.type, "aws_db_") }
"""
APPROVAL = """package spacelift
yes contains a.author if { some a in input.reviews.current.approvals; a.author != input.run.creator_session.login }
gated if input.run.state in {"UNCONFIRMED", "PENDING_REVIEW"}
prod if "env:prod" in input.stack.labels
approve if not gated
approve if { prod; count(yes) >= 2; count(input.reviews.current.rejections) == 0 }
approve if { not prod; count(yes) >= 1 }
reject if count(input.reviews.current.rejections) > 1
"""
PUSH = """package spacelift
affected if { some file in input.push.affected_files; startswith(file, input.stack.project_root) }
track if { affected; input.push.branch == input.stack.branch }
cancel contains r.id if { some r in input.in_progress; r.type == "PROPOSED" }
external_dependency contains concat("-", [input.push.hash, "image"]) if track
"""


def answer(body: str, input: Any = None, query: str = "data.p.x", version: Version = V1) -> Any:
    return evaluate([Module(f"package p\n{body}", version), helpers_for("p")], input or {}, query)


def failure(body: str, input: Any = None, **options: Any) -> EngineFailure:
    with pytest.raises(EngineFailure) as found:
        answer(body, input, **options)
    return found.value


def test_it_answers_in_both_versions_of_the_language() -> None:
    assert answer("x if input.n > 1", {"n": 2}) is True
    assert answer("x { input.n > 1 }", {"n": 2}, version=V0) is True
    assert answer('x["a"] { true }\nx["b"] { true }', version=V0) == ["a", "b"]


def test_it_lends_its_helpers_to_policies_of_both_versions() -> None:
    assert answer('x := sanitized("abc")') == "f20015ad"
    assert answer('x := sanitized("abc")', version=V0) == "f20015ad"


def test_it_has_the_hashes_that_policies_of_the_field_use() -> None:
    assert answer('x := crypto.md5("a")') == "0cc175b9c0f1b6a831c399e269772661"
    assert str(answer('x := crypto.hmac.sha256("a", "key")')).startswith("780c3db4ce3de5b9")


def test_it_changes_the_input_within_a_policy() -> None:
    body = 'y if input.n < 3\nx if y with input as {"n": 2}'
    assert answer(body, {"n": 9}) is True


def test_it_asks_rules_one_by_one_and_leaves_out_what_is_undefined() -> None:
    policy = Module('package a.b\nallow if input.ok\ndeny contains "no" if input.bad\nbroken := 1 / 0')
    assert evaluate_rules(policy, {"ok": True}, ["allow", "deny", "team"]) == {"allow": True, "deny": []}
    with pytest.raises(EngineFailure, match="divide by zero"):
        evaluate_rules(policy, {}, ["broken"])


@pytest.mark.parametrize("text", ['say "hi"', "back\\slash", "line\nbreak\ttab", "\u2028 \x00 ☃ 🎭", "{{ x }}", "`"])
def test_it_compares_texts_that_others_chose_as_they_are(text: str) -> None:
    assert answer("x := input.s", {"s": text}) == text
    assert answer("x if input.s == input.t", {"s": text, "t": text}) is True


def test_it_survives_text_that_is_none() -> None:
    assert answer("x := input.s", {"s": "half a pair \ud800"}) == "half a pair ?"


def test_it_keeps_times_in_nanoseconds() -> None:
    assert answer("x := input.n", {"n": 1795449530830893475}) == 1795449530830893475


def test_it_requires_tags_and_flags_databases() -> None:
    change = {"actions": ["create"], "after": {"tags": {"owner": "crew"}}}
    changes = [{"address": "aws_db_instance.a", "type": "aws_db_instance", "change": change}]
    input = {"terraform": {"resource_changes": changes}, "spacelift": {"run": {"drift_detection": True}}}
    assert evaluate_rules(Module(PLAN), input, ["deny", "warn", "flag"]) == {
        "deny": ["aws_db_instance.a: tag 'env' is required"],
        "warn": ["drift repair needs a human"],
        "flag": ["review:dba"],
    }


@pytest.mark.parametrize(("others", "expected"), [(1, {}), (2, {"approve": True})])
def test_it_waits_for_two_others_in_production(others: int, expected: dict[str, bool]) -> None:
    approvals = [{"author": name} for name in ["author", "ada", "bob"][: others + 1]]
    input = {
        "run": {"state": "UNCONFIRMED", "creator_session": {"login": "author"}},
        "stack": {"labels": ["env:prod"]},
        "reviews": {"current": {"approvals": approvals, "rejections": []}},
    }
    assert evaluate_rules(Module(APPROVAL), input, ["approve", "reject"]) == expected


def test_it_tracks_a_push_to_the_branch_of_a_stack() -> None:
    input = {
        "push": {"affected_files": ["infra/main.tf"], "branch": "main", "hash": "abc"},
        "stack": {"project_root": "infra/", "branch": "main"},
        "in_progress": [{"id": "R1", "type": "PROPOSED"}, {"id": "R2", "type": "TRACKED"}],
    }
    asked = ["track", "propose", "ignore", "cancel", "lock", "external_dependency"]
    found = evaluate_rules(Module(PUSH), input, asked)
    assert found == {"track": True, "cancel": ["R1"], "external_dependency": ["abc-image"]}


def test_it_names_the_stacks_to_trigger_and_the_notices_to_send() -> None:
    body = """package spacelift
trigger contains s.id if {
    input.run.state == "FINISHED"
    some s in input.stacks
    concat("", ["after:", input.stack.id]) in s.labels
}
inbox contains {"title": "Failed", "body": input.run.id, "severity": "WARNING"} if input.run.state == "FAILED"
"""
    stacks = [{"id": "db", "labels": ["after:net"]}, {"id": "web", "labels": []}]
    input = {"run": {"state": "FINISHED", "id": "1"}, "stack": {"id": "net"}, "stacks": stacks}
    assert evaluate_rules(Module(body), input, ["trigger", "inbox"]) == {"trigger": ["db"], "inbox": []}
    input["run"] = {"state": "FAILED", "id": "1"}
    found = evaluate_rules(Module(body), input, ["inbox"])
    assert found == {"inbox": [{"title": "Failed", "body": "1", "severity": "WARNING"}]}


def test_it_takes_an_undefined_answer_for_a_failure() -> None:
    found = failure("y := 1")
    assert (found.reason, found.status) == (Reason.UNDEFINED, 503)


def test_it_takes_every_error_of_a_built_in_for_a_failure() -> None:
    found = failure('y := 2\nx := to_number("seven")')
    assert (found.reason, found.line, found.column) == (Reason.RULE, 3, 17)
    assert failure("x := 1 / input.n", {"n": 0}).reason is Reason.RULE
    assert "could not find function any" in failure("x { any([true]) }", version=V0).detail


def test_it_refuses_rules_that_contradict_each_other() -> None:
    assert "conflicts" in failure("x := 1\nx := 2 if true").detail
