"""Composed roles, moves, labels and ends of roles, by page and by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.spaces.models import Binding, Role, Space
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_space, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_admin_of_root_composes_changes_and_deletes_a_role(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    page = text(client.get("/spaces/-/roles/-/new/"))
    assert "Confirm and discard plans" in page
    fields = {"name": "Confirmer", "slug": "confirmer", "permissions": ["run:confirm", "run:read"]}
    assert client.post("/spaces/-/roles/-/new/", fields)["Location"] == "/spaces/-/roles/confirmer/"
    role = Role.objects.get(slug="confirmer")
    assert role.permissions == ["run:confirm", "run:read", "space:read"]
    bind(cast.member, "confirmer", cast.space)
    page = text(client.get("/spaces/-/roles/confirmer/"))
    assert "member" in page
    assert "Confirm and discard plans" in page
    held = text(client.post("/spaces/-/roles/confirmer/delete/", follow=True))
    assert "is given 1 times" in held
    client.post("/spaces/-/roles/confirmer/change/", {"name": "Looker", "permissions": ["run:read"]})
    role.refresh_from_db()
    assert (role.name, role.permissions) == ("Looker", ["run:read", "space:read"])
    Binding.objects.filter(role=role).delete()
    assert client.post("/spaces/-/roles/confirmer/delete/")["Location"] == "/spaces/-/roles/"
    assert not Role.objects.filter(slug="confirmer").exists()


def test_it_shows_who_has_a_role_only_where_one_sees_the_space(as_client: SignIn, cast: Cast) -> None:
    page = text(as_client(cast.stranger).get("/spaces/-/roles/writer/"))
    assert "member" not in page.replace("members", "")
    assert "Stage" not in page
    assert "made and changed by admins of the root space" in page


def test_roles_of_the_system_stay_and_unknown_permissions_are_named(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    answer = client.patch("/api/v1/roles/admin/", {"permissions": []}, content_type="application/json")
    assert (answer.status_code, "role of the system" in answer.json()["detail"]) == (409, True)
    body = {"slug": "x", "name": "X", "permissions": ["moon:land"]}
    answer = client.post("/api/v1/roles/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "moon:land" in answer.json()["errors"][0]["message"]
    page = client.post("/spaces/-/roles/-/new/", {"name": "A", "slug": "No Slug", "permissions": []})
    assert page.status_code == 422


def test_a_move_names_its_checks_and_who_gains_and_loses(as_client: SignIn, cast: Cast) -> None:
    inner = make_space("inner", cast.space)
    crew = make_group("crew")
    bind(crew, "writer", cast.sibling)
    client = as_client(cast.operator)
    page = text(client.get("/spaces/inner/move/?to=wings"))
    assert "It does not go below itself" in page
    assert "crew: Writer, given in “Wings”" in page
    assert "owner: Admin, given in “Stage”" in page
    assert Space.objects.get(slug="inner").parent == cast.space
    client.post("/spaces/inner/move/", {"to": "wings"})
    inner.refresh_from_db()
    assert inner.parent == cast.sibling


def test_a_move_that_may_not_be_says_why_and_moves_nothing(as_client: SignIn, cast: Cast) -> None:
    inner = make_space("inner", cast.space)
    client = as_client(cast.owner)
    assert "no space “wings”" in text(client.get("/spaces/inner/move/?to=wings"))
    answer = client.post("/spaces/stage/move/", {"to": "inner"})
    assert answer.status_code == 422
    assert Space.objects.get(slug="stage").parent != inner


def test_the_api_tries_a_move_before_it_moves(as_client: SignIn, cast: Cast) -> None:
    inner = make_space("inner", make_space("shelf", cast.space))
    client = as_client(cast.owner)
    body: dict[str, Any] = {"parent": "stage", "dry_run": True}
    tried = client.post("/api/v1/spaces/inner/move/", body, content_type="application/json").json()
    assert tried["moved"] is False
    assert all(check["holds"] for check in tried["checks"])
    inner.refresh_from_db()
    assert inner.parent is not None
    assert inner.parent.slug == "shelf"
    body["dry_run"] = False
    assert client.post("/api/v1/spaces/inner/move/", body, content_type="application/json").json()["moved"]
    inner.refresh_from_db()
    assert inner.parent == cast.space


def test_labels_are_written_shown_and_searched(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    client.post("/spaces/stage/change/", {"name": "Stage", "labels": "prod, payments,prod"})
    cast.space.refresh_from_db()
    assert cast.space.labels == ["prod", "payments"]
    assert "?label=payments" in text(client.get("/spaces/stage/"))
    assert "Stage" in text(client.get("/spaces/?label=prod"))
    found = client.get("/api/v1/spaces/?label=prod").json()["results"]
    assert [row["slug"] for row in found] == ["stage"]
    assert client.get("/api/v1/spaces/?label=none").json()["results"] == []


def test_a_role_ends_with_its_last_day(as_client: SignIn, cast: Cast) -> None:
    guest = make_user("guest")
    today = timezone.localdate()
    client = as_client(cast.owner)
    client.post("/spaces/stage/bindings/", {"who": "guest", "role": "reader", "until": str(today)})
    binding = Binding.objects.get(user=guest)
    assert binding.expires_at is not None
    assert timezone.localdate(binding.expires_at) == today + timedelta(days=1)
    past = client.post("/spaces/stage/bindings/", {"who": "guest", "role": "writer", "until": "2020-01-01"})
    assert past.status_code == 422
    address = f"/api/v1/bindings/{binding.uid}/"
    later = "2031-01-01T00:00:00Z"
    changed = client.patch(address, {"expires_at": later}, content_type="application/json")
    assert changed.json()["expires_at"] == later
    assert client.patch(address, {"expires_at": None}, content_type="application/json").json()["expires_at"] is None
    assert client.patch(address, {}, content_type="application/json").status_code == 400


def test_a_branch_shows_the_bare_path_to_root(as_client: SignIn, cast: Cast) -> None:
    secret = make_space("vault", cast.space, is_inheriting=False)
    inner = make_space("inner", secret, is_inheriting=False)
    guest = make_user("guest")
    bind(guest, "reader", inner)
    client = as_client(guest)
    for address in ("/spaces/", "/spaces/inner/"):
        page = text(client.get(address))
        assert "Vault" in page
        assert "/spaces/vault/" not in page
        assert "/spaces/stage/" not in page
        assert "Wings" not in page
    assert client.get("/spaces/vault/").status_code == 404
    assert [row["slug"] for row in client.get("/api/v1/spaces/").json()["results"]] == ["inner"]
