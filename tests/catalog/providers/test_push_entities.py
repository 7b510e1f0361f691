"""Pushing entities: a whole set or what has changed, all of it or nothing, each refusal told."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.entities.models import Entity, FacetCount, Relation
from catalog.ingestion.models import Location, Problem
from catalog.providers.models import Provider
from catalog.providers.push.services import put_all
from catalog.providers.services import delete_provider
from portal.accounts.subjects import system
from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.factories.catalog import make_entity, make_location
from tests.factories.portal import make_space, make_token
from tests.factories.providers import component, make_provider

pytestmark = pytest.mark.django_db


class Api:
    """Calls of ``/api/v1/catalog-providers`` with somebody's token."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = self.client.generic(
            method, f"/api/v1/catalog-providers{path}", text, "application/json", headers=self.headers
        )
        return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def member(cast: Cast, client: Client) -> Api:
    return Api(client, make_token(cast.member))


@pytest.fixture
def provider(cast: Cast) -> Provider:
    return make_provider(cast.space, "builds")


def names() -> set[str]:
    return set(Entity.objects.values_list("name", flat=True))


def put(api: Api, *entities: Any, query: str = "") -> Any:
    status, answer = api("PUT", f"/builds/entities/{query}", {"entities": list(entities)})
    assert status == 200, answer
    return answer


@pytest.mark.usefixtures("provider")
def test_a_whole_set_replaces_the_one_before(cast: Cast, member: Api) -> None:
    answer = put(member, component("desk"), component("window", dependsOn=["component:desk"]))
    assert (answer["accepted"], answer["added"], answer["rejected"]) == (2, 2, 0)
    desk = Entity.objects.get(name="desk")
    served = json.loads(desk.served)
    assert desk.space == cast.space
    assert {"type": "dependencyOf", "targetRef": "component:default/window"} in served["relations"]
    assert served["metadata"]["annotations"]["backstage.io/managed-by-location"] == "provider:builds"
    answer = put(member, component("desk"), component("door"))
    assert (answer["unchanged"], answer["added"], answer["removed"]) == (1, 1, 1)
    assert names() == {"desk", "door"}
    assert Entity.objects.get(name="desk").uid == desk.uid
    assert put(member)["removed"] == 2
    assert (names(), Relation.objects.count(), FacetCount.objects.count()) == (set(), 0, 0)


@pytest.mark.usefixtures("provider")
def test_a_change_adds_and_removes(member: Api) -> None:
    put(member, component("desk"), component("window"))
    body = {
        "added": [component("door"), component("desk", lifecycle="old")],
        "removed": ["component:window", "component:no"],
    }
    status, answer = member("PATCH", "/builds/entities", body)
    assert (status, answer["added"], answer["changed"], answer["removed"]) == (200, 1, 1, 1)
    assert names() == {"desk", "door"}
    assert Entity.objects.get(name="desk").lifecycle == "old"
    assert member("PATCH", "/builds/entities", {"removed": ["component:door"]})[1]["removed"] == 1
    assert names() == {"desk"}


@pytest.mark.usefixtures("provider")
def test_each_refusal_is_told_in_the_answer_and_on_the_page(member: Api) -> None:
    bad: list[Any] = [
        component("desk"), {**component("x"), "spec": {}}, "text", {**component("y"), "apiVersion": 1},
        component("desk"), {**component("z"), "spec": {"$text": "./x"}},
        {**component("n"), "metadata": {"name": "a\x00"}},
        {**component("l"), "kind": "Location", "spec": {"targets": ["./x"]}},
    ]  # fmt: skip
    answer = put(member, *bad)
    assert (answer["accepted"], answer["rejected"]) == (1, 7)
    rows = {row["index"]: row for row in answer["entities"]}
    assert [rows[index]["status"] for index in range(8)] == ["accepted", *["rejected"] * 7]
    assert "spec.type" in rows[1]["message"] or "type" in rows[1]["message"]
    assert rows[4]["reason"] == "conflict"
    assert "placeholders" in rows[5]["message"]
    assert "register" in rows[7]["message"]
    assert Problem.objects.count() == 7
    assert member("GET", "/builds/problems")[1]["results"][0]["message"]
    put(member, component("desk"))
    assert not Problem.objects.exists()


