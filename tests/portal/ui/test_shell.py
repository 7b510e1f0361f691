"""What every page has: the policy, navigation by rights, the chosen space, themes, search, and errors that help."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.spaces.models import Space
from portal.ui import views
from portal.ui.requests import wants_fragment
from portal.ui.spaces import narrow
from tests.conftest import Cast
from tests.factories.portal import make_space, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_it_sends_a_policy_that_allows_nothing_inline(as_client: SignIn, cast: Cast) -> None:
    response = as_client(cast.owner).get("/")
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    body = response.content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", body)


def test_it_asks_people_to_sign_in_and_remembers_where_they_wanted_to_go(client: Client) -> None:
    response = client.get("/spaces/?q=a")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/spaces/%3Fq%3Da"


def test_it_greets_people_with_their_roles(as_client: SignIn, cast: Cast) -> None:
    body = as_client(cast.owner).get("/").content.decode()
    assert "Hello, owner" in body
    assert "Stage" in body


def test_it_tells_newcomers_whom_to_ask(as_client: SignIn, cast: Cast) -> None:
    body = as_client(make_user("newcomer")).get("/").content.decode()
    assert "You have no access yet" in body
    assert "operator@example.com" in body
    assert "Stage" not in body


def test_it_shows_navigation_by_rights(as_client: SignIn, cast: Cast) -> None:
    assert 'href="/audit/"' in as_client(cast.owner).get("/").content.decode()
    assert 'href="/audit/"' not in as_client(cast.member).get("/").content.decode()


def test_it_marks_the_current_entry_of_the_navigation(as_client: SignIn, cast: Cast) -> None:
    body = as_client(cast.owner).get("/spaces/stage/").content.decode()
    assert re.findall(r'class="nav-entry" href="([^"]+)" aria-current="page"', body) == ["/spaces/"]


def test_it_remembers_the_theme_and_draws_it_from_the_start(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    response = client.post("/theme/", {"theme": "dark", "next": "/spaces/"})
    assert response["Location"] == "/spaces/"
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "auto"})
    assert 'data-theme="auto"' in client.get("/").content.decode()


def test_it_never_leaves_the_site_after_a_change_of_theme(as_client: SignIn, cast: Cast) -> None:
    response = as_client(cast.owner).post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_it_remembers_the_chosen_space_and_names_it(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    client.get("/?space=stage")
    assert client.cookies["space"].value == "stage"
    assert 'button-text">Stage<' in client.get("/").content.decode()
    client.get("/?space=")
    assert "All spaces" in client.get("/").content.decode()


def test_it_ignores_a_chosen_space_that_one_may_not_see(as_client: SignIn, cast: Cast) -> None:
    body = as_client(cast.stranger).get("/?space=stage").content.decode()
    assert "Stage" not in body


def test_it_narrows_lists_to_the_chosen_space_and_below(cast: Cast) -> None:
    below = make_space("loft", cast.space)
    request = RequestFactory().get("/?space=stage")
    request.subject = person(cast.operator)  # type: ignore[attr-defined]
    found = narrow(request, Space.objects.all(), "pk")
    assert set(found) == {cast.space, below}


def test_it_lists_visible_spaces_in_the_switcher_only(as_client: SignIn, cast: Cast) -> None:
    body = as_client(cast.stranger).get("/spaces/_/switcher/?next=/audit/?q=x").content.decode()
    assert "/audit/?space=wings" in body
    assert "stage" not in body


def test_it_finds_visible_things_only(as_client: SignIn, cast: Cast) -> None:
    assert "/spaces/stage/" in as_client(cast.member).get("/search/?q=stag").content.decode()
    body = as_client(cast.stranger).get("/search/?q=stag").content.decode()
    assert "/spaces/stage/" not in body
    assert "Nothing found" in body


def test_it_finds_people_for_those_who_give_roles(as_client: SignIn, cast: Cast) -> None:
    assert "/people/users/member/" in as_client(cast.owner).get("/search/_/hits/?q=memb").content.decode()
    assert "/people/users/member/" not in as_client(cast.member).get("/search/_/hits/?q=memb").content.decode()


@pytest.mark.parametrize("text", ["x" * 5000, "%F0%9F%90%98", "'\"--"])
def test_it_searches_for_odd_text_without_stumbling(as_client: SignIn, cast: Cast, text: str) -> None:
    assert as_client(cast.operator).get(f"/search/?q={text}").status_code == 200


def test_it_asks_for_no_nul_in_the_words_of_the_address(as_client: SignIn, cast: Cast) -> None:
    answer = as_client(cast.operator).get("/search/?q=%00")
    assert answer.status_code == 400
    assert "NUL character" in answer.content.decode()


def test_it_answers_unknown_addresses_with_a_page(as_client: SignIn, cast: Cast) -> None:
    response = as_client(cast.owner).get("/nothing-here/")
    assert response.status_code == 404
    assert "There is no page at this address" in response.content.decode()


def test_it_answers_fragments_with_fragments_and_programs_with_json(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    fragment = client.get("/spaces/nowhere/", headers={"HX-Request": "true"})
    assert fragment.status_code == 404
    assert "<html" not in fragment.content.decode()
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_it_says_plainly_that_a_form_was_forged(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "sent from another site" in response.content.decode()


def _request(path: str = "/x/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.subject = person(None)  # type: ignore[attr-defined]
    return request


def _status(response: HttpResponse) -> int:
    return response.status_code


def test_it_has_a_page_for_each_kind_of_trouble(cast: Cast) -> None:
    assert _status(views.bad_request(_request(), BadRequest("x"))) == 400
    assert _status(views.permission_denied(_request(), PermissionError("x"))) == 403
    broken = views.server_error(_request())
    assert broken.status_code == 500
    assert "Something broke on our side" in broken.content.decode()
    assert b"problem" in views.server_error(_request("/api/v1/spaces/")).content


def test_it_knows_fragments_from_boosted_links_and_restored_history() -> None:
    def asked(**headers: str) -> bool:
        return wants_fragment(
            RequestFactory().get("/", headers={name.replace("_", "-"): text for name, text in headers.items()})
        )

    assert asked(HX_Request="true")
    assert not asked()
    assert not asked(HX_Request="true", HX_Boosted="true")
    assert not asked(HX_Request="true", HX_History_Restore_Request="true")


def test_it_browses_the_api_for_people_who_are_signed_in(as_client: SignIn, cast: Cast, client: Client) -> None:
    assert client.get("/api/docs/").status_code == 302
    assert b"swagger-ui-bundle" in as_client(cast.member).get("/api/docs/").content


def test_it_takes_the_whole_page_to_sign_in_when_a_fragment_needs_it(client: Client, cast: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/spaces/?q=a"}
    response = client.get("/search/_/hits/?q=x", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=/spaces/%3Fq%3Da"


def test_it_keeps_pages_out_of_shared_caches(as_client: SignIn, cast: Cast) -> None:
    response = as_client(cast.owner).get("/")
    assert response["Cache-Control"] == "private, no-store"
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}
