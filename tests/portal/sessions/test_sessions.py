"""Sessions: one table for all processes, ends that hold on the server, and the page and API of one's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.sessions.devices import device_name
from portal.sessions.models import BrowserSession, digest_of
from portal.sessions.store import SIGNED_IN_AT, SessionStore
from tests.conftest import Cast
from tests.factories.portal import make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def signed_in(username: str, agent: str = FIREFOX) -> Client:
    """Somebody's further browser, signed in by its password."""
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/login/", {"login": username, "password": "password"})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_it_gives_the_session_a_new_key_at_sign_in(client: Client) -> None:
    make_user("ada")
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    client.cookies[project.SESSION_COOKIE_NAME] = session.session_key
    client.post("/accounts/login/", {"login": "ada", "password": "password"})
    after = client.cookies[project.SESSION_COOKIE_NAME].value
    assert after != session.session_key
    assert not SessionStore().exists(session.session_key)
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = session.session_key
    assert not is_in(thief)


def test_it_stores_neither_keys_nor_content_in_plain() -> None:
    make_user("ada")
    client = signed_in("ada")
    key = client.cookies[project.SESSION_COOKIE_NAME].value
    row = BrowserSession.objects.get(user__username="ada")
    assert row.session_key == digest_of(key) != key
    thief = Client()
    thief.cookies[project.SESSION_COOKIE_NAME] = row.session_key
    assert not is_in(thief)
    assert SessionStore().decode(row.session_data)["_auth_user_id"] == str(row.user_id)
    assert "_auth_user_id" not in row.session_data
    assert SessionStore().decode("rubbish") == {}


def test_it_ends_when_nobody_used_it_for_long(as_client: SignIn) -> None:
    client = as_client(make_user("ada"))
    assert is_in(client)
    BrowserSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_in(client)


def test_it_lives_on_while_it_is_used_and_writes_that_once_a_minute(as_client: SignIn) -> None:
    client = as_client(make_user("ada"))
    BrowserSession.objects.update(
        last_seen_at=timezone.now() - timedelta(hours=11), expire_date=timezone.now() + timedelta(hours=1)
    )
    assert is_in(client)
    row = BrowserSession.objects.get()
    assert timezone.now() - row.last_seen_at < timedelta(minutes=1)
    assert row.expire_date > timezone.now() + timedelta(hours=11)
    assert is_in(client)
    assert BrowserSession.objects.get().last_seen_at == row.last_seen_at


def test_it_ends_long_after_its_sign_in_however_much_it_is_used(as_client: SignIn, settings: Settings) -> None:
    client = as_client(make_user("ada"))
    session = client.session
    session[SIGNED_IN_AT] = time.time() - settings.SESSION_LONGEST_SECONDS + 60
    session.save()
    assert BrowserSession.objects.get().expire_date < timezone.now() + timedelta(seconds=61)
    session[SIGNED_IN_AT] = time.time() - settings.SESSION_LONGEST_SECONDS - 1
    session.save()
    BrowserSession.objects.update(expire_date=timezone.now() + timedelta(days=1))
    assert not is_in(client)


def test_it_takes_no_session_that_does_not_say_since_when(as_client: SignIn) -> None:
    client = as_client(make_user("ada"))
    session = client.session
    del session[SIGNED_IN_AT]
    session.save()
    assert not is_in(client)


def test_it_never_comes_back_after_it_was_ended(as_client: SignIn) -> None:
    client = as_client(make_user("ada"))
    session = client.session
    session["x"] = 1
    BrowserSession.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not BrowserSession.objects.exists()


def test_it_ends_all_other_browsers_when_the_password_changes() -> None:
    make_user("ada")
    here, there = signed_in("ada"), signed_in("ada")
    form = {"oldpassword": "password", "password1": "a-much-longer-one", "password2": "a-much-longer-one"}
    here.post("/accounts/password/change/", form)
    assert is_in(here)
    assert not is_in(there)
    assert BrowserSession.objects.filter(user__username="ada").count() == 1


def test_it_shows_the_own_browsers_and_marks_this_one() -> None:
    make_user("ada")
    make_user("eve")
    signed_in("eve", "curl/8.0")
    signed_in("ada", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")
    page = signed_in("ada").get("/account/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "this one" in page
    assert "curl" not in page


def test_it_signs_out_one_browser_and_no_stranger_s() -> None:
    ada, _ = make_user("ada"), make_user("eve")
    here, there, eve = signed_in("ada"), signed_in("ada"), signed_in("eve")
    row = BrowserSession.objects.get(session_key=digest_of(there.cookies[project.SESSION_COOKIE_NAME].value))
    assert eve.post(f"/account/sessions/{row.uid}/end/").status_code == 404
    assert is_in(there)
    here.post(f"/account/sessions/{row.uid}/end/")
    assert not is_in(there)
    assert is_in(here)
    assert AuditEvent.objects.filter(action="session.delete", object_label="ada").count() == 1
    assert ada.browser_sessions.count() == 1


def test_it_signs_out_all_others() -> None:
    make_user("ada")
    here, there, elsewhere = signed_in("ada"), signed_in("ada"), signed_in("ada")
    here.post("/account/sessions/end-others/")
    assert [is_in(client) for client in (here, there, elsewhere)] == [True, False, False]


def test_it_lists_and_ends_own_sessions_by_api(client: Client, cast: Cast) -> None:
    browser = signed_in("member")
    bearer = {"Authorization": f"Bearer {make_token(cast.member)}"}
    [row] = client.get("/api/v1/sessions", headers=bearer).json()
    assert (row["device"], row["is_current"], row["address"]) == ("Firefox on Linux", False, "127.0.0.1")
    assert "session_key" not in row
    assert browser.get("/api/v1/sessions").json()[0]["is_current"] is True
    strange = {"Authorization": f"Bearer {make_token(cast.stranger)}"}
    assert client.delete(f"/api/v1/sessions/{row['uid']}", headers=strange).status_code == 404
    assert client.delete(f"/api/v1/sessions/{row['uid']}", headers=bearer).status_code == 204
    assert not is_in(browser)


def test_it_lets_admins_of_root_sign_somebody_out_everywhere(as_client: SignIn, cast: Cast) -> None:
    browser = signed_in("member")
    as_client(cast.operator).post("/people/users/member/sessions/end/")
    assert not is_in(browser)
    event = AuditEvent.objects.get(action="session.delete_all")
    assert (event.actor_label, event.object_label) == ("operator", "member")


def test_it_deletes_rows_that_ended_by_themselves(as_client: SignIn) -> None:
    as_client(make_user("ada"))
    BrowserSession.objects.update(expire_date=timezone.now() - timedelta(days=1))
    SessionStore.clear_expired()
    assert not BrowserSession.objects.exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_it_names_browsers(agent: str, words: str) -> None:
    assert device_name(agent) == words
