"""Verbs, pages and endpoints of login policies: who may, what is refused, what a change ends, and trying out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.audit.models import AuditEvent
from portal.lib.errors import Invalid, NotFound
from portal.login_policies.bindings import follow
from portal.login_policies.decisions import Decision, Verdict
from portal.login_policies.keeping import keep_samples, note
from portal.login_policies.models import LoginPolicy, PolicyNotice
from portal.login_policies.services import create_policy, delete_policy, update_policy
from portal.sessions.models import BrowserSession
from portal.spaces.models import Binding
from tests.conftest import Cast
from tests.factories.login_policies import make_policy
from tests.factories.portal import make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
BODY = "package p\nallow if input.session.member"


def enter(user: User) -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": user.username, "password": "password"}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def form(**values: Any) -> dict[str, Any]:
    return {"name": "gate", "version": "v1", "body": BODY, "act": "save", **values}


def page_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.mark.parametrize("name", ["owner", "member", "stranger"])
def test_it_hides_policies_from_everybody_but_admins_of_root(cast: Cast, name: str) -> None:
    policy = make_policy(is_enabled=False)
    subject = cast.subject(name)
    with pytest.raises(NotFound):
        create_policy(subject=subject, name="mine", body=BODY)
    with pytest.raises(NotFound):
        update_policy(subject=subject, policy=policy, body=BODY)
    with pytest.raises(NotFound):
        delete_policy(subject=subject, policy=policy)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("package p\nallow if {", "Line "),
        ("package p\nallow if http.send({})", "Line 2, column 10: http.send is not allowed"),
        ("package p\nallowed if true", "decides nothing"),
        ("allow if true", "package"),
    ],
)
def test_it_saves_nothing_that_can_not_decide(body: str, message: str) -> None:
    with pytest.raises(Invalid) as found:
        create_policy(subject=system(), name="gate", body=body)
    assert message in found.value.data["errors"][0]["message"]
    assert found.value.data["errors"][0]["field"] == "body"
    assert not LoginPolicy.objects.exists()


def test_it_ends_all_other_sessions_when_it_changes_who_gets_in(cast: Cast) -> None:
    mine, others = enter(cast.operator), enter(cast.member)
    second = enter(cast.operator)
    response = mine.post("/login-policies/new/", form(is_enabled="on"))
    assert response.status_code == 302
    assert [is_in(client) for client in (mine, others, second)] == [True, False, False]
    [event] = AuditEvent.objects.filter(action="login_policy.create")
    assert (event.actor_label, event.arguments["sessions_ended"]) == ("operator", 2)


def test_it_ends_no_session_when_nobody_gets_in_differently(cast: Cast) -> None:
    operator, others = enter(cast.operator), enter(cast.member)
    policy = make_policy(is_enabled=False)
    address = f"/login-policies/{policy.uid}/"
    assert operator.post(address, form(name="renamed", body=policy.body)).status_code == 302
    assert operator.post(address, form(name="renamed", body=BODY)).status_code == 302
    assert is_in(others)
    policy.refresh_from_db()
    assert (policy.name, policy.body) == ("renamed", BODY)
    assert (
        operator.post(address, form(name="renamed", description="why", body=BODY, is_enabled="on")).status_code == 302
    )
    assert not is_in(others)


@pytest.mark.parametrize("change", ["update", "switch off", "delete"])
def test_it_takes_back_what_the_old_policies_gave(cast: Cast, change: str) -> None:
    policy = make_policy('allow if true\nroles["stage"] contains "reader"')
    follow(cast.stranger, [("stage", "reader")])
    BrowserSession.objects.create(
        session_key="x" * 64, session_data="", expire_date="2100-01-01T00:00Z", user=cast.member
    )
    if change == "delete":
        delete_policy(subject=system(), policy=policy)
    else:
        values = {"body": BODY} if change == "update" else {"is_enabled": False}
        update_policy(subject=system(), policy=policy, **values)
    assert not Binding.objects.filter(user=cast.stranger, space=cast.space).exists()
    assert not BrowserSession.objects.filter(user=cast.member).exists()


def test_it_asks_once_more_who_it_is(cast: Cast) -> None:
    client = enter(cast.operator)
    session = client.session
    session["proved_at"] = 0
    session.save()
    response = client.get("/login-policies/new/")
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]


def test_it_keeps_labels_apart_when_it_is_saved_again(cast: Cast) -> None:
    client = enter(cast.operator)
    policy = make_policy(labels=["people", "office"], is_enabled=False)
    assert 'value="people, office"' in page_of(client.get(f"/login-policies/{policy.uid}/"))
    client.post(f"/login-policies/{policy.uid}/", form(labels="people, office ,people"))
    policy.refresh_from_db()
    assert policy.labels == ["people", "office"]


def test_it_shows_the_place_of_a_mistake_and_keeps_what_was_typed(cast: Cast, as_client: SignIn) -> None:
    client = enter(cast.operator)
    response = client.post("/login-policies/new/", form(body="package p\nallow { true }"))
    assert response.status_code == 422
    page = page_of(response)
    assert "Line 2, column 7" in page
    assert "choose v0 as its version" in page
    assert "allow { true }" in page
    assert not LoginPolicy.objects.exists()


def test_it_tries_a_text_out_before_it_is_saved(cast: Cast) -> None:
    make_policy('deny contains "closed" if input.session.login == "stranger"', name="closed days")
    client = enter(cast.operator)
    body = 'package p\nallow if input.session.login\nroles["stage"] contains "writer"'
    typed = form(act="try", body=body, login="stranger", provider="corp")
    page = page_of(client.post("/login-policies/new/", typed))
    assert "This policy alone" in page
    assert "closed" in page
    assert "closed days" in page
    assert 'writer in <span class="mono">stage</span>' in page
    assert list(LoginPolicy.objects.values_list("name", flat=True)) == ["closed days"]
    assert not Binding.objects.filter(user=cast.stranger, space=cast.space).exists()


def test_it_tries_out_a_whole_input(cast: Cast) -> None:
    client = enter(cast.operator)
    body = "package p\nallow if input.session.claims.age > 17"
    asked = '{"session": {"claims": {"age": 18}}}'
    assert "Allowed" in page_of(client.post("/login-policies/new/", form(act="try", body=body, input=asked)))
    refused = client.post("/login-policies/new/", form(act="try", body=body, input="{"))
    assert refused.status_code == 422
    assert "This is no JSON" in page_of(refused)
    nobody = client.post("/login-policies/new/", form(act="try", body=body))
    assert "Name a person" in page_of(nobody)


def test_it_says_when_a_tried_policy_fails_or_would_not_be_asked(cast: Cast) -> None:
    client = enter(cast.operator)
    typed = form(act="try", body="package p\nallow if 1 / 0 == 1", login="operator", provider="password")
    page = page_of(client.post("/login-policies/new/", typed))
    assert "divide by zero" in page
    assert "always get in" in page


def test_it_shows_notices_and_lets_them_be_cleared(cast: Cast) -> None:
    policy = make_policy(is_enabled=False)
    note(policy, PolicyNotice.Kind.FAILURE, "Line 2, column 1: <b>divide</b> by zero", "ada")
    client = enter(cast.operator)
    assert "&lt;b&gt;divide&lt;/b&gt; by zero" in page_of(client.get(f"/login-policies/{policy.uid}/"))
    client.post(f"/login-policies/{policy.uid}/clear/")
    assert policy.notices.count() == 0


def test_it_shows_a_kept_decision_with_what_changed_since(cast: Cast) -> None:
    policy = make_policy("allow if true", is_enabled=False)
    decision = Decision(True, grants=frozenset({("stage", "writer")}))
    keep_samples([(policy, Verdict(sample=True))], {"session": {"login": "ada"}}, decision, "ada")
    LoginPolicy.objects.update(body="package p\nallow if false")
    client = enter(cast.operator)
    page = page_of(client.get(f"/login-policies/{policy.uid}/?sample={policy.samples.get().uid}"))
    assert "The policy has changed since" in page
    assert "&quot;login&quot;: &quot;ada&quot;" in page
    assert "writer in" in page


def test_it_lists_policies_with_their_notices(cast: Cast) -> None:
    client = enter(cast.operator)
    assert "No login policy yet" in page_of(client.get("/login-policies/"))
    note(make_policy(name="strict", is_enabled=False), PolicyNotice.Kind.FAILURE, "x", "ada")
    page = page_of(client.get("/login-policies/"))
    assert "No policy is enabled" in page
    assert "strict" in page


@pytest.fixture
def api(cast: Cast, client: Client) -> Client:
    token = make_token(cast.operator)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_it_is_managed_by_the_api(api: Client, cast: Cast) -> None:
    others = enter(cast.member)
    made = api.post("/api/v1/login-policies", {"name": "gate", "body": BODY}, "application/json")
    assert made.status_code == 201
    address = f"/api/v1/login-policies/{made.json()['uid']}"
    assert made.json()["is_enabled"] is False
    assert is_in(others)
    assert api.patch(address, {"is_enabled": True}, "application/json").json()["is_enabled"] is True
    assert not is_in(others)
    wrong = api.patch(address, {"body": "package p\nallow if time.now_ns() > 1"}, "application/json")
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["message"].startswith("Line 2, column 10: time.now_ns is not allowed")
    assert api.get(f"{address}/notices").json() == api.get(f"{address}/samples").json() == []
    assert [row["name"] for row in api.get("/api/v1/login-policies").json()] == ["gate"]
    assert api.delete(address).status_code == 204


def test_it_is_tried_out_by_the_api(api: Client) -> None:
    make_user("ada")
    body = 'package p\nallow if "crew" in input.session.teams\nteam contains "crew"'
    asked = {"body": body, "login": "ada", "teams": ["crew"], "provider": "corp", "address": "10.1.2.3"}
    found = api.post("/api/v1/login-policies/try", asked, "application/json").json()
    assert found["together"] == found["alone"]
    assert found["alone"] == {"allowed": True, "admin": False, "roles": [], "teams": ["crew"], "reasons": []}
    assert found["input"]["request"]["remote_ip"] == "10.1.2.3"
    both = api.post("/api/v1/login-policies/try", {**asked, "input": {}}, "application/json")
    assert both.status_code == 400
