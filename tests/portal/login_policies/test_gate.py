"""Real sign-ins under login policies: who gets in, with which roles and groups, and who always does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.identity.gates import SignIn, ask_gates
from portal.login_policies.gate import LoginPolicyFailed, LoginRefused
from portal.login_policies.models import LoginPolicy, PolicyNotice, PolicySample
from portal.spaces.models import Binding, Space
from tests.conftest import Cast
from tests.factories.login_policies import make_policy
from tests.factories.portal import bind, make_group, make_user

pytestmark = pytest.mark.django_db


def sign_in(client: Client, login: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": "password"})


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def roles_of(user: User) -> set[str]:
    return {f"{row.role.slug}@{row.space.slug}" for row in Binding.objects.filter(user=user)}


def trail(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def enter(user: User, **facts: Any) -> SignIn:
    return ask_gates(SignIn(user=user, provider=facts.pop("provider", "corp"), **facts))


def test_it_lets_members_in_without_policies(client: Client) -> None:
    make_user("ada")
    make_policy("deny if true", is_enabled=False)
    assert sign_in(client, "ada").status_code == 302
    assert is_in(client)


def test_it_keeps_out_whom_no_policy_lets_in(client: Client) -> None:
    make_user("ada")
    make_policy('allow if input.session.login == "bob"')
    response = sign_in(client, "ada")
    assert response.status_code == 403
    assert "do not let you in" in response.content.decode()
    assert not is_in(client)
    assert trail("login_policy.refuse")[0].object_label == "ada"
    assert trail("session.refuse")


def test_it_lets_in_whom_a_policy_names(client: Client) -> None:
    make_user("bob")
    make_policy('allow if input.session.login == "bob"')
    make_policy("deny if false")
    assert sign_in(client, "bob").status_code == 302
    assert is_in(client)


def test_it_tells_the_person_nothing_of_the_reasons(client: Client) -> None:
    make_user("ada")
    make_policy('deny contains "on the list of leavers"')
    assert "leavers" not in sign_in(client, "ada").content.decode()
    assert trail("login_policy.refuse")[0].arguments["reasons"] == ["on the list of leavers"]


def test_it_asks_with_address_groups_and_claims() -> None:
    user = make_user("ada")
    make_group("by-hand", user)
    make_policy("""allow if {
    input.request.remote_ip == "10.1.2.3"
    input.request.timestamp_ns > 1700000000000000000
    input.session.teams == ["by-hand", "sso:corp/crew"]
    input.session.claims.department == "stage"
    input.session.provider == "corp"
    input.session.email == "ada@example.com"
    input.session.member
    not input.session.admin
    "root" in [space.id | some space in input.spaces]
    "writer" in [role.id | some role in input.roles]
}""")
    enter(user, address="10.1.2.3", groups=("sso:corp/crew",), claims={"department": "stage"})
    with pytest.raises(LoginRefused):
        enter(user, address="10.9.9.9", groups=("sso:corp/crew",), claims={"department": "stage"})


def test_it_takes_words_of_others_as_words() -> None:
    user = make_user("ada")
    make_policy('allow if input.session.claims.name == "good"\ndeny if input.session.claims.name == "bad"')
    for name in ['good" } allow if true', "good\\", "good\n", "{{ good }}", "good\x00", "\ud800"]:
        with pytest.raises(LoginRefused):
            enter(user, claims={"name": name})


def test_it_gives_roles_for_as_long_as_the_decision_stands(client: Client, cast: Cast, settings: Settings) -> None:
    user = make_user("ada")
    policy = make_policy('allow if true\nroles["stage"] contains "writer"\nspace_read contains "wings"')
    sign_in(client, "ada")
    assert roles_of(user) == {"writer@stage", "reader@wings"}
    ends = set(Binding.objects.filter(user=user).values_list("expires_at", flat=True))
    longest = timezone.now() + timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
    assert all(end is not None and end <= longest for end in ends)
    LoginPolicy.objects.filter(pk=policy.pk).update(body='package p\nallow if true\nroles["stage"] contains "reader"')
    sign_in(Client(), "ada")
    assert roles_of(user) == {"reader@stage"}
    assert {event.actor_label for event in trail("binding.create") if event.arguments["bound"] == "ada"} == {
        "login policy"
    }


def test_it_never_touches_roles_given_by_hand(cast: Cast) -> None:
    user = make_user("ada")
    bind(user, "writer", cast.space)
    policy = make_policy('allow if true\nroles["stage"] contains "writer"\nroles["stage"] contains "reader"')
    enter(user)
    assert roles_of(user) == {"writer@stage", "reader@stage"}
    LoginPolicy.objects.filter(pk=policy.pk).update(body="package p\nallow if true")
    enter(user)
    assert roles_of(user) == {"writer@stage"}
    assert Binding.objects.get(user=user).expires_at is None


def test_it_leaves_a_role_to_whoever_takes_it_over_by_hand(cast: Cast) -> None:
    user = make_user("ada")
    policy = make_policy('allow if true\nroles["stage"] contains "writer"')
    enter(user)
    bind(user, "writer", cast.space)
    LoginPolicy.objects.filter(pk=policy.pk).update(body="package p\nallow if true")
    enter(user)
    assert roles_of(user) == {"writer@stage"}


def test_it_takes_roles_back_when_somebody_is_refused_or_no_policy_is_left(cast: Cast) -> None:
    ada, bob = make_user("ada"), make_user("bob")
    body = 'allow if true\nroles["stage"] contains "writer"'
    policy = make_policy(body)
    enter(ada)
    enter(bob)
    LoginPolicy.objects.filter(pk=policy.pk).update(body="package p\ndeny if true")
    with pytest.raises(LoginRefused):
        enter(ada)
    assert (roles_of(ada), roles_of(bob)) == (set(), {"writer@stage"})
    LoginPolicy.objects.filter(pk=policy.pk).update(is_enabled=False)
    enter(bob)
    assert roles_of(bob) == set()


def test_it_makes_admins_that_it_can_take_back(root: Space) -> None:
    user = make_user("ada")
    bind(make_user("owner"), "admin", root)
    make_policy('admin if input.session.login == "ada"')
    enter(user)
    assert roles_of(user) == {"admin@root"}
    make_policy("deny_admin if true")
    with pytest.raises(LoginRefused):
        enter(user)
    assert roles_of(user) == set()


def test_it_tells_admins_of_spaces_and_roles_that_are_not_there(cast: Cast) -> None:
    user = make_user("ada")
    policy = make_policy('allow if true\nroles["nowhere"] contains "writer"\nroles["stage"] contains "king"')
    enter(user)
    enter(user)
    assert roles_of(user) == set()
    found = {(row.message, row.number) for row in policy.notices.all()}
    assert found == {
        ("There is no space “nowhere” or no role “writer”, so that nothing was given.", 2),
        ("There is no space “stage” or no role “king”, so that nothing was given.", 2),
    }


def test_it_rewrites_groups_and_leaves_those_by_hand(client: Client) -> None:
    user = make_user("ada")
    make_group("by-hand", user)
    make_group("crew")
    policy = make_policy('allow if true\nteam contains "crew"\nteam contains "nobody"')
    sign_in(client, "ada")
    assert set(user.groups.values_list("name", flat=True)) == {"by-hand", "crew"}
    assert [row.message for row in policy.notices.all()] == ["There is no group “nobody”, so that nobody joined it."]
    LoginPolicy.objects.filter(pk=policy.pk).update(body='package p\nallow if true\nteam contains "x" if false')
    sign_in(Client(), "ada")
    assert set(user.groups.values_list("name", flat=True)) == {"by-hand"}


def test_it_refuses_everybody_while_a_policy_fails(client: Client) -> None:
    make_user("ada")
    make_policy("allow if true")
    policy = make_policy("deny if 1 / input.session.nothing == 2\ndeny if 1 / 0 == 1", name="broken")
    response = sign_in(client, "ada")
    assert response.status_code == 403
    page = response.content.decode()
    assert "login policy of this installation failed" in page
    assert "divide" not in page
    assert not is_in(client)
    [event] = trail("login_policy.fail")
    assert (event.object_label, event.arguments["person"], event.arguments["reason"]) == ("broken", "ada", "rule")
    [notice] = policy.notices.all()
    assert (notice.kind, notice.person) == (PolicyNotice.Kind.FAILURE, "ada")
    assert "divide by zero" in notice.message


@pytest.mark.parametrize(
    "body",
    [
        "f(n) := f(n + 1)\nallow if f(1) == 1",
        "allow if count([1 | some i in numbers.range(1, 60000); some j in numbers.range(1, 60000); i != j]) == 0",
        "allow if count([s | some i in numbers.range(1, 90000000); s := {i: i}]) > 0",
        'allow := "yes"',
        "allow := true\nallow := false if true",
    ],
)
def test_it_lets_no_hostile_policy_let_anybody_in(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.login_policies.asking.SECONDS", 1.5)
    user = make_user("ada")
    policy = make_policy(body)
    with pytest.raises(LoginPolicyFailed):
        enter(user)
    assert policy.notices.count() == 1


def test_it_keeps_roles_while_the_policy_fails(cast: Cast) -> None:
    user = make_user("ada")
    policy = make_policy('allow if true\nroles["stage"] contains "writer"')
    enter(user)
    LoginPolicy.objects.filter(pk=policy.pk).update(body="package p\nallow if 1 / 0 == 1")
    with pytest.raises(LoginPolicyFailed):
        enter(user)
    assert roles_of(user) == {"writer@stage"}


def test_it_always_lets_admins_of_root_in_with_their_own_password(client: Client, root: Space) -> None:
    owner = make_user("owner")
    bind(owner, "admin", root)
    make_policy("deny if true")
    make_policy("allow if 1 / 0 == 1")
    assert sign_in(client, "owner").status_code == 302
    assert is_in(client)


def test_it_frees_nobody_else_from_the_policies(root: Space) -> None:
    by_group, by_policy, elsewhere = make_user("grouped"), make_user("chosen"), make_user("owner")
    bind(make_group("admins", by_group), "admin", root)
    bind(elsewhere, "admin", root)
    policy = make_policy("admin if true")
    enter(by_policy)
    assert roles_of(by_policy) == {"admin@root"}
    LoginPolicy.objects.filter(pk=policy.pk).update(body="package p\ndeny if true")
    for user, provider in [(by_group, "password"), (by_policy, "password"), (elsewhere, "corp")]:
        with pytest.raises(LoginRefused):
            enter(user, provider=provider)


def test_it_gives_operators_a_way_back_in(client: Client, root: Space, capsys: pytest.CaptureFixture[str]) -> None:
    policy = make_policy("deny if true", name="nobody at all")
    call_command("create_admin", "rescue", "--disable-login-policies")
    printed = capsys.readouterr()
    policy.refresh_from_db()
    assert not policy.is_enabled
    assert "nobody at all" in printed.err
    assert client.post("/accounts/login/", {"login": "rescue", "password": printed.out.strip()}).status_code == 302


def test_it_keeps_decisions_only_where_a_policy_wants_them() -> None:
    user = make_user("ada")
    quiet = make_policy("allow if true")
    policy = make_policy('sample if input.session.login == "ada"\nallow if true')
    enter(user, claims={"access_token": "very-secret"}, address="10.1.2.3")
    enter(make_user("bob"))
    [sample] = PolicySample.objects.all()
    assert (sample.policy, sample.person, sample.body) == (policy, "ada", policy.body)
    assert sample.outcome["allowed"] is True
    assert sample.input["request"]["remote_ip"] == "10.1.2.3"
    assert "very-secret" not in str(sample.input)
    assert quiet.samples.count() == 0


def test_it_keeps_the_newest_decisions_of_some_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.login_policies.keeping.SAMPLES_KEPT", 2)
    user = make_user("ada")
    policy = make_policy("allow if true\nsample := true")
    for number in range(3):
        enter(user, address=f"10.0.0.{number}")
    kept = [row.input["request"]["remote_ip"] for row in policy.samples.all()]
    assert kept == ["10.0.0.2", "10.0.0.1"]
    PolicySample.objects.update(at=timezone.now() - timedelta(days=8))
    assert list(policy.samples.all().fresh()) == []
    from portal.login_policies.tasks import remove_old_samples_task

    remove_old_samples_task()
    assert policy.samples.count() == 0
