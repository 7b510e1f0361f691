"""allauth's SAML provider over our own configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from onelogin.saml2.auth import OneLogin_Saml2_Auth  # type: ignore[import-untyped]
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants  # type: ignore[import-untyped]

from portal.identity.keyed import Keyed
from portal.identity.models import IdentityProvider
from portal.identity.saml.config import auth_for
from portal.identity.tokens import Carried, carry

# Names by which providers call the same things: OASIS, Microsoft, and plain ones.
EMAIL = (
    "urn:oid:0.9.2342.19200300.100.1.3", "email", "mail", "emailAddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)  # fmt: skip
NAME = ("urn:oid:2.16.840.1.113730.3.1.241", "displayName", "name",
        "http://schemas.microsoft.com/identity/claims/displayname")  # fmt: skip
USERNAME = ("urn:oid:0.9.2342.19200300.100.1.1", "uid", "username", "preferred_username")
SUBJECT_ID = ("urn:oasis:names:tc:SAML:attribute:subject-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id")


class UnusableSubject(ValueError):
    """The answer names nobody who could be known again."""


class SamlProvider(Keyed, SAMLProvider):  # type: ignore[misc]
    """One SAML identity provider."""

    package = "portal.identity.saml"

    @property
    def row(self) -> IdentityProvider:
        """The provider's settings."""
        found: IdentityProvider = self.app.callboard
        return found

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Go to the provider with a request whose id this browser's session remembers."""
        auth = auth_for(request, self.row, request.path)
        target = auth.login(return_to="")
        self.stash_redirect_state(request, process, next_url, data, state_id=auth.get_last_request_id(), **kwargs)
        return HttpResponseRedirect(target)

    def extract_uid(self, data: OneLogin_Saml2_Auth) -> str:
        """The attribute that was chosen, else a subject id, else the NameID where it is made to last."""
        wanted = (self.row.uid_attribute,) if self.row.uid_attribute else SUBJECT_ID
        found = _first(data, wanted)
        if found or self.row.uid_attribute:
            if not found:
                raise UnusableSubject(f"The answer has no attribute “{self.row.uid_attribute}” to know people by.")
            return found
        if data.get_nameid_format() == Constants.NAMEID_TRANSIENT:
            raise UnusableSubject("The NameID is a new one at each sign-in, so nobody could be known by it again.")
        return str(data.get_nameid())

    def extract_extra_data(self, data: OneLogin_Saml2_Auth) -> dict[str, Any]:
        """All attributes, by their names and by their friendly names."""
        return {**data.get_friendlyname_attributes(), **data.get_attributes(), "NameID": data.get_nameid()}

    def extract_common_fields(self, data: OneLogin_Saml2_Auth) -> dict[str, Any]:
        """Address and names. The address counts as verified only where admins trust the provider with that."""
        email = _first(data, (self.row.email_attribute,) if self.row.email_attribute else EMAIL)
        if not email and data.get_nameid_format() == Constants.NAMEID_EMAIL_ADDRESS:
            email = str(data.get_nameid())
        name = _first(data, (self.row.name_attribute,) if self.row.name_attribute else NAME)
        fields = {"email": valid_email_or_none(email), "name": name, "username": _first(data, USERNAME)}
        return {field: value for field, value in fields.items() if value}

    def sociallogin_from_response(self, request: HttpRequest, response: OneLogin_Saml2_Auth) -> SocialLogin:
        """Who it is, and what single logout will need."""
        ends = response.get_session_expiration()
        name_id = {"name_id": response.get_nameid(), "name_id_format": response.get_nameid_format(),
                   "nq": response.get_nameid_nq(), "spnq": response.get_nameid_spnq()}  # fmt: skip
        carry(
            request,
            Carried(
                sid=str(response.get_session_index() or ""), name_id=name_id,
                ends_at=datetime.fromtimestamp(ends, UTC) if ends else None,
            ),
        )  # fmt: skip
        found: SocialLogin = super().sociallogin_from_response(request, response)
        return found


def _first(data: OneLogin_Saml2_Auth, names: tuple[str, ...]) -> str:
    for attributes in (data.get_attributes(), data.get_friendlyname_attributes()):
        for name in names:
            if values := [str(value) for value in attributes.get(name, []) if value]:
                return values[0]
    return ""
