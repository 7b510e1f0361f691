"""What python3-saml is told: who we are, who the provider is, and what an answer must be like."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from onelogin.saml2.auth import OneLogin_Saml2_Auth  # type: ignore[import-untyped]
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants  # type: ignore[import-untyped]

from portal.identity.models import IdentityProvider


def address(name: str, provider: IdentityProvider) -> str:
    """One of our own addresses as the provider sees it."""
    return settings.BASE_URL + reverse(name, kwargs={"organization_slug": provider.key})


def _ourselves(provider: IdentityProvider) -> dict[str, Any]:
    return {
        "entityId": address("saml_metadata", provider),
        "assertionConsumerService": {
            "url": address("saml_acs", provider), "binding": Constants.BINDING_HTTP_POST,
        },
        "singleLogoutService": {
            "url": address("saml_sls", provider), "binding": Constants.BINDING_HTTP_REDIRECT,
        },
        "NameIDFormat": Constants.NAMEID_UNSPECIFIED,
    }  # fmt: skip


def _them(provider: IdentityProvider) -> dict[str, Any]:
    them: dict[str, Any] = {
        "entityId": provider.idp_entity_id,
        "singleSignOnService": {"url": provider.idp_sso_url, "binding": Constants.BINDING_HTTP_REDIRECT},
        # Several, so that a provider can change its certificate without an hour in which nobody gets in.
        "x509certMulti": {"signing": list(provider.idp_certificates)},
    }
    if provider.idp_slo_url:
        them["singleLogoutService"] = {"url": provider.idp_slo_url, "binding": Constants.BINDING_HTTP_REDIRECT}
    return them


def config(provider: IdentityProvider, *, signed_messages: bool = False) -> dict[str, Any]:
    """The whole configuration. SECURITY: every line of ``security`` closes a door."""
    return {
        "strict": True,
        "sp": _ourselves(provider),
        "idp": _them(provider),
        "security": {
            "wantAssertionsSigned": True,
            # Answers carry a signed assertion; messages of logout are nothing but themselves, so they are signed.
            "wantMessagesSigned": signed_messages,
            "rejectDeprecatedAlgorithm": True,
            "wantNameId": True,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "requestedAuthnContext": False,
            "signatureAlgorithm": Constants.RSA_SHA256,
            "digestAlgorithm": Constants.SHA256,
        },
    }


def auth_for(
    request: HttpRequest, provider: IdentityProvider, path: str, *, signed_messages: bool = False
) -> OneLogin_Saml2_Auth:
    """python3-saml over one request, as if it came to ``path`` of our public address."""
    base = urlsplit(settings.BASE_URL)
    data = {
        "https": "on" if base.scheme == "https" else "off",
        "http_host": base.netloc,
        "script_name": "",
        "path_info": path,
        "get_data": request.GET.dict(),
        "post_data": request.POST.dict(),
        "query_string": request.META.get("QUERY_STRING", ""),
    }
    return OneLogin_Saml2_Auth(data, config(provider, signed_messages=signed_messages))
