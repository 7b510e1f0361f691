"""What pages and endpoints tell of links, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from catalog.people.models import RuleOrder
from catalog.people.reading import ACCOUNT_ANNOTATION
from catalog.people.rules import current_rules, reset_rules, set_rules
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.lib.errors import Invalid, NotFound
from portal.spaces.models import Role, Space
from tests.conftest import Cast
from tests.factories.catalog import make_entity
from tests.factories.portal import bind, make_group, make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


@pytest.fixture
def stage(cast: Cast) -> Cast:
    """The member is a User entity in a crew of the company, each of which owns something."""
    make_entity(cast.space, "member", "User", memberOf=["crew"], profile={"email": "member@example.com"})
    make_entity(cast.space, "crew", "Group", parent="company")
    make_entity(cast.space, "company", "Group")
    for owner in ("crew", "company", "others"):
        make_entity(cast.space, f"of-{owner}", owner=owner)
    make_entity(cast.space, "sys-of-crew", "System", owner="crew")
    return cast


def names(client: Client, query: str) -> set[str]:
    answer = client.get(f"/catalog/?{query}")
    return {entity.name for entity, _, _ in answer.context["rows"]}


def test_the_catalog_narrows_to_what_is_mine(stage: Cast, as_client: SignIn) -> None:
    client = as_client(stage.member)
    assert names(client, "owner=mine") == {"of-crew", "of-company", "sys-of-crew"}
    assert names(client, "owner=mine&kind=Component") == {"of-crew", "of-company"}
    assert names(client, "owner=MINE&owner=group:default/others&q=of-o") == {"of-others"}
    assert "Owned by me" in page_of(client, "/catalog/?owner=mine")


def test_facets_count_what_is_mine(stage: Cast, as_client: SignIn) -> None:
    menus = as_client(stage.member).get("/catalog/?owner=mine").context["menus"]
    options = {menu["facet"].name: [(row["value"], row.get("count")) for row in menu["options"]] for menu in menus}
    assert options["kind"] == [("Component", 2), ("System", 1)]
    assert options["owner"][0] == ("mine", None)
    assert [value for value, _ in options["owner"]].count("mine") == 1


def test_nobody_is_told_what_to_do(stage: Cast, as_client: SignIn) -> None:
    assert "You are nobody in the catalog yet" in page_of(as_client(stage.owner), "/catalog/?owner=mine")


def test_the_home_page_shows_what_is_mine(stage: Cast, as_client: SignIn) -> None:
    client = as_client(stage.member)
    page = page_of(client, "/")
    assert "of-crew" in page
    assert "2 Component" in page
    assert "/catalog/?owner=mine&amp;kind=System" in page
    assert "of-others" not in page
    assert "/catalog/?owner=mine" not in page_of(as_client(stage.owner), "/")


def test_the_own_page_says_who_one_is(stage: Cast, as_client: SignIn) -> None:
    make_group("crew", stage.member)
    page = page_of(as_client(stage.member), "/account/")
    assert "user:default/member" in page
    assert "matched by e-mail address" in page
    assert "group:default/crew" in page
    assert "linked to your account" in page_of(as_client(stage.owner), "/account/")


def test_admins_see_who_somebody_and_a_group_is(stage: Cast, as_client: SignIn) -> None:
    crew = make_group("crew", stage.member)
    client = as_client(stage.operator)
    page = page_of(client, "/people/users/member/")
    assert "user:default/member" in page
    assert "group:default/crew" in page
    assert "group:default/crew" in page_of(client, f"/people/groups/{crew.pk}/")


def test_the_page_of_somebody_tells_no_entity_that_may_not_be_seen(stage: Cast, as_client: SignIn) -> None:
    page = page_of(as_client(stage.stranger), "/people/users/member/")
    assert "user:default/member" not in page
    assert "No entity" in page


def test_an_entity_tells_its_account_to_who_may_look_people_up(stage: Cast, as_client: SignIn) -> None:
    reader = make_user("reader")
    bind(reader, "reader", stage.space)
    address = "/catalog/user/default/member/"
    assert "/people/users/member/" in page_of(as_client(stage.operator), address)
    assert "This is you" in page_of(as_client(stage.member), address)
    assert "matched by" not in page_of(as_client(reader), address)
    make_group("crew")
    assert "It is the group" in page_of(as_client(stage.operator), "/catalog/group/default/crew/")


def test_it_says_who_one_is_by_api(stage: Cast) -> None:
    def me(token: str) -> Any:
        return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/people/me/").json()

    assert me(make_token(stage.member)) == {
        "user_ref": "user:default/member",
        "rule": "email",
        "ownership_refs": ["user:default/member", "group:default/company", "group:default/crew"],
    }
    assert me(make_token(stage.owner)) == {"user_ref": None, "rule": None, "ownership_refs": []}
    assert me(make_token(stage.stranger)) == {"user_ref": None, "rule": None, "ownership_refs": []}


def test_the_page_of_links_tells_links_clashes_and_the_rest(stage: Cast, as_client: SignIn) -> None:
    for name in ("one", "two"):
        metadata = {"annotations": {ACCOUNT_ANNOTATION: "owner"}}
        make_entity(stage.space, name, "User", metadata=metadata)
    make_entity(stage.space, "second", "User", profile={"email": "member@example.com"})
    client = as_client(stage.operator)
    page = page_of(client, "/catalog-links/")
    assert "2 entities have the same annotation: owner" in page
    assert "2 entities have the same e-mail address: member@example.com" in page
    assert "No entity fits by any rule" in page
    assert [state["count"] for state in client.get("/catalog-links/").context["states"]] == [2, 0, 2]
    found = client.get("/catalog-links/?q=stranger&state=alone").context["rows"]
    assert [row["row"].holders[0].name for row in found] == ["stranger"]
    assert "group:default/company" in page_of(client, "/catalog-links/?kind=group")


def test_an_entity_left_over_says_who_has_another(stage: Cast, as_client: SignIn) -> None:
    make_entity(stage.space, "countess", "User", metadata={"annotations": {ACCOUNT_ANNOTATION: "member"}})
    page = page_of(as_client(stage.operator), "/catalog-links/?state=alone")
    assert "It has the e-mail address of member, who is another entity by a stronger rule." in page


def test_the_page_of_links_hides_entities_from_who_sees_only_people(
    stage: Cast, root: Space, as_client: SignIn
) -> None:
    role = Role.objects.create(slug="registrar", name="Registrar", rank=50, permissions=["user:manage", "space:read"])
    registrar = make_user("registrar")
    bind(registrar, role.slug, root)
    make_entity(stage.space, "hidden-one", "User")
    client = as_client(registrar)
    assert "user:default" not in page_of(client, "/catalog-links/")
    assert client.get("/catalog-links/?q=hidden-one").context["rows"] == []
    assert "hidden-one" not in client.get("/api/v1/catalog-links").content.decode()


def test_admins_of_root_set_and_reset_the_rules(stage: Cast, as_client: SignIn) -> None:
    client = as_client(stage.operator)
    client.post("/catalog-links/rules/", {"rule_0": "name", "rule_1": "", "rule_2": "email"})
    assert current_rules() == ("name", "email")
    [event] = AuditEvent.objects.filter(action="people_rules.update")
    assert event.arguments == {"rules": ["name", "email"], "before": ["annotation", "email", "name"]}
    client.post("/catalog-links/rules/", {"rule_0": "name", "rule_1": "name"})
    client.post("/catalog-links/rules/", {"rule_0": "age"})
    assert current_rules() == ("name", "email")
    assert "An admin set these here" in page_of(client, "/catalog-links/")
    client.post("/catalog-links/rules/reset/")
    assert current_rules() == ("annotation", "email", "name")
    assert AuditEvent.objects.filter(action="people_rules.reset").count() == 1
    assert not RuleOrder.objects.exists()


def test_rules_by_api(stage: Cast) -> None:
    api = Client(headers={"Authorization": f"Bearer {make_token(stage.operator)}"})
    address = "/api/v1/catalog-links/rules"
    assert api.get(address).json() == {"rules": ["annotation", "email", "name"], "is_default": True}
    assert api.put(address, {"rules": ["name"]}, "application/json").json() == {"rules": ["name"], "is_default": False}
    assert api.put(address, {"rules": ["name", "name"]}, "application/json").status_code == 400
    assert api.put(address, {"rules": ["age"]}, "application/json").status_code == 400
    assert api.get("/api/v1/catalog-links?state=linked").json()["results"] == [
        {"state": "linked", "names": ["member"], "entity_refs": ["user:default/member"], "rule": "name", "reason": ""}
    ]
    assert api.get("/api/v1/catalog-links?kind=robot").status_code == 400
    assert api.delete(address).status_code == 204
    assert api.get("/api/v1/catalog-links?limit=1&offset=1").json()["total"] == 4


def test_only_who_manages_people_at_root_changes_rules(stage: Cast) -> None:
    for name in ("owner", "member", "stranger"):
        with pytest.raises(NotFound):
            set_rules(subject=stage.subject(name), rules=["name"])
        with pytest.raises(NotFound):
            reset_rules(subject=stage.subject(name))
    with pytest.raises(Invalid):
        set_rules(subject=stage.subject("operator"), rules=["email", "email"])


def test_a_link_to_a_group_gives_its_account_no_role(stage: Cast, as_client: SignIn) -> None:
    outsider = make_user("outsider")
    Group.objects.create(name="company").user_set.add(outsider)
    assert as_client(outsider).get("/catalog/group/default/company/").status_code == 404
