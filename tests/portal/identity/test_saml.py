"""SAML answers that are changed, replayed, stolen, unasked for, or sent to the wrong door."""

from __future__ import annotations

import base64
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from lxml import etree
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.identity.models import IdentityProvider, ProviderSession, SeenAssertion
from tests.portal.identity.saml_answers import BASE, CERTIFICATE, OTHER_CERTIFICATE, OTHER_KEY, Answer

pytestmark = pytest.mark.django_db


def make(key: str = "corp", **values: Any) -> IdentityProvider:
    facts = {"name": key, "kind": "saml", "join": "anybody", "idp_entity_id": f"https://idp.example.com/{key}",
             "idp_sso_url": "https://idp.example.com/sso", "idp_certificates": [CERTIFICATE]}  # fmt: skip
    return IdentityProvider.objects.create(key=key, **{**facts, **values})


@pytest.fixture(autouse=True)
def _base(settings: Settings) -> None:
    settings.BASE_URL = BASE


@pytest.fixture
def corp() -> IdentityProvider:
    return make()


def ask(client: Client, key: str = "corp", **query: str) -> str:
    """Start a sign-in; the id of the request."""
    page = client.post(f"/accounts/saml/{key}/login/", query_params=query)
    packed = parse_qs(urlsplit(page.context["target"]).query)["SAMLRequest"][0]
    request = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
    return str(request.get("ID"))


def send(client: Client, response: str, key: str = "corp", **fields: str) -> Any:
    """Post an answer and follow to where it is looked at."""
    first = client.post(f"/accounts/saml/{key}/acs/", {"SAMLResponse": response, **fields})
    assert first.status_code == 302
    return client.get(first["Location"])


def is_in(client: Client) -> bool:
    return client.get("/spaces/").status_code == 200


def test_it_signs_in_by_a_signed_assertion(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client, next="/spaces/"), groups=("stage",))
    assert send(client, answer.response(answer.signed()))["Location"] == "/spaces/"
    assert is_in(client)
    assert set(User.objects.get(username="ada").groups.values_list("name", flat=True)) == {"sso:corp/stage"}


def refused(client: Client, response: str, key: str = "corp") -> None:
    assert send(client, response, key).status_code == 401
    assert not is_in(client)
    assert AuditEvent.objects.filter(action="session.refuse").exists()


def test_it_refuses_an_assertion_without_signature(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client))
    refused(client, answer.response(answer.assertion()))


def test_it_refuses_a_signature_of_somebody_else(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client))
    refused(client, answer.response(answer.signed(OTHER_KEY, OTHER_CERTIFICATE)))


@pytest.mark.parametrize("old_new", [("id-of-ada", "id-of-root"), (">stage<", ">admins<")])
def test_it_refuses_an_assertion_that_was_changed(
    client: Client, corp: IdentityProvider, old_new: tuple[str, str]
) -> None:
    answer = Answer(asked=ask(client), groups=("stage",))
    changed = answer.signed().replace(*old_new)
    assert changed != answer.signed()
    refused(client, answer.response(changed))


def test_it_refuses_a_forged_assertion_wrapped_around_a_signed_one(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client))
    forged = Answer(asked=answer.asked, name_id="id-of-root").assertion()
    refused(client, answer.response(forged + answer.signed()))
    forged = Answer(asked=answer.asked, name_id="id-of-root", id=answer.id).assertion()
    wrapped = forged.replace("</saml:Assertion>", f"<saml:Advice>{answer.signed()}</saml:Advice></saml:Assertion>")
    refused(client, answer.response(wrapped))


def test_it_reads_a_name_with_a_comment_in_it_as_a_whole(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client), name_id="id-of-ada<!-- -->.evil")
    send(client, answer.response(answer.signed()))
    assert not User.objects.filter(socialaccount__uid="id-of-ada").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": "https://other.example.com"},
        {"recipient": "https://other.example.com/acs"},
        {"issuer": "https://other.example.com"},
        {"ends": -3},
        {"confirmed": "ONELOGIN_other"},
        {"confirmed": ""},
        {"starts": 3},
        {"name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    ],
)
def test_it_refuses_answers_that_are_for_others_or_old(
    client: Client, corp: IdentityProvider, wrong: dict[str, Any]
) -> None:
    answer = Answer(asked=ask(client), **wrong)
    refused(client, answer.response(answer.signed()))


