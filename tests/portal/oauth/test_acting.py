"""What a tool may do with the access it was given, and how that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Token
from django.utils import timezone

from portal.accounts.models import ApiToken
from portal.accounts.subjects import person, refreshed
from portal.audit.models import AuditEvent
from portal.oauth.clients import update_client
from portal.oauth.models import Grant
from portal.oauth.subjects import subject_of_access_token
from portal.spaces.models import Space
from tests.conftest import Cast
from tests.portal.oauth.conftest import Flow, call, send_form

pytestmark = pytest.mark.django_db


def test_a_tool_that_may_read_reads_as_its_person_and_changes_nothing(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    token = flow.tokens(scope="openid api:read")["access_token"]
    me = call(token).json()
    assert me["user"]["username"] == "owner"
    assert me["tool"] == "Dashboards"
    seen = {row["slug"] for row in call(token, path="/api/v1/spaces/").json()["results"]}
    assert "stage" in seen
    assert "wings" not in seen
    made = call(token, "post", "/api/v1/spaces/", slug="pit", name="Pit", parent="stage")
    assert made.status_code == 403
    assert not Space.objects.filter(slug="pit").exists()


def test_what_every_person_may_do_is_no_matter_for_a_reading_tool_either(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    token = flow.tokens(scope="openid api:read")["access_token"]
    asked = call(token, "post", "/api/v1/role-requests/", space="stage", role="admin", reason="please")
    assert asked.status_code in {403, 404}
    assert not AuditEvent.objects.filter(actor=cast.member).exclude(action__startswith="oauth").exists()


def test_a_tool_that_may_do_everything_does_it_under_its_name(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    token = flow.tokens(scope="openid api")["access_token"]
    made = call(token, "post", "/api/v1/spaces/", slug="pit", name="Pit", parent="stage")
    assert made.status_code == 201, made.content
    assert AuditEvent.objects.get(action="space.create", object_label="Pit").actor_label == "owner via Dashboards"


def test_not_even_that_one_gets_at_the_account(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.operator)
    token = flow.tokens(scope="openid api")["access_token"]
    assert call(token, "post", "/api/v1/tokens/", name="mine for ever").status_code == 403
    assert not ApiToken.objects.exists()
    for path in ("/api/v1/sessions/", "/api/v1/tokens/", "/api/v1/oauth-grants/"):
        assert call(token, path=path).status_code == 403, path


def test_who_somebody_is_opens_nothing(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.operator)
    token = flow.tokens(scope="openid profile")["access_token"]
    assert call(token).status_code == 401
    assert call(token, path="/api/catalog/entities").status_code == 401


def test_access_to_everything_is_given_by_somebody_who_just_proved_who_they_are(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner, is_fresh=False)
    assert "/accounts/reauthenticate/" in flow.ask(scope="openid api")["Location"]
    assert flow.ask(scope="openid api:read").status_code == 200


def test_taking_it_back_ends_it_at_once(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    made = flow.tokens(scope="openid api:read")
    acting = subject_of_access_token(made["access_token"])
    assert acting is not None
    page = flow.browser.get("/oauth/grants/").content.decode()
    assert "Dashboards" in page
    grant = Grant.objects.get()
    assert flow.browser.post(f"/oauth/grants/{grant.uid}/take-back/").status_code == 302
    assert call(made["access_token"]).status_code == 401
    assert flow.renew(made["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(acting).is_anonymous


def test_nobody_takes_back_what_another_gave(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    flow.tokens(scope="openid api:read")
    flow.sign_in(cast.member)
    assert flow.browser.post(f"/oauth/grants/{Grant.objects.get().uid}/take-back/").status_code == 404
    assert Grant.objects.exists()


def test_the_ways_in_which_access_ends(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    token = flow.tokens(scope="openid api:read")["access_token"]
    assert call(token).status_code == 200
    cast.owner.is_active = False
    cast.owner.save()
    assert call(token).status_code == 401
    cast.owner.is_active = True
    cast.owner.save()
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert call(token).status_code == 401


def test_a_client_that_may_ask_for_less_has_less_at_once(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    made = flow.tokens(scope="openid api")
    update_client(subject=person(cast.operator), client=flow.tool, scopes=["openid"])
    assert call(made["access_token"]).status_code == 401
    assert flow.renew(made["refresh_token"]).status_code == 400


def test_a_tool_gives_its_token_back(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.owner)
    made = flow.tokens(scope="openid api:read")
    values = {"token": made["refresh_token"], "client_id": flow.tool.pk, "client_secret": flow.secret}
    assert send_form("/oauth/revoke", values).status_code == 200
    assert call(made["access_token"]).status_code == 401
