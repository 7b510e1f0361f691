"""System checks of how people get in: what contradicts itself stops the start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from portal.accounts.ldap.options import options


def check_directory(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """``accounts.E001``: the LDAP settings."""
    try:
        options()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="accounts.E001")]
    return []


def check_proxy_header(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """``accounts.E002``: a header that anybody could send."""
    if settings.PROXY_AUTH_HEADER and not settings.PROXY_AUTH_FROM:
        hint = "Set PROXY_AUTH_FROM to the addresses of the proxy, for example 10.1.2.3/32."
        return [
            Error("PROXY_AUTH_HEADER without PROXY_AUTH_FROM would let everybody in.", hint=hint, id="accounts.E002")
        ]
    return []
