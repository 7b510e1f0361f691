"""Addresses of one's own security: sessions, second factors, confirming that it is oneself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tests.contracts.matrix import API_SIGNED_IN, PUBLIC, SIGNED_IN, Row, Stage
from tests.factories.portal import make_user


def own_session(stage: Stage) -> dict[str, object]:
    """A session of the space's admin in another browser."""
    from portal.sessions.models import BrowserSession

    made = stage.once(
        "session",
        lambda: BrowserSession.objects.create(
            session_key="0" * 64,
            user=stage.cast.owner,
            session_data="",
            expire_date=timezone.now() + timedelta(hours=1),
        ),
    )
    return {"uid": made.uid}


def somebody(stage: Stage) -> dict[str, object]:
    """Somebody without any role."""
    return {"username": stage.once("somebody", make_user).username}


def a_key(stage: Stage) -> dict[str, object]:
    """The number of a key that nobody has."""
    return {"pk": 1}


def a_link(stage: Stage) -> dict[str, object]:
    """A link that nobody was sent."""
    return {"uidb36": "1", "key": "made-up"}


LEADS_AWAY = {"GET": "302 302 302 302 302 302"}
NO_SUCH_KEY = {"GET": "302 404 404 404 404 404", "POST": "302 404 404 404 404 404"}

ROWS = [
    Row("accounts:continue", LEADS_AWAY),
    Row("accounts:security", SIGNED_IN),
    Row("accounts:session_end", {"POST": "302 404 404 404 302 404"}, own_session, others={"parent": 404}),
    Row("accounts:session_end_others", {"POST": "302 302 302 302 302 302"}),
    Row("account_reauthenticate_elsewhere", SIGNED_IN),
    Row("account_email", SIGNED_IN),
    Row("account_email_verification_sent", PUBLIC),
    Row("account_confirm_email", PUBLIC, lambda stage: {"key": "made-up"}),
    Row("account_reset_password_done", PUBLIC),
    Row("account_reset_password_from_key", PUBLIC, a_link),
    Row("account_reset_password_from_key_done", PUBLIC),
    Row("mfa_index", SIGNED_IN),
    Row("mfa_authenticate", LEADS_AWAY),
    Row("mfa_reauthenticate", LEADS_AWAY),
    Row("mfa_activate_totp", SIGNED_IN | {"POST": "302 200 200 200 200 200"}),
    Row("mfa_deactivate_totp", {"GET": "302 404 404 404 404 404", "POST": "302 404 404 404 404 404"}),
    Row("mfa_view_recovery_codes", {"GET": "302 404 404 404 404 404"}),
    Row("mfa_generate_recovery_codes", SIGNED_IN | {"POST": "302 200 200 200 200 200"}),
    Row("mfa_list_webauthn", LEADS_AWAY),
    Row("mfa_add_webauthn", SIGNED_IN | {"POST": "302 200 200 200 200 200"}),
    Row("mfa_login_webauthn", LEADS_AWAY | {"POST": "302 302 302 302 302 302"}),
    Row("mfa_reauthenticate_webauthn", LEADS_AWAY),
    Row("mfa_remove_webauthn", NO_SUCH_KEY, a_key),
    Row("mfa_edit_webauthn", NO_SUCH_KEY, a_key),
    Row("people:person_sessions_end", {"POST": "302 403 404 404 403 302"}, somebody, others={"outsider": 404}),
    Row("people:person_factors_reset", {"POST": "302 403 404 404 403 302"}, somebody, others={"outsider": 404}),
    Row("api-session-list", API_SIGNED_IN, others={"reading token of owner": 403}),
    Row(
        "api-session-detail",
        {"DELETE": "401 404 404 404 204 404"},
        own_session,
        others={"parent": 404, "token of parent": 404, "reading token of owner": 403},
    ),
]
