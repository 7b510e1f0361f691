"""Pages of spaces, by rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import ApiToken, User
from portal.audit.models import AuditEvent
from portal.spaces.models import Binding, Space
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_space, make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


def test_it_shows_the_visible_part_of_the_tree(as_client: SignIn, cast: Cast) -> None:
    body = text(as_client(cast.stranger).get("/spaces/"))
    assert "Wings" in body
    assert "Root" in body
    assert "Stage" not in body
    assert "<b>2</b> spaces" in body


def test_it_tells_people_without_spaces_what_to_do(as_client: SignIn, cast: Cast) -> None:
    assert "You see no space yet" in text(as_client(make_user()).get("/spaces/"))


@pytest.mark.parametrize(
    ("path", "owner", "member", "stranger"),
    [
        ("/spaces/stage/", 200, 200, 404),
        ("/spaces/stage/change/", 200, 403, 404),
        ("/spaces/stage/_/subjects/?who=o", 200, 403, 404),
        ("/spaces/-/roles/", 200, 200, 200),
    ],
)
def test_it_guards_pages_of_a_space(
    as_client: SignIn, cast: Cast, path: str, owner: int, member: int, stranger: int
) -> None:
    found = [as_client(getattr(cast, name)).get(path).status_code for name in ("owner", "member", "stranger")]
    assert found == [owner, member, stranger]


@pytest.mark.parametrize("path", ["delete/", "bindings/", "bindings/00000000-0000-0000-0000-000000000000/delete/"])
def test_it_guards_changes_of_a_space(as_client: SignIn, cast: Cast, path: str) -> None:
    url = f"/spaces/stage/{path}"
    assert as_client(cast.member).post(url).status_code == 403
    assert as_client(cast.stranger).post(url).status_code == 404
    assert as_client(cast.owner).get(url).status_code == 405
    assert Space.objects.filter(slug="stage").exists()


def test_it_says_why_readers_can_not_change_a_space(as_client: SignIn, cast: Cast) -> None:
    body = text(as_client(cast.member).get("/spaces/stage/"))
    assert "You may not change the space in the space “Stage”. Ask owner or operator for a role" in body
    assert "Give the role" not in body


def test_it_shows_who_may_do_what_and_through_which_space(as_client: SignIn, cast: Cast) -> None:
    bind(make_group("crew"), "reader", cast.space)
    body = text(as_client(cast.owner).get("/spaces/stage/"))
    assert "crew" in body
    assert body.index("this space") < body.index("inherited")
    assert 'href="/spaces/root/">Root' in body


def test_it_tells_no_more_than_names_of_spaces_above_that_one_may_not_see(as_client: SignIn, cast: Cast) -> None:
    closed = make_space("cellar", cast.space, is_inheriting=False)
    guest = make_user("guest")
    bind(guest, "reader", closed)
    Space.objects.filter(slug="stage").update(description="where it plays")
    body = text(as_client(guest).get("/spaces/cellar/"))
    assert "a space above" in body
    assert "/spaces/stage/" not in body
    assert "where it plays" not in body


def test_it_shows_tokens_to_those_who_can_take_them_away(as_client: SignIn, cast: Cast) -> None:
    make_token(cast.owner, "reader", cast.space)
    ApiToken.objects.update(name="nightly build")
    assert "nightly build" in text(as_client(cast.owner).get("/spaces/stage/"))
    assert "nightly build" not in text(as_client(cast.member).get("/spaces/stage/"))


def test_it_makes_a_space_below_another(as_client: SignIn, cast: Cast) -> None:
    form = {"name": "Loft", "slug": "loft", "parent": "stage", "is_inheriting": "on", "description": "High up."}
    assert as_client(cast.owner).post("/spaces/-/new/", form)["Location"] == "/spaces/loft/"
    space = Space.objects.get(slug="loft")
    assert (space.parent, space.is_inheriting) == (cast.space, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slug": "Loft!"}, "lower-case letters"),
        ({"slug": "stage"}, "already exists"),
        ({"parent": "wings"}, "not one of the available choices"),
        ({"parent": "root"}, "not one of the available choices"),
        ({"name": ""}, "required"),
    ],
)
def test_it_says_what_is_wrong_with_a_space(as_client: SignIn, cast: Cast, changes: dict[str, str], words: str) -> None:
    response = as_client(cast.owner).post("/spaces/-/new/", {"name": "L", "slug": "loft", "parent": "stage", **changes})
    assert response.status_code == 422
    assert words in text(response)
    assert not Space.objects.filter(slug="loft").exists()


def test_it_changes_a_space(as_client: SignIn, cast: Cast) -> None:
    form = {"name": "Main stage", "description": "Where it happens.", "is_inheriting": "on"}
    as_client(cast.owner).post("/spaces/stage/change/", form)
    cast.space.refresh_from_db()
    assert (cast.space.name, cast.space.is_inheriting) == ("Main stage", True)


def test_it_lets_only_admins_of_root_close_a_space(as_client: SignIn, cast: Cast) -> None:
    form = {"name": "Stage", "description": ""}
    as_client(cast.owner).post("/spaces/stage/change/", form)
    cast.space.refresh_from_db()
    assert cast.space.is_inheriting
    as_client(cast.operator).post("/spaces/stage/change/", form)
    cast.space.refresh_from_db()
    assert not cast.space.is_inheriting


def test_it_deletes_empty_spaces_and_names_what_keeps_others(as_client: SignIn, cast: Cast) -> None:
    make_space("loft", cast.space)
    client = as_client(cast.owner)
    assert "still holds spaces" in text(client.post("/spaces/stage/delete/", follow=True))
    assert "“Loft” is gone" in text(client.post("/spaces/loft/delete/", follow=True))
    assert "The root space stays" in text(as_client(cast.operator).get("/spaces/root/"))


@pytest.mark.parametrize(
    ("who", "kind"), [("guest", "user"), ("crew", "group"), ("group:both", "group"), ("sso:x", "group")]
)
def test_it_gives_a_role_to_a_person_or_group(as_client: SignIn, cast: Cast, who: str, kind: str) -> None:
    make_user("guest")
    make_user("both")
    for name in ("crew", "both", "sso:x"):
        make_group(name)
    response = as_client(cast.owner).post("/spaces/stage/bindings/", {"who": who, "role": "reader"})
    assert response["Location"] == "/spaces/stage/#rights"
    binding = Binding.objects.get(space=cast.space, role__slug="reader")
    assert str(getattr(binding, kind)) == who.removeprefix("group:")


@pytest.mark.parametrize(
    ("who", "role", "words"),
    [("nobody", "reader", "no person and no group called “nobody”"), ("both", "reader", "user:both or group:both"),
     ("guest", "king", "not one of the available choices"), ("", "reader", "required")],
)  # fmt: skip
def test_it_says_why_a_role_was_not_given(as_client: SignIn, cast: Cast, who: str, role: str, words: str) -> None:
    for name in ("guest", "both"):
        make_user(name)
    make_group("both")
    response = as_client(cast.owner).post("/spaces/stage/bindings/", {"who": who, "role": role})
    assert response.status_code == 422
    assert words in text(response)


def test_it_takes_a_role_away(as_client: SignIn, cast: Cast) -> None:
    binding = cast.member.bindings.get()
    client = as_client(cast.owner)
    client.post(f"/spaces/stage/bindings/{binding.uid}/delete/")
    assert not cast.member.bindings.exists()
    assert client.post(f"/spaces/stage/bindings/{binding.uid}/delete/").status_code == 404
    assert AuditEvent.objects.filter(action="binding.delete", actor=cast.owner).count() == 1


def test_it_never_takes_away_a_role_of_another_space(as_client: SignIn, cast: Cast) -> None:
    binding = cast.operator.bindings.get()
    assert as_client(cast.owner).post(f"/spaces/stage/bindings/{binding.uid}/delete/").status_code == 404
    assert cast.operator.bindings.exists()


def test_it_keeps_the_last_admin_and_says_so(as_client: SignIn, cast: Cast) -> None:
    binding = cast.operator.bindings.get()
    response = as_client(cast.operator).post(f"/spaces/root/bindings/{binding.uid}/delete/", follow=True)
    assert "last admin" in text(response)


def test_it_suggests_people_and_groups(as_client: SignIn, cast: Cast) -> None:
    make_group("memories")
    body = text(as_client(cast.owner).get("/spaces/stage/_/subjects/?who=mem"))
    assert body.count("<option") == 2
