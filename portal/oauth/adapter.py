"""allauth's hooks of the OpenID provider: who people are to tools, and with which keys that is signed."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from typing import Any, Literal

from allauth.account.models import EmailAddress
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.private_keys import filter_keys
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.subjects import groups_of
from portal.oauth.keys import private_keys
from portal.oauth.scopes import SCOPES

_ENDPOINTS = {
    "authorization_endpoint": "idp:oidc:authorization", "token_endpoint": "idp:oidc:token",
    "device_authorization_endpoint": "idp:oidc:device_code", "userinfo_endpoint": "idp:oidc:userinfo",
    "revocation_endpoint": "idp:oidc:revoke", "end_session_endpoint": "idp:oidc:logout",
    "jwks_uri": "idp:oidc:jwks",
}  # fmt: skip
GRANT_TYPES = [
    Client.GrantType.AUTHORIZATION_CODE.value, Client.GrantType.REFRESH_TOKEN.value, Client.GrantType.DEVICE_CODE.value
]  # fmt: skip


class OIDCAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """The issuer is the portal's public address, whatever a request says of its host."""

    scope_display = SCOPES

    def generate_client_secret(self) -> str:
        """256 random bits under a prefix that secret scanners know."""
        return "cbs_" + secrets.token_urlsafe(32)

    def get_issuer(self) -> str:
        """The public address."""
        return str(settings.BASE_URL)

    def get_user_sub(self, client: Client, user: Any) -> str:
        """The account's uid: it never changes and says nothing."""
        return str(user.uid)

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        """The live account of a subject identifier."""
        try:
            return User.objects.filter(uid=uuid.UUID(sub), is_active=True).first()
        except ValueError:
            return None

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],
        user: Any,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """``sub``, and name, e-mail and groups as far as the scopes go."""
        scopes = set(scopes)
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        if "profile" in scopes:
            claims |= {"name": str(user), "preferred_username": user.username}
        if "email" in scopes and user.email:
            is_verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
            claims |= {"email": user.email, "email_verified": is_verified}
        if "groups" in scopes:
            names = Group.objects.filter(pk__in=groups_of(user)).order_by("name")
            claims["groups"] = list(names.values_list("name", flat=True))
        return claims

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """Only what is supported here, under the public address."""
        data.update({name: f"{settings.BASE_URL}{reverse(view)}" for name, view in _ENDPOINTS.items()})
        data |= {
            "scopes_supported": list(SCOPES), "response_types_supported": ["code"],
            "response_modes_supported": ["query"], "grant_types_supported": GRANT_TYPES,
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "nonce", "name", "preferred_username", "email", "email_verified",
                "groups",
            ],
        }  # fmt: skip

    def list_private_keys(
        self, *, did_activate: Literal[True] | None = None, is_active: Literal[True] | None = None
    ) -> list[PrivateKey]:
        """The keys of the database, where they are encrypted."""
        return list(filter_keys(private_keys(), did_activate=did_activate, is_active=is_active))
