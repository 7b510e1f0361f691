"""allauth's OpenID Connect, made stricter: PKCE and nonce always, signatures always, one subject."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from portal.identity.keyed import Keyed
from portal.identity.models import IdentityProvider
from portal.identity.oidc.client import discover, nonce_for, userinfo, verify, with_graph_groups
from portal.identity.tokens import Carried, carry


class OidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One exchange with one provider."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The checked discovery document."""
        if not hasattr(self, "_openid_config"):
            self._openid_config = discover(self.row)
        return self._openid_config

    @property
    def row(self) -> IdentityProvider:
        """The provider's settings."""
        found: IdentityProvider = self.get_provider().app.callboard
        return found

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """Exchange the code, which only the browser that asked for it can."""
        named = request.GET.get("iss")
        # RFC 9207: a provider that says who answers must be the one that was asked.
        if named is not None and named.rstrip("/") != str(self.openid_config["issuer"]).rstrip("/"):
            raise OAuth2Error("Another provider answered than the one that was asked.")
        if not pkce_code_verifier:
            raise OAuth2Error("The sign-in was not started here.")
        self.nonce = nonce_for(pkce_code_verifier)
        found: dict[str, Any] = super().get_access_token_data(request, app, client, pkce_code_verifier)
        return found

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who it is, by the ID token and the userinfo endpoint."""
        answer: dict[str, Any] = kwargs["response"]
        plain = answer.get("id_token")
        if not isinstance(plain, str):
            raise OAuth2Error("The provider gave no ID token. Is the scope “openid” allowed for this client?")
        claims = verify(self.openid_config, plain, app.client_id)
        # SECURITY: without the nonce, somebody else's ID token could be slipped into this answer.
        if claims.get("nonce") != self.nonce:
            raise OAuth2Error("The ID token belongs to another sign-in.")
        about = userinfo(self.openid_config, token.token, claims["sub"])
        data = {"id_token": with_graph_groups(self.row, claims, token.token), "userinfo": about}
        carry(
            request,
            Carried(
                access_token=token.token, refresh_token=str(answer.get("refresh_token") or ""), id_token=plain,
                sid=str(claims.get("sid") or ""),
            ),
        )  # fmt: skip
        found: SocialLogin = self.get_provider().sociallogin_from_response(request, data)
        return found


def merged(data: dict[str, Any]) -> dict[str, Any]:
    """The claims of both answers; what userinfo says is newer."""
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


class OidcProvider(Keyed, OpenIDConnectProvider):  # type: ignore[misc]
    """OpenID Connect providers, Google, GitLab and Microsoft among them."""

    package = "portal.identity.oidc"
    oauth2_adapter_class = OidcAdapter
    supports_token_authentication = False

    def get_pkce_params(self) -> dict[str, str]:
        """PKCE and a nonce for every sign-in."""
        params: dict[str, str] = generate_code_challenge()
        return {**params, "nonce": nonce_for(params["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """SECURITY: links to our sign-in page do not decide what the provider is asked, but to ask again."""
        params: dict[str, str] = self.get_auth_params()
        return params | ({"prompt": "login"} if request.GET.get("auth_params") == "prompt=login" else {})

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """What was configured, whatever the link says."""
        scope: list[str] = self.get_scope()
        return scope

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The subject, which is the same in both answers."""
        return str(data["id_token"]["sub"])

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Address and names."""
        claims = merged(data)
        names = {"email": "email", "username": "preferred_username", "name": "name",
                 "first_name": "given_name", "last_name": "family_name"}  # fmt: skip
        return {field: claims.get(claim) for field, claim in names.items()}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The address, verified only where the provider says so itself."""
        claims = merged(data)
        if not isinstance(claims.get("email"), str) or not claims["email"]:
            return []
        is_verified = claims.get("email_verified") in (True, "true")
        return [EmailAddress(email=claims["email"], verified=is_verified, primary=True)]
