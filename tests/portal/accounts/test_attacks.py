"""Attacks on getting in: other sites, forged hosts, guessed names, cookies and pages in caches."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.accounts.models import User
from tests.conftest import Cast
from tests.contracts.matrix import Row, Stage
from tests.contracts.test_permission_matrix import rows
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
BASE_DIR = Path(__file__).resolve().parents[3]


# What identity providers and Git hosts post by themselves: their signature stands for the form's token.
SIGNED = {"git-webhook", "openid_connect_back_channel", "saml_acs", "saml_sls"}
# What tools send without a browser's session, and what only asks; tests of the provider hold the forms of people.
OF_TOOLS = {
    f"idp:oidc:{name}" for name in ("authorization", "device_code", "logout", "revoke", "token", "userinfo")
}  # fmt: skip


def writing_pages() -> list[Row]:
    """All addresses of pages that take POST."""
    return [row for row in rows() if "POST" in row.expected and row.name not in SIGNED | OF_TOOLS]


@pytest.mark.parametrize("row", writing_pages(), ids=lambda row: row.name)
def test_it_refuses_every_form_of_another_site(row: Row, cast: Cast) -> None:
    address = reverse(row.name, kwargs=dict(row.parts(Stage(cast)))) + row.query
    if address.startswith(("/api/", "/scim/")):
        pytest.skip("an endpoint: held by its own tests, or deaf to sessions")
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    before = client.post(address, {}, headers={"Origin": "https://elsewhere.example"})
    assert before.status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "https:elsewhere.example",
        "javascript:alert(1)", "http:///elsewhere.example", "\thttps://elsewhere.example",
    ],
)  # fmt: skip
def test_it_never_leads_to_another_site(client: Client, as_client: SignIn, target: str) -> None:
    user = make_user("ada")
    wanted = {"login": "ada", "password": "password", "next": target}
    assert client.post("/accounts/login/", wanted)["Location"] == "/"
    assert client.post("/accounts/login/?next=" + target, wanted)["Location"] == "/"
    client = as_client(user)
    confirmed = client.post("/accounts/reauthenticate/", {"password": "password", "next": target})
    assert confirmed["Location"] in {"/", "/accounts/reauthenticate/"}
    page = client.get("/accounts/reauthenticate/provider/", {"next": target}).content.decode()
    assert "elsewhere" not in page
    assert "alert" not in page


def hashes_of(login: str) -> int:
    """How many passwords are hashed while somebody tries to sign in."""
    with mock.patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as hashing:
        Client().post("/accounts/login/", {"login": login, "password": "wrong"})
    return int(hashing.call_count)


def test_it_answers_and_works_the_same_whether_the_name_is_known_or_not(settings: Settings) -> None:
    make_user("ada")
    make_user("gone", is_active=False)

    def answer(login: str) -> str:
        page = Client().post("/accounts/login/", {"login": login, "password": "wrong"}).content.decode()
        return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken": ")[^>]*', "", page).replace(login, "…")

    assert answer("ada") == answer("nobody") == answer("gone")
    assert hashes_of("ada") == hashes_of("nobody") == hashes_of("gone") > 0
    assert hashes_of("ada@example.com") == hashes_of("nobody@example.com") > 0


@pytest.fixture
def mail(settings: Settings) -> Settings:
    """A portal that sends mail."""
    settings.MAIL_IS_CONFIGURED = True
    settings.BASE_URL = "https://portal.example.com"
    return settings


def reset(email: str, **headers: str) -> Any:
    return Client().post("/accounts/password/reset/", {"email": email}, headers=headers)


def test_it_answers_the_same_whoever_forgot_a_password(mail: Settings, mailoutbox: list[Any]) -> None:
    make_user("ada")
    known, unknown = reset("ada@example.com"), reset("nobody@example.com")
    assert known["Location"] == unknown["Location"] == "/accounts/password/reset/done/"
    assert known.cookies.keys() == unknown.cookies.keys()
    assert [message.to for message in mailoutbox] == [["ada@example.com"]]


def test_it_writes_its_own_address_into_mails_and_never_the_caller_s(mail: Settings, mailoutbox: list[Any]) -> None:
    make_user("ada")
    mail.ALLOWED_HOSTS = ["*"]
    reset("ada@example.com", Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    [message] = mailoutbox
    assert "https://portal.example.com/accounts/password/reset/key/" in message.body
    assert "evil.example/" not in message.body


def test_it_sets_a_new_password_by_the_link_once_and_ends_all_sessions(
    mail: Settings, mailoutbox: list[Any], as_client: SignIn
) -> None:
    before = as_client(make_user("ada"))
    reset("ada@example.com")
    link = re.search(r"https://portal\.example\.com(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    assert link
    client = Client()
    form_page = client.get(link[1])["Location"]
    new = {"password1": "a-much-longer-one", "password2": "a-much-longer-one"}
    assert client.post(form_page, new).status_code == 302
    assert User.objects.get(username="ada").check_password("a-much-longer-one")
    assert before.get("/account/").status_code == 302
    assert "does not work any more" in Client().get(link[1]).content.decode()


def test_it_promises_no_mail_where_none_is_configured(client: Client, as_client: SignIn, mailoutbox: list[Any]) -> None:
    make_user("ada")
    assert "an admin of the root space" in client.get("/accounts/password/reset/").content.decode()
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    assert mailoutbox == []
    assert "sends no mail" in as_client(make_user("eve")).get("/accounts/email/").content.decode()


def test_it_changes_the_address_once_the_link_is_followed(
    mail: Settings, mailoutbox: list[Any], as_client: SignIn
) -> None:
    user = make_user("ada")
    EmailAddress.objects.create(user=user, email="ada@example.com", verified=True, primary=True)
    client = as_client(user)
    client.post("/accounts/email/", {"email": "new@example.com", "action_add": "1"})
    user.refresh_from_db()
    assert user.email == "ada@example.com"
    link = re.search(r"https://portal\.example\.com(/accounts/confirm-email/\S+)", mailoutbox[0].body)
    assert link
    client.post(link[1])
    user.refresh_from_db()
    assert user.email == "new@example.com"


def test_it_keeps_private_pages_out_of_every_cache_and_frame(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    for path in ("/account/", "/accounts/factors/", "/accounts/factors/totp/activate/", "/tokens/", "/"):
        response = client.get(path)
        assert "no-store" in response["Cache-Control"]
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Referrer-Policy"] == "same-origin"
        assert "camera=()" in response["Permissions-Policy"]
        assert not re.search(
            r"<script(?![^>]*(?: src=| type=\"application/json\"))|style=|\son\w+=", response.content.decode()
        )


PROBE = """
import django; django.setup()
from django.conf import settings
# Nothing is collected where tests run, so files keep their names.
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
client = Client(headers={"Host": "localhost"})
answer = client.get("/accounts/login/", secure=True)
cookies = {name: (bool(row["secure"]), bool(row["httponly"]), row["path"], row["domain"], row["samesite"])
           for name, row in answer.cookies.items()}
print(cookies)
evil = client.get("/", secure=True, headers={"Host": "evil.example"}).status_code
print(client.get("/accounts/login/").status_code, answer["Strict-Transport-Security"], settings.SESSION_COOKIE_NAME,
      settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, evil)
"""


def test_it_hardens_cookies_transport_and_host_in_production() -> None:
    found_at = connection.settings_dict
    database = (
        f"postgresql://{found_at['USER']}:{found_at['PASSWORD']}@/{found_at['NAME']}"
        f"?host={found_at['HOST']}&port={found_at['PORT'] or 5432}"
    )
    env = {
        "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": "k" * 60, "PATH": "/usr/bin",
        "ENCRYPTION_KEYS": "dGVzdC1vbmx5LWtleS10aGF0LWhhcy0zMi1ieXRlcyE=", "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    command = [sys.executable, "-c", PROBE]
    found = subprocess.run(command, env=env, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-800:]
    cookies, rest = found.stdout.strip().splitlines()
    assert cookies == "{'__Host-csrf': (True, True, '/', '', 'Lax')}"
    assert rest == "301 max-age=31536000 __Host-session True True 400"
