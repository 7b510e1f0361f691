"""Trusts: who may make and change them, what they must say, and the roles of their jobs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from portal.accounts.models import ApiToken, User, Workload
from portal.accounts.subjects import person, system
from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.spaces.bindings import bind_role, change_end
from portal.spaces.models import Binding, Role, Space
from portal.spaces.services import delete_space
from portal.spaces.tokens import issue_token
from portal.workloads import acting, services
from portal.workloads.globs import fits
from portal.workloads.models import Trust
from tests.conftest import Cast
from tests.factories.portal import bind
from tests.factories.workloads import make_trust
from tests.portal.workloads.conftest import give, status

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
API = "/api/v1/workload-trusts/"


def give_as(user: User, trust: Trust, role: str, space: Space, **options: Any) -> Binding:
    found = Role.objects.get(slug=role)
    return acting.give_role(subject=person(user), trust=trust, role=found, space=space, **options)


def test_roles_need_the_right_where_the_trust_lives_and_where_they_hold(cast: Cast) -> None:
    trust = make_trust(cast.space)
    for user, space in ((cast.owner, cast.sibling), (cast.stranger, cast.sibling), (cast.stranger, cast.space)):
        with pytest.raises(NotFound):
            give_as(user, trust, "reader", space)
    with pytest.raises(Forbidden):
        give_as(cast.member, trust, "reader", cast.space)
    bind(cast.owner, "admin", cast.sibling)
    assert give_as(cast.owner, trust, "writer", cast.sibling).bound == trust.workload


def test_no_other_door_gives_or_prolongs_a_role(cast: Cast) -> None:
    trust = make_trust(cast.space)
    bind(cast.owner, "admin", cast.sibling)
    binding = give_as(cast.owner, trust, "reader", cast.sibling, expires_at=timezone.now() + timedelta(days=1))
    writer = Role.objects.get(slug="writer")
    with pytest.raises(NotFound):
        bind_role(subject=person(cast.stranger), space=cast.sibling, role=writer, workload=trust.workload)
    with pytest.raises(NotFound):
        change_end(subject=person(cast.stranger), binding=binding, expires_at=None)
    lonely = Workload.objects.create(kind=Workload.Kind.CI, name="lonely")
    with pytest.raises(NotFound):
        bind_role(subject=person(cast.operator), space=cast.space, role=writer, workload=lonely)


@pytest.mark.parametrize(
    "change",
    [
        {"subject_pattern": "repo:evil/*"}, {"issuer": "https://evil.example.com"}, {"audience": "other"},
        {"claims": {"a": "b"}},
    ],
)  # fmt: skip
def test_nobody_takes_over_roles_by_changing_whom_a_trust_believes(cast: Cast, change: dict[str, Any]) -> None:
    trust = make_trust(cast.space)
    give(trust, "writer", cast.sibling)
    before = Trust.objects.values().get(pk=trust.pk)
    with pytest.raises(Forbidden, match="role that you may not give") as refused:
        services.update_trust(subject=person(cast.owner), trust=trust, **change)
    assert "wings" not in refused.value.detail.lower()
    assert Trust.objects.values().get(pk=trust.pk) == before
    services.update_trust(subject=person(cast.operator), trust=trust, **change)


def test_whoever_manages_a_trust_may_always_end_it(cast: Cast) -> None:
    subject, trust = person(cast.owner), make_trust(cast.space)
    give(trust, "writer", cast.sibling)
    services.update_trust(subject=subject, trust=trust, name="Renamed")
    services.update_trust(subject=subject, trust=trust, is_enabled=False)
    with pytest.raises(Forbidden):
        services.update_trust(subject=subject, trust=trust, is_enabled=True)
    trust.refresh_from_db()
    assert not trust.is_enabled
    services.delete_trust(subject=subject, trust=trust)
    assert not Trust.objects.exists()


def test_all_goes_with_the_trust_and_leaves_a_trace(cast: Cast) -> None:
    trust = make_trust(cast.space, "deploy")
    give(trust, "reader", cast.space)
    _, plain = issue_token(subject=system(), owner=trust.workload, name="x")
    services.delete_trust(subject=person(cast.owner), trust=trust)
    assert status(plain, "stage") == 401
    left = [Workload.objects.count(), ApiToken.objects.count(), Binding.objects.filter(user=None).count()]
    assert left == [0, 0, 0]
    row = AuditEvent.objects.get(action="workload_trust.delete")
    assert (row.object_label, row.space) == ("deploy", cast.space)
    assert AuditEvent.objects.filter(action="binding.delete", arguments__bound="ci:deploy").exists()


def test_a_space_with_a_trust_is_not_deleted(cast: Cast) -> None:
    make_trust(cast.sibling)
    Binding.objects.filter(space=cast.sibling).delete()
    with pytest.raises(Conflict, match="workload trust"):
        delete_space(subject=system(), space=cast.sibling)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("issuer", ["http://ci.example.com", "ci.example.com", "https://", "https://a@b.example.com", "ftp://a.b",
                    "https://a.b/?x=1", "https://a.b/#x", "https://a b", "https://[::1", "https://a.b\\c", "https://ä.b",
                    "https://a.b:x", "https://*.example.com"]),
        ("audience", ["", " ", "a b", 'a"b', "a'b", "$(a)", "a\nb"]),
        ("subject_pattern", ["", "*", "*:main", "a\nb", "a\x00b"]),
        ("claims", [[], "x", {"sub": "x"}, {"aud": "x"}, {"a": ""}, {"a": 1}, {"a": "x\ny"}, {"a\x00": "x"}, {"": "x"},
                    {"a b": "x"}, {"a": "x" * 301}, {f"c{number}": "x" for number in range(11)}]),
        ("token_minutes", [4, 721, 0]),
        ("name", [" ", "a\nb"]),
    ],
)  # fmt: skip
def test_it_keeps_no_trust_that_makes_no_sense(cast: Cast, field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(Invalid) as refused:
            make_trust(cast.space, **{"name": "x", field: value})
        assert [row["field"] for row in refused.value.data["errors"]] == [field], value
    assert not Workload.objects.exists()


def test_http_and_private_addresses_are_for_hosts_that_operators_name(cast: Cast, settings: Settings) -> None:
    settings.WORKLOAD_ALLOW_PRIVATE = ["ci.corp:8080"]
    assert make_trust(cast.space, issuer="http://ci.corp:8080/x").issuer == "http://ci.corp:8080/x"
    with pytest.raises(Invalid):
        make_trust(cast.space, issuer="http://ci.corp/")


@pytest.mark.parametrize(
    ("issuer", "pattern", "claims", "is_good"),
    [
        ("https://token.actions.githubusercontent.com", "repo:acme/*", {}, True),
        ("https://token.actions.githubusercontent.com", "repo:*", {}, False),
        ("https://token.actions.githubusercontent.com", "repo:acme*", {}, False),
        ("https://token.actions.githubusercontent.com/", "r*", {}, False),
        ("https://token.actions.githubusercontent.com", "r*", {"repository_owner": "acme"}, True),
        ("https://token.actions.githubusercontent.com", "r*", {"repository_owner": "ac*"}, False),
        ("https://token.actions.githubusercontent.com", "r*", {"actor": "acme"}, False),
        ("https://gitlab.com", "project_path:acme/*", {}, True),
        ("https://gitlab.com", "project_path:*", {}, False),
        ("https://gitlab.example.com", "project_path:*", {}, True),
    ],
)
def test_issuers_for_everybody_need_somebody_s_name(
    cast: Cast, issuer: str, pattern: str, claims: dict[str, str], is_good: bool
) -> None:
    if is_good:
        make_trust(cast.space, issuer=issuer, subject_pattern=pattern, claims=claims)
        return
    with pytest.raises(Invalid, match="signs for everybody"):
        make_trust(cast.space, issuer=issuer, subject_pattern=pattern, claims=claims)


def test_two_trusts_of_a_space_have_two_names(cast: Cast) -> None:
    make_trust(cast.space, "deploy")
    make_trust(cast.sibling, "deploy")
    with pytest.raises(Invalid):
        make_trust(cast.space, "deploy")


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_patterns_fit_as_a_regular_expression_says(pattern: str, text: str) -> None:
    wanted = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL)
    assert fits(pattern, text) == bool(wanted)


@pytest.mark.parametrize("text", ["a\n", "\na", "a\nb", "a\x00", "a\u2028", "a\x7f"])
def test_control_characters_fit_nothing(text: str) -> None:
    assert [fits(pattern, text) for pattern in ("*", "a*", text)] == [False] * 3


def test_other_signs_of_patterns_stand_for_themselves() -> None:
    assert fits("a?[b]", "a?[b]")
    pairs = [("a?", "ab"), ("[ab]", "a"), ("A", "a"), ("a.c", "abc")]
    assert [fits(pattern, text) for pattern, text in pairs] == [False] * 4


def test_the_pages_make_show_change_and_delete(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    asked = {
        "name": "Deploy", "space": "stage", "issuer": "https://gitlab.com", "audience": "https://portal.example.com",
        "subject_pattern": "project_path:acme/shop:*", "claims": "ref_protected=true\n\n ref = main",
        "token_minutes": 15,
    }  # fmt: skip
    wrong = client.post("/workload-trusts/new/", asked | {"subject_pattern": "*", "claims": "x"})
    assert (wrong.status_code, "write name=value" in wrong.content.decode()) == (422, True)
    client.post("/workload-trusts/new/", asked)
    trust = Trust.objects.get()
    assert (trust.claims, trust.created_by) == ({"ref_protected": "true", "ref": "main"}, cast.owner)
    here = f"/workload-trusts/{trust.uid}/"
    client.post(f"{here}roles/", {"role": "writer", "space": "stage"})
    wrong = client.post(f"{here}roles/", {"role": "writer", "space": "wings"}, follow=True)
    assert "where you give roles" in wrong.content.decode()
    page = client.get(here).content.decode()
    assert "id_tokens" in page
    assert str(trust.uid) in page
    assert page.index("GitLab CI") < page.index("GitHub Actions")
    assert "Take away" in page
    assert "ref_protected=true" in client.get(f"{here}change/").content.decode()
    client.post(f"{here}change/", asked | {"name": "Ship", "claims": ""})
    client.post(f"{here}switch/", {"enabled": "0"})
    trust.refresh_from_db()
    assert (trust.name, trust.claims, trust.is_enabled, trust.workload.is_active) == ("Ship", {}, False, False)
    assert "Switch on" in client.get(here).content.decode()
    assert "Ship" in client.get("/workload-trusts/").content.decode()
    client.post(f"{here}delete/")
    assert "No trust here yet" in client.get("/workload-trusts/").content.decode()


def test_a_role_that_one_has_not_oneself_is_refused_with_words(as_client: SignIn, cast: Cast) -> None:
    trust = make_trust(cast.space)
    Role.objects.create(slug="all", name="All", permissions=["binding:manage", "no:such"])
    page = as_client(cast.owner).post(
        f"/workload-trusts/{trust.uid}/roles/", {"role": "all", "space": "stage"}, follow=True
    )
    assert "You may not give the role All here" in page.content.decode()


def test_who_gives_roles_nowhere_adds_none_and_reads_why(as_client: SignIn, cast: Cast) -> None:
    page = as_client(cast.member).get("/workload-trusts/").content.decode()
    assert "where you give roles" in page
    assert 'href="/workload-trusts/"' not in page


def test_the_api_makes_lists_changes_and_gives(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    asked = {
        "name": "deploy", "space": "stage", "issuer": "https://ci.example.com", "audience": "portal",
        "subject_pattern": "job:*", "claims": {"ref": "main"},
    }  # fmt: skip
    made = client.post(API, asked, "application/json")
    assert (made.status_code, made.json()["space"], made.json()["token_minutes"]) == (201, "stage", 60)
    here = f"{API}{made.json()['uid']}/"
    make_trust(cast.sibling)
    for query, names in (("", ["deploy"]), ("?space=stage", ["deploy"]), ("?space=wings", [])):
        assert [row["name"] for row in client.get(API + query).json()["results"]] == names
    role = client.post(f"{here}roles/", {"role": "reader", "space": "stage"}, "application/json")
    assert (role.status_code, role.json()["workload"]) == (201, "deploy")
    assert [row["role"] for row in client.get(f"{here}roles/").json()] == ["reader"]
    wrong = client.patch(here, {"claims": {"sub": "x"}}, "application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "claims")
    assert client.patch(here, {"is_enabled": False}, "application/json").json()["is_enabled"] is False
    assert client.delete(here).status_code == 204
    assert client.get(here).status_code == 404
