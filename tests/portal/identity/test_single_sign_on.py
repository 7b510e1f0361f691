"""Sign-in from outside: newcomers, name and address collisions, forged and failing providers."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.accounts.leaving import LeavingMiddleware
from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.identity.adapters import AccountAdapter, SocialAccountAdapter
from portal.identity.claims import claims_of
from portal.identity.profiles import fitting_username, free_username
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db
PROVIDER = [
    {"key": "idp", "kind": "oidc", "name": "Company sign-in", "client_id": "c", "client_secret": "s", "join": "anybody",
     "server": "https://idp.example.com"}
]  # fmt: skip


@pytest.fixture(autouse=True)
def _provider(settings: Settings) -> None:
    settings.IDENTITY_PROVIDERS = PROVIDER


def request() -> HttpRequest:
    found = RequestFactory().post("/")
    found.user = AnonymousUser()
    found.subject = person(None)  # type: ignore[attr-defined]
    found.session = {}  # type: ignore[assignment]
    found._messages = CookieStorage(found)  # type: ignore[attr-defined]
    return found


def login(sub: str = "123", **claims: Any) -> SocialLogin:
    claims = {"sub": sub, "preferred_username": "ada", "name": "Ada L", "email": "ada@example.com", **claims}
    account = SocialAccount(provider="idp", uid=sub, extra_data={"userinfo": claims})
    addresses = [EmailAddress(email=claims["email"], verified=True, primary=True)] if claims["email"] else []
    found = SocialLogin(user=User(), account=account, email_addresses=addresses)
    SocialAccountAdapter().populate_user(request(), found, {"email": claims["email"], "name": claims["name"]})
    return found


def come_in(sociallogin: SocialLogin) -> User:
    asked = request()
    adapter = SocialAccountAdapter()
    adapter.pre_social_login(asked, sociallogin)
    assert adapter.is_open_for_signup(asked, sociallogin)
    assert adapter.is_auto_signup_allowed(asked, sociallogin)
    user: User = adapter.save_user(asked, sociallogin)
    return user


def test_it_makes_an_account_at_the_first_sign_in() -> None:
    user = come_in(login())
    assert (user.username, user.email, user.display_name) == ("ada", "ada@example.com", "Ada L")
    assert not user.has_usable_password()
    assert [row.action for row in AuditEvent.objects.all()] == ["user.create"]


def test_it_never_takes_over_a_local_account_with_the_same_name_or_address() -> None:
    local = make_user("Ada")
    User.objects.filter(pk=local.pk).update(email="ADA@example.com")
    user = come_in(login())
    assert user.pk != local.pk
    assert (user.username, user.email) == ("ada-2", "")
    assert user.bindings.count() == 0


def test_it_tells_the_newcomer_about_the_other_account() -> None:
    make_user("ada")
    asked = request()
    SocialAccountAdapter().pre_social_login(asked, login())
    assert "exists already" in str(next(iter(asked._messages)))  # type: ignore[attr-defined]


def test_it_numbers_names_that_somebody_has() -> None:
    for name in ("ada", "ADA-2", "ada-30"):
        make_user(name)
    assert free_username("ada") == "ada-3"
    assert free_username("grace") == "grace"


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [
        ("ada l", "ada-l"),
        ("../x", "x"),
        ("", "person"),
        ("<b>", "b"),
        ("a@b.example", "a@b.example"),
        ("x" * 300, "x" * 140),
    ],
)
def test_it_makes_names_fit(wanted: str, fitting: str) -> None:
    assert fitting_username(wanted) == fitting


def test_it_reads_claims_of_both_answers() -> None:
    account = SocialAccount(
        extra_data={"id_token": {"sub": "1", "groups": ["a"]}, "userinfo": {"sub": "1", "name": "x"}}
    )
    assert claims_of(SocialLogin(account=account)) == {"sub": "1", "groups": ["a"], "name": "x"}


def names(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_it_syncs_groups_at_every_sign_in() -> None:
    user = make_user("ada")
    found = login(groups=["a"])
    found.user = user
    facts: dict[str, Any] = {"email_verification": "none", "email": None, "signup": False, "redirect_url": "/"}
    facts["signal_kwargs"] = {"sociallogin": found}
    adapter = AccountAdapter()
    asked = request()
    assert adapter.pre_login(asked, user, **facts) is None
    adapter.post_login(asked, user, **facts)
    assert names(user) == {"sso:idp/a"}
    assert AuditEvent.objects.get(action="session.create").arguments == {"via": "idp"}


def test_it_offers_the_provider_by_a_form(client: Client) -> None:
    body = client.get("/accounts/login/?next=/spaces/").content.decode()
    assert "Company sign-in" in body
    assert 'action="/accounts/oidc/idp/login/?process=login' in body


def test_it_refuses_a_forged_answer_with_a_page_and_records_it(client: Client) -> None:
    response = client.get("/accounts/oidc/idp/login/callback/?state=forged&code=x")
    assert response.status_code == 401
    assert "Nobody was signed in" in response.content.decode()
    assert AuditEvent.objects.get().action == "session.refuse"


def test_it_knows_no_provider_that_is_not_configured(client: Client) -> None:
    assert client.get("/accounts/oidc/nobody/login/").status_code in {302, 404}


def middleware(answer: HttpResponse) -> LeavingMiddleware:
    return LeavingMiddleware(lambda _: answer)


def test_it_leaves_for_a_provider_by_a_page_because_forms_may_not() -> None:
    asked = RequestFactory().post("/accounts/oidc/idp/login/")
    answer = HttpResponseRedirect("https://idp.example.com/auth?a=1&b=2")
    answer.set_cookie("sessionid", "x")
    page = middleware(answer)(asked)
    assert page.status_code == 200
    assert 'content="0;url=https://idp.example.com/auth?a=1&amp;b=2"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert page.cookies["sessionid"].value == "x"


@pytest.mark.parametrize("target", ["/", "http://testserver/spaces/", "javascript:alert(1)"])
def test_it_leaves_other_redirects_alone(target: str) -> None:
    answer = HttpResponse(status=302, headers={"Location": target})
    assert middleware(answer)(RequestFactory().post("/accounts/login/")) is answer


def test_it_says_that_a_provider_is_down() -> None:
    asked = RequestFactory().post("/accounts/oidc/idp/login/")
    page = middleware(HttpResponse()).process_exception(asked, requests.ConnectionError("refused"))
    assert page is not None
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()
    assert middleware(HttpResponse()).process_exception(asked, ValueError("ours")) is None
