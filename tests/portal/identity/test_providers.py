"""Managing providers: what is refused, what is never shown, what a check says, and what hosts are asked."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from pytest_django import Settings

from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.identity import guard, services
from portal.identity.checking import check_provider, read_metadata
from portal.identity.checks import check_providers
from portal.identity.configured import provider_with
from portal.identity.groups import bind_group, follow, names_for
from portal.identity.models import IdentityProvider, ProviderSession
from portal.lib.errors import Conflict, Invalid, NotFound
from tests.conftest import Cast
from tests.factories.portal import make_group, make_user
from tests.portal.identity.conftest import OpenIdProvider
from tests.portal.identity.saml_answers import CERTIFICATE

pytestmark = pytest.mark.django_db
GOOD = {"key": "corp", "kind": "oidc", "name": "Corp", "server": "https://login.example.com", "client_id": "x",
        "client_secret": "very-secret-thing"}  # fmt: skip


def make(cast: Cast, **values: Any) -> IdentityProvider:
    return services.create_provider(subject=person(cast.operator), **{**GOOD, **values})


def test_it_keeps_the_secret_encrypted_and_out_of_every_answer(client: Client, cast: Cast) -> None:
    make(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM identity_provider")
        assert "very-secret" not in cursor.fetchone()[0]
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/identity/", "/identity/corp/", "/identity/corp/change/", "/api/v1/identity-providers/corp"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "very-secret" not in answer.content.decode()
    assert "very-secret" not in str(list(AuditEvent.objects.values_list("arguments", flat=True)))


def test_it_keeps_a_secret_that_is_not_given_anew(cast: Cast) -> None:
    provider = make(cast)
    services.update_provider(subject=person(cast.operator), provider=provider, name="Other", client_secret="")
    provider.refresh_from_db()
    assert (provider.name, provider.client_secret) == ("Other", "very-secret-thing")


def test_it_does_not_move_to_another_issuer_under_connected_people(cast: Cast) -> None:
    provider = make(cast)
    services.update_provider(subject=person(cast.operator), provider=provider, server="https://new.example.com")
    SocialAccount.objects.create(user=make_user(), provider="corp", uid="1")
    with pytest.raises(Invalid):
        services.update_provider(subject=person(cast.operator), provider=provider, server="https://evil.example.com")
    provider.refresh_from_db()
    assert provider.server == "https://new.example.com"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "saml"}, "key"),
        ({"key": "oauth_github"}, "key"),
        ({"key": "ldap"}, "key"),
        ({"key": "Corp"}, "key"),
        ({"key": "a/b"}, "key"),
        ({"server": "http://login.example.com"}, "server"),
        ({"server": "ftp://login.example.com"}, "server"),
        ({"server": "https://login.example.com/?x=1"}, "server"),
        ({"server": "https://user:pw@login.example.com"}, "server"),
        ({"client_id": ""}, "client_id"),
        ({"kind": "microsoft", "server": "common"}, "server"),
        ({"kind": "microsoft", "server": "organizations"}, "server"),
        ({"kind": "microsoft", "server": "../x.example.com"}, "server"),
        ({"hosts": ["*.example.com"]}, "hosts"),
        ({"hosts": ["example.com/path"]}, "hosts"),
        ({"join": "domains"}, "join_domains"),
        ({"join": "domains", "join_domains": ["no domain"]}, "join_domains"),
        ({"join": "groups"}, "join_groups"),
        ({"kind": "saml"}, "metadata_url"),
    ],
)
def test_it_refuses_what_makes_no_sense_on_its_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make(cast, **values)
    assert [row["field"] for row in refusal.value.data["errors"]] == [field]


def test_it_refuses_a_key_that_still_means_somebody(cast: Cast) -> None:
    SocialAccount.objects.create(user=make_user(), provider="corp", uid="1")
    with pytest.raises(Invalid):
        make(cast)


def test_it_lets_nobody_but_admins_of_root_manage_providers(cast: Cast) -> None:
    provider = make(cast)
    with pytest.raises(NotFound):
        services.update_provider(subject=person(cast.owner), provider=provider, name="Mine")
    with pytest.raises(NotFound):
        services.add_rule(subject=person(cast.owner), provider=provider, pattern="*", group=make_group())


def test_it_deletes_a_provider_with_all_that_hangs_on_it(cast: Cast) -> None:
    provider, user = make(cast), make_user()
    crew = make_group("crew")
    services.add_rule(subject=person(cast.operator), provider=provider, pattern="a", group=crew)
    SocialAccount.objects.create(user=user, provider="corp", uid="1")
    ProviderSession.objects.create(user=user, provider_key="corp", account_uid="1")
    follow(user, "corp", names_for("corp", ["a", "b"]), ["a", "b"])
    services.delete_provider(subject=person(cast.operator), provider=provider)
    assert user.groups.count() == 0
    assert not SocialAccount.objects.exists()
    assert not ProviderSession.objects.exists()
    assert set(Group.objects.values_list("name", flat=True)) == {"crew"}


def test_it_changes_no_provider_of_the_settings(cast: Cast, settings: Settings) -> None:
    settings.IDENTITY_PROVIDERS = [GOOD]
    provider = provider_with("corp")
    assert provider is not None
    for verb in (services.delete_provider, services.update_provider):
        with pytest.raises(Conflict):
            verb(subject=person(cast.operator), provider=provider)


def test_it_makes_a_group_before_its_first_member_comes(cast: Cast) -> None:
    provider = make(cast)
    made = services.add_provider_group(subject=person(cast.operator), provider=provider, value="stage")
    user = make_user()
    follow(user, "corp", names_for("corp", ["stage"]), ["stage"])
    assert user.groups.get() == made


def test_it_binds_no_group_of_another_provider_by_a_rule(cast: Cast) -> None:
    provider = make(cast)
    with pytest.raises(Invalid):
        services.add_rule(
            subject=person(cast.operator), provider=provider, pattern="*", group=bind_group("shop", "admins")
        )


def test_it_says_in_words_what_a_check_found(corp: OpenIdProvider, settings: Settings) -> None:
    provider = provider_with("corp")
    assert provider is not None
    assert all(finding.is_good for finding in check_provider(provider))
    corp.document = {"token_endpoint": "https://elsewhere.example.com/token", "scopes_supported": ["openid"],
                     "code_challenge_methods_supported": ["plain"]}  # fmt: skip
    words = " ".join(finding.words for finding in check_provider(provider) if not finding.is_good)
    assert "elsewhere.example.com" in words
    assert "scope profile, email" in words
    assert "PKCE" in words


def test_it_does_not_ask_private_addresses_that_only_the_interface_names(
    cast: Cast, corp: OpenIdProvider, settings: Settings
) -> None:
    settings.IDENTITY_PROVIDERS = []
    provider = IdentityProvider(key="inside", kind="oidc", name="Inside", server=corp.url, client_id="x")
    provider.save()
    assert "inside the network" in check_provider(provider)[0].words
    settings.IDENTITY_ALLOW_PRIVATE = [corp.url.removeprefix("http://")]
    assert check_provider(provider)[0].is_good


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://169.254.169.254/", "https://unknown.example.com/"])
def test_it_reaches_configured_hosts_only(url: str) -> None:
    with guard.session() as session, pytest.raises(requests.ConnectionError):
        session.get(url)


METADATA = f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
{"".join(CERTIFICATE.splitlines()[1:-1])}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""


def test_it_reads_metadata() -> None:
    found = read_metadata(METADATA)
    assert (found["idp_entity_id"], found["idp_sso_url"]) == ("https://idp.example.com", "https://idp.example.com/sso")
    assert len(found["idp_certificates"]) == 1


@pytest.mark.parametrize(
    "text", ["", "no xml", "<x/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"]
)
def test_it_refuses_what_is_no_metadata(text: str) -> None:
    with pytest.raises(Invalid):
        read_metadata(text)


def test_it_makes_a_saml_provider_of_pasted_metadata_on_a_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"name": "Corp SAML", "metadata": METADATA, "join": "nobody", "position": "1", "groups_claim": "groups",
              "is_enabled": "on"}  # fmt: skip
    assert client.post("/identity/new/saml/", fields).status_code == 302
    provider = IdentityProvider.objects.get(key="corp-saml")
    assert provider.idp_entity_id == "https://idp.example.com"
    assert "Corp SAML" in Client().get("/accounts/login/").content.decode()
    assert client.get("/identity/corp-saml/").status_code == 200
    assert b"is good until" in client.post("/identity/corp-saml/check/").content


def test_it_asks_again_who_it_is_before_providers_are_changed(client: Client, cast: Cast, settings: Settings) -> None:
    make(cast)
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    settings.FRESH_SECONDS = -1
    assert "reauthenticate" in client.post("/identity/corp/delete/")["Location"]
    assert client.delete("/api/v1/identity-providers/corp").status_code == 403
    assert IdentityProvider.objects.exists()


def test_it_makes_rules_for_the_directory_too(client: Client, cast: Cast, settings: Settings) -> None:
    settings.LDAP = {**settings.LDAP, "urls": ("ldaps://ldap.example.com",)}
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    assert b"Directory (LDAP)" in client.get("/identity/").content
    crew = make_group("crew")
    assert client.post("/identity/ldap/rules/", {"pattern": "cn=crew,*", "group": crew.pk}).status_code == 302
    assert b"cn=crew,*" in client.get("/identity/ldap/").content
    assert names_for("ldap", ["cn=crew,dc=example"]) == ("crew",)
    assert client.post("/identity/ldap/delete/").status_code == 404


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"key": "saml", "kind": "oidc"}, "reserved"),
        ({"key": "corp", "kind": "x"}, "needs a kind"),
        ({"key": "corp", "kind": "oidc", "join": "all"}, "as join"),
        ({"key": "corp", "kind": "oidc", "issuer": "x"}, "fields that are none: issuer"),
    ],
)
def test_it_stops_the_start_for_settings_that_make_no_sense(
    settings: Settings, row: dict[str, str], words: str
) -> None:
    settings.IDENTITY_PROVIDERS = [row]
    assert [words in str(found) for found in check_providers()] == [True]
    settings.IDENTITY_PROVIDERS = [GOOD, GOOD]
    assert ["key of another" in str(found) for found in check_providers()] == [True]