@pytest.mark.usefixtures("provider")
def test_an_item_without_a_name_keeps_nothing_alive(member: Api) -> None:
    put(member, component("desk"), component("window"))
    assert put(member, component("desk"), {"kind": "Component"})["removed"] == 1
    assert names() == {"desk"}


@pytest.mark.usefixtures("provider")
def test_what_was_good_stays_while_its_successor_is_refused(member: Api) -> None:
    put(member, component("desk"), component("window"))
    put(member, {**component("desk"), "spec": {}})
    assert names() == {"desk"}
    assert json.loads(Entity.objects.get(name="desk").served)["status"]["items"][0]["level"] == "error"
    put(member, component("desk"))
    assert "status" not in json.loads(Entity.objects.get(name="desk").served)
    member("PATCH", "/builds/entities", {"added": [{**component("desk"), "spec": {}}]})
    assert json.loads(Entity.objects.get(name="desk").served)["status"]["items"][0]["level"] == "error"
    assert Problem.objects.get().ref == "component:default/desk"
    member("PATCH", "/builds/entities", {"added": [component("desk")]})
    assert "status" not in json.loads(Entity.objects.get(name="desk").served)
    assert not Problem.objects.exists()


@pytest.mark.usefixtures("provider")
def test_the_first_keeps_a_name_whoever_it_is(cast: Cast, member: Api, tmp_path: Path) -> None:
    make_entity(cast.sibling, "taken")
    answer = put(member, component("taken"), component("free"))
    assert [row["status"] for row in answer["entities"]] == ["rejected", "accepted"]
    assert Entity.objects.get(name="taken").space == cast.sibling
    (tmp_path / "catalog-info.yaml").write_text(json.dumps(component("free")))
    location = make_location(cast.sibling, tmp_path)
    assert location.problems.get().reason == "conflict"


@pytest.mark.usefixtures("provider")
def test_an_entity_may_go_down_the_tree_and_nowhere_else(cast: Cast, member: Api) -> None:
    below = make_space("pit", cast.space)

    def placed(name: str, space: str, key: str = "callboard.dev/space") -> dict[str, Any]:
        return component(name, metadata={"annotations": {key: space}})

    answer = put(
        member, placed("down", "pit"), placed("old", "pit", "callboard.io/space"), placed("aside", "wings"),
        placed("up", "root"), placed("odd", "no-such"),
    )  # fmt: skip
    spaces = dict(Entity.objects.values_list("name", "space__slug"))
    assert spaces == {"down": "pit", "old": "pit", "aside": "stage", "up": "stage", "odd": "stage"}
    assert Entity.objects.get(name="down").space == below
    assert [row["status"] for row in answer["entities"]] == ["accepted"] * 5
    assert all(answer["entities"][index]["message"] for index in (2, 3, 4))


@pytest.mark.usefixtures("provider")
def test_rules_hold_for_what_is_pushed(member: Api, settings: Any) -> None:
    settings.CATALOG_RULES = [{"allow": ["API"]}]
    assert put(member, component("desk"))["entities"][0]["reason"] == "rules"
    settings.CATALOG_RULES = [{"allow": ["Component"], "locations": [{"type": "provider", "exact": "builds"}]}]
    assert put(member, component("desk"))["accepted"] == 1


@pytest.mark.usefixtures("provider")
def test_a_dry_run_changes_nothing(member: Api) -> None:
    put(member, component("desk"))
    events = AuditEvent.objects.count()
    answer = put(member, component("window"), {**component("x"), "spec": {}}, query="?dry_run=1")
    assert (answer["accepted"], answer["rejected"], answer["removed"], answer["is_dry_run"]) == (1, 1, 1, True)
    assert (names(), Problem.objects.count(), AuditEvent.objects.count()) == ({"desk"}, 0, events)


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"nothing", b'{"entities"', b'{"entities": {}}', b'{"entities": [', b'{"entities": [{}',
     b'{"entities": [1,]}', b'{"entities": []} more', b'{"entities": [] "added": []}', b'{"others": []}', b"\xff\xfe",
     b'{"entities": [{"a": "\xff"}]}', b'{"entities": [' + b"[" * 1000, b'{"entities": ["' + b"a\\"],
)  # fmt: skip
def test_a_body_of_another_shape_changes_nothing(member: Api, body: bytes) -> None:
    put(member, component("desk"))
    status, answer = member("PUT", "/builds/entities", body)
    assert (status, bool(answer["detail"])) == (400, True)
    assert names() == {"desk"}
    assert member("GET", "/builds")[1]["state"] == "failed"


