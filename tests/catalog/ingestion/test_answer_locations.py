"""Locations, refreshing, validating and deleting over the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from catalog.entities.models import Entity, EntityUserPermission
from catalog.ingestion.models import Location
from tests.conftest import Cast
from tests.factories.catalog import make_entity, make_location
from tests.factories.portal import make_token


class Api:
    def __init__(self, client: Client, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.client.generic(
            method, f"/api/catalog{path}", json.dumps(body) if body is not None else "", "application/json",
            headers=self.headers,
        )  # fmt: skip
        return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def member(cast: Cast, client: Client) -> Api:
    return Api(client, make_token(cast.member))


@pytest.fixture
def stranger(cast: Cast, client: Client) -> Api:
    return Api(client, make_token(cast.stranger))


@pytest.fixture
def owner(cast: Cast, client: Client) -> Api:
    return Api(client, make_token(cast.owner))


def test_it_registers_lists_and_removes(cast: Cast, member: Api, owner: Api, stranger: Api) -> None:
    wanted = {"type": "url", "target": "https://example.com/catalog-info.yaml"}
    status, made = member("POST", "/locations", wanted)
    assert (status, made["entities"]) == (201, [])
    uid = made["location"]["id"]
    assert Location.objects.get().space == cast.space
    assert member("POST", "/locations", wanted)[0] == 409
    assert member("GET", "/locations")[1] == [{"data": made["location"]}]
    assert member("GET", f"/locations/{uid}")[1] == made["location"]
    assert stranger("GET", "/locations")[1] == []
    assert stranger("GET", f"/locations/{uid}")[0] == 404
    assert stranger("DELETE", f"/locations/{uid}")[0] == 404
    assert member("DELETE", f"/locations/{uid}")[0] == 403
    assert owner("DELETE", f"/locations/{uid}")[0] == 204


@pytest.mark.parametrize(
    "body",
    [{}, {"type": "url"}, {"type": "url", "target": 1}, {"type": "file", "target": "/etc"},
     {"type": "url", "target": "x", "presence": "never"}, {"type": "url", "target": "javascript:1"}],
)  # fmt: skip
def test_it_refuses_bad_locations(member: Api, body: dict[str, Any]) -> None:
    status, answer = member("POST", "/locations", body)
    assert status in (400, 403)
    assert answer["error"]["message"]
    assert answer["response"]["statusCode"] == status


def test_it_tells_where_an_entity_came_from(cast: Cast, member: Api, stranger: Api, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(
        "{apiVersion: backstage.io/v1alpha1, kind: Domain, metadata: {name: shop}, spec: {owner: a}}"
    )
    location = make_location(cast.space, tmp_path)
    assert member("GET", "/locations/by-entity/domain/default/shop")[1]["id"] == str(location.uid)
    assert stranger("GET", "/locations/by-entity/domain/default/shop")[0] == 404
    assert member("POST", "/refresh", {"entityRef": "domain:default/shop"})[0] == 200
    assert stranger("POST", "/refresh", {"entityRef": "domain:default/shop"})[0] == 404
    location.refresh_from_db()
    assert location.marks == {}


def test_it_deletes_by_uid(cast: Cast, member: Api, owner: Api, stranger: Api) -> None:
    uid = make_entity(cast.space, "desk").uid
    assert stranger("DELETE", f"/entities/by-uid/{uid}")[0] == 204
    assert stranger("GET", f"/entities/by-uid/{uid}")[0] == 404
    assert Entity.objects.exists()
    assert member("GET", f"/entities/by-uid/{uid}")[1]["metadata"]["name"] == "desk"
    assert member("DELETE", f"/entities/by-uid/{uid}")[0] == 403
    assert owner("DELETE", f"/entities/by-uid/{uid}")[0] == 204
    assert not Entity.objects.exists()


def test_it_validates(member: Api) -> None:
    good = {"apiVersion": "backstage.io/v1alpha1", "kind": "Domain", "metadata": {"name": "a"}, "spec": {"owner": "b"}}
    location = "url:https://example.com/x.yaml"
    assert member("POST", "/validate-entity", {"entity": good, "location": location}) == (200, None)
    status, answer = member("POST", "/validate-entity", {"entity": {**good, "spec": {}}, "location": location})
    assert status == 400
    assert "owner" in answer["errors"][0]["message"]


def test_it_shows_strangers_nothing_anywhere(cast: Cast, member: Api, stranger: Api) -> None:
    make_entity(cast.space, "desk")
    ref = "component:default/desk"
    assert [row["metadata"]["name"] for row in member("GET", "/entities?limit=5")[1]] == ["desk"]
    assert stranger("GET", "/entities?limit=5")[1] == []
    assert stranger("GET", "/entities/by-query")[1]["totalItems"] == 0
    assert member("GET", "/entities/by-query")[1]["totalItems"] == 1
    assert (
        stranger("GET", "/entities/by-query?fullTextFilterTerm=desk&fullTextFilterFields=metadata.name")[1]["items"]
        == []
    )
    assert stranger("POST", "/entities/by-refs", {"entityRefs": [ref]})[1]["items"] == [None]
    assert stranger("GET", "/entity-facets?facet=kind&facet=metadata.name")[1]["facets"] == {
        "kind": [],
        "metadata.name": [],
    }
    assert member("GET", "/entity-facets?facet=kind")[1]["facets"] == {"kind": [{"value": "Component", "count": 1}]}
    assert stranger("GET", "/entities/by-name/component/default/desk")[0] == 404
    assert stranger("GET", "/entities/by-name/component/default/desk/ancestry")[0] == 404


def test_it_asks_for_credentials(cast: Cast, client: Client) -> None:
    answer = client.get("/api/catalog/entities")
    assert answer.status_code == 401
    assert answer.json()["error"]["name"] == "AuthenticationError"
    assert client.get("/api/catalog/entities", headers={"Authorization": "Bearer cbp_no"}).status_code == 401


def test_it_counts_single_grants_too(cast: Cast, client: Client) -> None:

    entity = make_entity(cast.space, "desk")
    make_entity(cast.space, "other")
    permission = Permission.objects.get(codename="entity:read")
    EntityUserPermission.objects.create(user=cast.stranger, content_object=entity, permission=permission)
    api = Api(client, make_token(cast.stranger))
    assert api("GET", "/entity-facets?facet=kind")[1]["facets"] == {"kind": [{"value": "Component", "count": 1}]}
    answer = api("GET", "/entities/by-query")[1]
    assert (answer["totalItems"], len(answer["items"])) == (1, 1)
