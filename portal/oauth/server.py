"""The token endpoint's rules on top of allauth's: proof keys for all, tokens with a prefix, and grants that hold.

Sources: RFC 6749, RFC 7636 (proof keys), RFC 9700 (best current practice: refresh tokens are used once).
"""

from __future__ import annotations

import secrets
from typing import Any

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant
from oauthlib.openid import Server

from portal.oauth.models import Grant

# By these secret scanners know our tokens.
ACCESS_PREFIX = "cbo_"
REFRESH_PREFIX = "cbr_"


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]
    """allauth's validator, less forgiving."""

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """RFC 9700 asks for proof keys from every client."""
        return True

    def validate_device_code(self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any) -> str:
        """The code was polled before the server was asked, which put the person on the request; see ``Tokens``."""
        if request.scope is None:
            request.scope = request.client.get_default_scopes()
        return str(DeviceCodeGrant.DEVICE_CODE_AUTHORIZED)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Store tokens, unless the person took the grant back or never gave so much."""
        # SECURITY: locked, so that a grant which is being taken back gives no tokens that outlive it.
        grant = Grant.objects.select_for_update().filter(user=request.user, client=request.client).first()
        if grant is None or not set(request.scopes) <= set(grant.scopes):
            raise InvalidGrantError("The person took back what they had allowed.")
        super().save_bearer_token(token, request, *args, **kwargs)


class TokenServer(Server):  # type: ignore[misc]
    """oauthlib's server with this validator and these tokens."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            token_generator=lambda request: ACCESS_PREFIX + secrets.token_urlsafe(32),
            refresh_token_generator=lambda request: REFRESH_PREFIX + secrets.token_urlsafe(32),
            request_validator=Validator(),
            token_expires_in=app_settings.ACCESS_TOKEN_EXPIRES_IN,
            **options,
        )