@pytest.mark.usefixtures("provider")
def test_it_is_all_or_nothing(member: Api) -> None:
    put(member, component("desk"))
    many = ",".join(json.dumps(component(f"thing-{number}")) for number in range(2500))
    status, _ = member("PUT", "/builds/entities", f'{{"entities": [{many}, oops')
    assert (status, names()) == (400, {"desk"})


@pytest.mark.usefixtures("provider")
def test_an_item_that_is_too_large_is_refused_with_its_limit(member: Api) -> None:
    status, answer = member("PUT", "/builds/entities", {"entities": [component("a", note="x" * 5_000_000)]})
    assert (status, "4 MB" in answer["detail"]) == (413, True)


def test_many_entities_take_little_memory(cast: Cast, provider: Provider) -> None:
    def body() -> Any:
        yield b'{"entities": ['
        for number in range(4_000):
            text = json.dumps(
                component(f"thing-{number}", metadata={"description": "x" * 800}, dependsOn=["resource:db"])
            )
            yield (text if number == 0 else f",{text}").encode()
        yield b"]}"

    pieces = body()
    tracemalloc.start()
    pushed = put_all(subject=system(), provider=provider, read=lambda _: next(pieces, b""))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (pushed.accepted, Entity.objects.count()) == (4_000, 4_000)
    assert peak < 25 * 1024 * 1024
    provider.refresh_from_db()
    assert provider.outcome["added"] == 4_000


def test_rights_are_those_of_its_space(cast: Cast, client: Client, provider: Provider) -> None:
    body = {"entities": [component("desk")]}
    stranger, owner = Api(client, make_token(cast.stranger)), Api(client, make_token(cast.owner))
    reader = Api(client, make_token(cast.owner, "reader", cast.space))
    assert stranger("PUT", "/builds/entities", body)[0] == 404
    assert reader("PUT", "/builds/entities", body)[0] == 403
    assert reader("GET", "/builds")[0] == 200
    assert owner("PUT", "/builds/entities", body)[0] == 200
    assert stranger("DELETE", "/builds")[0] == 404
    assert owner("PATCH", "/builds", {"is_enabled": False})[0] == 200
    assert owner("PUT", "/builds/entities", body)[0] == 409
    assert owner("DELETE", "/builds")[0] == 204
    assert (names(), Location.objects.count(), Provider.objects.count()) == (set(), 0, 0)


def test_it_is_no_location_to_other_tools(cast: Cast, client: Client, member: Api, provider: Provider) -> None:
    put(member, component("desk"))
    headers = {"Authorization": f"Bearer {make_token(cast.owner)}"}
    assert client.get("/api/catalog/locations", headers=headers).json() == []
    home = Location.objects.get()
    assert client.get(f"/api/catalog/locations/{home.uid}", headers=headers).status_code == 404
    assert client.get("/api/catalog/locations/by-entity/component/default/desk", headers=headers).status_code == 404
    answer = client.post(
        "/api/catalog/refresh", {"entityRef": "component:default/desk"}, "application/json", headers=headers
    )
    assert answer.status_code == 200
    assert client.delete(f"/api/catalog/entities/by-uid/{Entity.objects.get().uid}", headers=headers).status_code == 204
    put(member, component("desk"))
    assert names() == {"desk"}


def test_names_that_it_frees_go_to_whoever_waits(
    cast: Cast, member: Api, provider: Provider, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    put(member, component("desk"))
    (tmp_path / "catalog-info.yaml").write_text(json.dumps(component("desk", lifecycle="file")))
    location = make_location(cast.sibling, tmp_path)
    Location.objects.filter(pk=location.pk).update(marks={"kept": "yes"})
    with django_capture_on_commit_callbacks(execute=True):
        put(member)
    location.refresh_from_db()
    assert location.marks == {}
    put(member, component("desk"))
    Location.objects.filter(pk=location.pk).update(marks={"kept": "yes"})
    with django_capture_on_commit_callbacks(execute=True):
        delete_provider(subject=system(), provider=Provider.objects.get())
    location.refresh_from_db()
    assert location.marks == {}