def test_it_forgives_clocks_that_are_a_little_off(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client), starts=0.5)
    send(client, answer.response(answer.signed()))
    assert is_in(client)


def test_it_takes_an_answer_once(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client))
    response = answer.response(answer.signed())
    send(client, response)
    assert is_in(client)
    refused(Client(), response)


def test_it_takes_a_used_assertion_in_no_new_answer(client: Client, corp: IdentityProvider) -> None:
    corp.may_idp_initiate = True
    corp.save()
    answer = Answer()
    send(client, answer.response(answer.signed()))
    assert is_in(client)
    again = Client()
    answer.confirmed = ""
    refused(again, answer.response(answer.signed()))
    assert SeenAssertion.objects.count() == 1


def test_it_takes_no_unasked_answer_unless_that_is_allowed(client: Client, corp: IdentityProvider) -> None:
    answer = Answer()
    refused(client, answer.response(answer.signed()))


def test_it_takes_no_answer_to_somebody_elses_request_as_an_unasked_one(client: Client) -> None:
    make(may_idp_initiate=True)
    answer = Answer(asked="", confirmed=ask(client))
    refused(Client(), answer.response(answer.signed()))


def test_it_takes_no_answer_that_another_browser_asked_for(client: Client, corp: IdentityProvider) -> None:
    answer = Answer(asked=ask(client))
    refused(Client(), answer.response(answer.signed()))
    # The answer is still good where it belongs: nobody else has used it up.
    send(client, answer.response(answer.signed()))
    assert is_in(client)


def test_it_takes_no_answer_of_one_provider_at_another(client: Client, corp: IdentityProvider) -> None:
    make("other", idp_entity_id="https://idp.example.com/corp")
    answer = Answer(asked=ask(client, "corp"))
    refused(client, answer.response(answer.signed()), "other")


@pytest.mark.parametrize(
    ("relay", "target"),
    [("/spaces/", "/spaces/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
     (f"{BASE}/spaces/", "/"), ("javascript:alert(1)", "/")],
)  # fmt: skip
def test_it_goes_on_to_own_paths_only(client: Client, relay: str, target: str) -> None:
    make(may_idp_initiate=True)
    answer = Answer()
    assert send(client, answer.response(answer.signed()), RelayState=relay)["Location"] == target


@pytest.mark.parametrize(
    "text", ["", "!", "PHg+", base64.b64encode(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>").decode()]
)
def test_it_refuses_what_is_no_answer(client: Client, corp: IdentityProvider, text: str) -> None:
    refused(client, text)


def test_it_signs_nobody_out_for_an_unsigned_wish(client: Client) -> None:
    make(idp_slo_url="https://idp.example.com/slo")
    answer = Answer(asked=ask(client))
    send(client, answer.response(answer.signed()))
    wish = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_w" Version="2.0"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" IssueInstant="2026-01-01T00:00:00Z">'
        "<saml:Issuer>https://idp.example.com/corp</saml:Issuer><saml:NameID>id-of-ada</saml:NameID>"
        "</samlp:LogoutRequest>"
    )
    packed = base64.b64encode(zlib.compress(wish.encode())[2:-4]).decode()
    assert client.get("/accounts/saml/corp/sls/", {"SAMLRequest": packed}).status_code == 401
    assert is_in(client)


def test_it_signs_out_at_the_provider(client: Client) -> None:
    make(idp_slo_url="https://idp.example.com/slo")
    answer = Answer(asked=ask(client))
    send(client, answer.response(answer.signed()))
    target = client.post("/accounts/logout/").context["target"]
    assert target.startswith("https://idp.example.com/slo?SAMLRequest=")
    assert ProviderSession.objects.count() == 0


def test_it_shows_its_metadata(client: Client, corp: IdentityProvider) -> None:
    text = client.get("/accounts/saml/corp/metadata/").content.decode()
    assert f'entityID="{BASE}/accounts/saml/corp/metadata/"' in text
    assert 'WantAssertionsSigned="true"' in text
