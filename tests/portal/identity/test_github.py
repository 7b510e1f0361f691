"""GitHub: people by its API, organisations and teams as groups, and what happens when its token dies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.identity.models import ProviderSession
from tests.portal.identity.conftest import OpenIdProvider

pytestmark = pytest.mark.django_db


class GitHub:
    """What a GitHub Enterprise Server answers."""

    def __init__(self) -> None:
        self.orgs, self.teams, self.user_status = ["stage"], [("stage", "props")], 200

    def answer(self, path: str, body: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON of one request."""
        match path.partition("?")[0]:
            case "/login/oauth/access_token":
                assert body["code_verifier"]
                return 200, {"access_token": "t", "token_type": "bearer"}
            case "/api/v3/user":
                return self.user_status, {"id": 7, "login": "ada", "name": "Ada"}
            case "/api/v3/user/emails":
                return 200, [{"email": "ada@example.com", "primary": True, "verified": True}]
            case "/api/v3/user/orgs":
                return 200, [{"login": name} for name in self.orgs]
            case "/api/v3/user/teams":
                return 200, [{"slug": slug, "organization": {"login": org}} for org, slug in self.teams]
        return 404, {}


@pytest.fixture
def github(make_provider: Callable[..., OpenIdProvider]) -> GitHub:
    found = GitHub()
    provider = make_provider("github", kind="github")
    provider.answer = found.answer  # type: ignore[method-assign]
    return found


def sign_in(client: Client) -> Any:
    page = client.post("/accounts/github/github/login/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page.context["target"]).query).items()}
    assert set(asked["scope"].split()) == {"read:user", "user:email", "read:org"}
    return client.get("/accounts/github/github/login/callback/", {"code": "c", "state": asked["state"]})


def names() -> set[str]:
    return set(User.objects.get(username="ada").groups.values_list("name", flat=True))


def test_it_signs_in_with_organisations_and_teams_as_groups(client: Client, github: GitHub) -> None:
    assert sign_in(client).status_code == 302
    assert names() == {"sso:github/stage", "sso:github/stage/props"}
    assert User.objects.get().email == "ada@example.com"


def test_it_looks_again_and_ends_the_session_with_the_token(client: Client, github: GitHub) -> None:
    sign_in(client)
    github.teams = []
    ProviderSession.objects.update(look_again_at=timezone.now())
    assert client.get("/spaces/").status_code == 200
    assert names() == {"sso:github/stage"}
    github.user_status = 401
    ProviderSession.objects.update(look_again_at=timezone.now())
    assert client.get("/spaces/").status_code == 302


def test_it_takes_a_github_key_at_the_github_door_only(client: Client, github: GitHub) -> None:
    assert client.get("/accounts/oidc/github/login/").status_code in {302, 404}
    assert client.get("/accounts/saml/github/login/").status_code in {302, 404}
