"""Second factors: apps and codes, at rest, at sign-in, who must have one, and the way back for whoever lost them."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.accounts.stepping_up import PROVED_AT
from portal.audit.models import AuditEvent
from portal.sessions.models import BrowserSession
from tests.conftest import Cast
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def code_of(secret: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def set_up(client: Client) -> str:
    """Set up an authenticator app; its secret."""
    client.get("/accounts/factors/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    response = client.post("/accounts/factors/totp/activate/", {"code": code_of(secret)})
    assert response["Location"] == "/accounts/factors/recovery-codes/"
    return str(secret)


def codes_on(client: Client) -> list[str]:
    return re.findall(r"<li>(\d{8})</li>", client.get("/accounts/factors/recovery-codes/").content.decode())


def password_step(username: str = "member") -> Client:
    """A further browser whose password was right."""
    client = Client()
    response = client.post("/accounts/login/", {"login": username, "password": "password"})
    assert response["Location"] == "/accounts/factors/authenticate/"
    assert client.get("/account/").status_code == 302
    return client


def test_it_asks_for_the_code_of_the_app_and_takes_each_once(as_client: SignIn, cast: Cast) -> None:
    secret = set_up(as_client(cast.member))
    browser = password_step()
    assert "not right" in browser.post("/accounts/factors/authenticate/", {"code": "000000"}).content.decode()
    code = code_of(secret)
    assert browser.post("/accounts/factors/authenticate/", {"code": code}).status_code == 302
    assert browser.get("/account/").status_code == 200
    again = password_step()
    assert again.post("/accounts/factors/authenticate/", {"code": code}).status_code == 200
    assert again.get("/account/").status_code == 302


def test_it_keeps_secrets_encrypted(as_client: SignIn, cast: Cast) -> None:
    secret = set_up(as_client(cast.member))
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert "gAAAA" in stored


def test_it_shows_recovery_codes_once_and_takes_each_once(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    set_up(client)
    codes = codes_on(client)
    assert len(set(codes)) == 10
    assert codes_on(client) == []
    browser = password_step()
    assert browser.post("/accounts/factors/authenticate/", {"code": codes[0]}).status_code == 302
    assert password_step().post("/accounts/factors/authenticate/", {"code": codes[0]}).status_code == 200


def test_it_makes_new_codes_that_end_the_old_ones(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    set_up(client)
    old = codes_on(client)
    client.post("/accounts/factors/recovery-codes/generate/")
    new = codes_on(client)
    assert len(new) == 10
    assert not set(old) & set(new)
    assert password_step().post("/accounts/factors/authenticate/", {"code": old[0]}).status_code == 200


def test_it_limits_guesses_of_codes(as_client: SignIn, cast: Cast, settings: Settings) -> None:
    settings.LIMITS = settings.LIMITS | {"second_factor": (3, 600)}
    set_up(as_client(cast.member))
    browser = password_step()
    guesses = [browser.post("/accounts/factors/authenticate/", {"code": f"{n:06}"}).status_code for n in range(4)]
    assert guesses == [200, 200, 200, 429]
    assert password_step().post("/accounts/factors/authenticate/", {"code": "1"}).status_code == 429


def test_it_asks_again_who_it_is_before_factors_change(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    session = client.session
    session[PROVED_AT] -= 3600
    session.save()
    for path in ("totp/activate/", "keys/add/", "recovery-codes/", "recovery-codes/generate/"):
        assert client.get(f"/accounts/factors/{path}")["Location"].startswith("/accounts/reauthenticate/?next=")


def test_it_confirms_by_a_code(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    set_up(client)
    codes = codes_on(client)
    session = client.session
    session[PROVED_AT] -= 3600
    session.save()
    response = client.post("/accounts/factors/reauthenticate/?next=/account/", {"code": codes[3], "next": "/account/"})
    assert response["Location"] == "/account/"
    assert client.get("/accounts/factors/keys/add/").status_code == 200


def test_it_leads_whoever_must_have_a_factor_to_it_before_anything_else(
    as_client: SignIn, cast: Cast, settings: Settings
) -> None:
    settings.MFA_REQUIRED = "everybody"
    client = as_client(cast.member)
    assert client.get("/spaces/")["Location"] == "/accounts/factors/"
    assert "Set one up to go on" in client.get("/accounts/factors/").content.decode()
    refused = client.get("/api/v1/spaces")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:callboard:problem:second_factor_required")
    assert client.post("/spaces/stage/delete/").status_code == 302
    set_up(client)
    assert client.get("/spaces/").status_code == 200
    assert "You must have a second factor" in client.get("/accounts/factors/totp/deactivate/").content.decode()
    client.post("/accounts/factors/totp/deactivate/")
    assert client.get("/spaces/").status_code == 200


def test_it_asks_admins_only_where_that_is_the_rule(as_client: SignIn, cast: Cast, settings: Settings) -> None:
    settings.MFA_REQUIRED = "admins"
    assert as_client(cast.owner).get("/spaces/").status_code == 200
    assert as_client(cast.operator).get("/spaces/").status_code == 302


def test_it_never_asks_tokens_for_a_factor(client: Client, cast: Cast, settings: Settings) -> None:
    settings.MFA_REQUIRED = "everybody"
    bearer = {"Authorization": f"Bearer {make_token(cast.member)}"}
    assert client.get("/api/v1/spaces", headers=bearer).status_code == 200


def test_it_lets_no_made_up_token_around_the_rule(as_client: SignIn, cast: Cast, settings: Settings) -> None:
    settings.MFA_REQUIRED = "everybody"
    made_up = {"Authorization": "Bearer cbp_made-up"}
    client = as_client(cast.member)
    assert client.get("/api/v1/spaces", headers=made_up).status_code == 401
    assert client.get("/spaces/", headers=made_up)["Location"] == "/accounts/factors/"


def test_it_lets_admins_of_root_take_lost_factors_away(as_client: SignIn, cast: Cast) -> None:
    set_up(as_client(cast.member))
    admin = as_client(cast.operator)
    admin.post("/people/users/member/factors/reset/")
    assert not Authenticator.objects.filter(user=cast.member).exists()
    assert not BrowserSession.objects.filter(user=cast.member).exists()
    event = AuditEvent.objects.get(action="user.reset_factors")
    assert (event.actor_label, event.arguments["kinds"]) == ("operator", ["recovery_codes", "totp"])
    assert Client().post("/accounts/login/", {"login": "member", "password": "password"})["Location"] == "/"


def test_it_asks_admins_again_before_that(as_client: SignIn, cast: Cast) -> None:
    set_up(as_client(cast.member))
    admin = as_client(cast.operator)
    session = admin.session
    session[PROVED_AT] -= 3600
    session.save()
    assert "/accounts/reauthenticate/" in admin.post("/people/users/member/factors/reset/")["Location"]
    assert Authenticator.objects.filter(user=cast.member).exists()


def test_it_tells_the_person_by_mail(
    as_client: SignIn, cast: Cast, settings: Settings, mailoutbox: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    settings.MAIL_IS_CONFIGURED = True
    set_up(as_client(cast.member))
    mailoutbox.clear()
    admin = as_client(cast.operator)
    with django_capture_on_commit_callbacks(execute=True):
        admin.post("/people/users/member/factors/reset/")
    assert [mail.to for mail in mailoutbox] == [["member@example.com"]]  # type: ignore[attr-defined]
    assert "took away the second factors" in mailoutbox[0].body  # type: ignore[attr-defined]


def test_it_lets_operators_back_in_from_the_shell(as_client: SignIn, cast: Cast) -> None:
    set_up(as_client(cast.operator))
    out, told = io.StringIO(), io.StringIO()
    call_command("create_admin", "operator", "--reset-factors", stdout=out, stderr=told)
    assert "took away: recovery_codes, totp" in told.getvalue()
    password = out.getvalue().strip()
    response = Client().post("/accounts/login/", {"login": "operator", "password": password})
    assert response["Location"] == "/"
