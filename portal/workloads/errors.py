"""Why no token is given, in the words of RFC 6749, section 5.2."""

from __future__ import annotations

from typing import ClassVar

from portal.lib.errors import PortalError


class Refusal(PortalError):
    """The exchange ends here. ``reason`` is for the audit trail alone, where it says more than ``detail``."""

    code = "invalid_grant"
    status: ClassVar[int] = 400
    title = "The token can not be exchanged"

    def __init__(self, detail: str, reason: str = "") -> None:
        super().__init__(detail)
        self.reason = reason or detail


class InvalidRequest(Refusal):
    """The request itself makes no sense."""

    code = "invalid_request"


class UnsupportedGrant(Refusal):
    """Something else than an exchange was asked for."""

    code = "unsupported_grant_type"


class InvalidGrant(Refusal):
    """The presented token is not good, or not good enough for the trust."""


class IssuerUnavailable(Refusal):
    """The issuer's keys can not be had now; the same token may be good in a while."""

    code = "temporarily_unavailable"
    status = 503
