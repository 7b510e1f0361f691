"""Pages of providers: what they say, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from catalog.ingestion.models import Location
from catalog.providers.models import Provider
from catalog.providers.push.services import put_all
from portal.accounts.models import User
from portal.accounts.subjects import system
from tests.catalog.providers.conftest import Make, read
from tests.catalog.providers.git_host import GitHost
from tests.conftest import Cast
from tests.factories.catalog import make_location
from tests.factories.providers import component, make_provider

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LIST = "/catalog/-/providers/"


def push(provider: Provider, *entities: object) -> None:
    pieces = [json.dumps({"entities": entities}).encode(), b""]
    put_all(subject=system(), provider=provider, read=lambda _: pieces.pop(0))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_page_says_what_was_given_and_what_was_rejected(cast: Cast, as_client: SignIn) -> None:
    push(make_provider(cast.space, "builds"), component("desk"), {**component("window"), "spec": {}})
    text = page(as_client(cast.member), f"{LIST}builds/")
    assert "component:default/desk" in text
    assert "component:default/window" in text
    assert "spec.type is missing" in text
    assert "item 2" in text
    assert "/api/v1/catalog-providers/builds/entities/" in text


def test_a_conflict_names_the_other_to_those_who_may_see_it(cast: Cast, as_client: SignIn, tmp_path: Path) -> None:
    push(make_provider(cast.sibling, "theirs"), component("desk"))
    (tmp_path / "catalog-info.yaml").write_text(json.dumps(component("desk")))
    location = make_location(cast.space, tmp_path)
    address = f"/catalog/-/locations/{location.uid}/"
    assert "theirs" not in page(as_client(cast.member), address)
    seen = page(as_client(cast.operator), address)
    assert 'In conflict with <a href="/catalog/component/default/desk/">' in seen
    assert f'<a href="{LIST}theirs/">theirs</a>' in seen
    push(make_provider(cast.space, "mine"), component("desk"))
    assert "In conflict" not in page(as_client(cast.member), f"{LIST}mine/")
    assert "In conflict" in page(as_client(cast.operator), f"{LIST}mine/")


def test_files_registered_elsewhere_are_named_to_those_who_may_see_them(
    cast: Cast, as_client: SignIn, host: GitHost, discovery: Make
) -> None:
    host.add("acme/one", {"catalog-info.yaml": json.dumps(component("one"))})
    host.add("acme/two", {"catalog-info.yaml": json.dumps(component("two"))}, is_archived=True)
    target = f"{host.url}/acme/one/blob/main/catalog-info.yaml"
    theirs = Location.objects.create(type="url", target=target, space=cast.sibling, entity_ref="x")
    read(discovery())
    seen = page(as_client(cast.operator), f"{LIST}git/")
    assert str(theirs.uid) in seen
    assert "Archived" in seen
    mine = page(as_client(cast.member), f"{LIST}git/")
    assert "registered elsewhere" in mine
    assert str(theirs.uid) not in mine


def test_found_files_lead_to_their_provider(cast: Cast, as_client: SignIn, host: GitHost, discovery: Make) -> None:
    host.add("acme/one", {"catalog-info.yaml": json.dumps(component("one"))})
    read(discovery())
    location = Location.objects.get()
    client = as_client(cast.owner)
    seen = page(client, f"/catalog/-/locations/{location.uid}/")
    assert f'<a href="{LIST}git/">git</a>' in seen
    assert "remove it there" in seen
    assert client.post(f"/catalog/-/locations/{location.uid}/unregister/").status_code == 409
    push(make_provider(cast.space, "builds"), component("desk"))
    home = Location.objects.get(type="provider")
    assert client.get(f"/catalog/-/locations/{home.uid}/").headers["Location"] == f"{LIST}builds/"
    assert "provider:builds" not in page(client, "/catalog/-/locations/")


@pytest.mark.parametrize("kind", ["push", "github", "gitlab", "gitea", "ldap"])
def test_every_kind_is_set_up_changed_and_deleted_by_form(cast: Cast, as_client: SignIn, kind: str) -> None:
    client = as_client(cast.owner)
    assert client.get(f"{LIST}new/{kind}/").status_code == 200
    data = {
        "name": "mine", "space": "stage", "minutes": "15", "secret": "s3cret", "owner": "acme", "path": "/a.yaml",
        "topics": "a, b", "url": "ldaps://ldap.example.com" if kind == "ldap" else "", "users_dn": "ou=people",
        "users_map": '{"name": "cn"}',
    }  # fmt: skip
    assert client.post(f"{LIST}new/{kind}/", data).status_code == 302
    made = Provider.objects.get()
    if kind in ("github", "gitlab", "gitea"):
        assert (made.options["topics"], made.options["path"], made.every_seconds) == (["a", "b"], "/a.yaml", 900)
    if kind == "ldap":
        assert (made.options["users"]["map"], made.secret) == ({"name": "cn"}, "s3cret")
    assert client.post(f"{LIST}new/{kind}/", data).status_code == 422
    text = page(client, f"{LIST}mine/change/")
    assert "s3cret" not in text
    before = made.options
    assert client.post(f"{LIST}mine/change/", {**data, "secret": ""}).status_code == 302
    made.refresh_from_db()
    assert (made.is_enabled, made.options) == (False, before)
    assert made.secret == ("" if kind == "push" else "s3cret")
    assert client.get(f"{LIST}mine/delete/").status_code == 200
    assert client.post(f"{LIST}mine/delete/").status_code == 302
    assert not Provider.objects.exists()


def test_wrong_options_land_on_their_fields(cast: Cast, as_client: SignIn) -> None:
    client = as_client(cast.owner)
    data = {"name": "new", "space": "stage", "minutes": "15", "owner": "a/b", "path": "/a.yaml"}
    answer = client.post(f"{LIST}new/github/", data)
    assert (answer.status_code, "has no slash" in answer.content.decode()) == (422, True)
    answer = client.post(f"{LIST}new/github/", {**data, "owner": "acme"})
    assert (answer.status_code, "no name for a provider" in answer.content.decode()) == (422, True)
    assert client.get(f"{LIST}new/oops/").status_code == 404


def test_webhooks_are_made_on_the_pages(cast: Cast, as_client: SignIn, host: GitHost, discovery: Make) -> None:
    discovery()
    client = as_client(cast.owner)
    answer = client.post(f"{LIST}git/webhook/", follow=True)
    hook = Provider.objects.get().hook
    assert str(hook.uid) in answer.content.decode()
    assert hook.secret in answer.content.decode()
    assert hook.secret not in client.get(f"{LIST}git/").content.decode()
    assert client.post(f"{LIST}webhooks/{hook.uid}/delete/").status_code == 302
    target = "https://github.com/acme/one/blob/main/catalog-info.yaml"
    location = Location.objects.create(type="url", target=target, space=cast.space, entity_ref="x")
    assert "Make a webhook" in page(client, f"/catalog/-/locations/{location.uid}/")
    assert client.post(f"{LIST}webhooks/location/{location.uid}/").status_code == 302
    assert str(location.hook.uid) in page(client, f"/catalog/-/locations/{location.uid}/")
    assert client.post(f"{LIST}webhooks/{location.hook.uid}/delete/").status_code == 302


def test_pages_are_shown_by_rights(cast: Cast, as_client: SignIn) -> None:
    make_provider(cast.space, "builds")
    assert "builds" in page(as_client(cast.member), LIST)
    assert "builds" not in page(as_client(cast.stranger), LIST)
    assert as_client(cast.stranger).get(f"{LIST}builds/").status_code == 404
