"""What a trust must say about itself before it is kept."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from urllib3.util import parse_url

from portal.lib.errors import Invalid, PortalError
from portal.lib.fetch import AllowList
from portal.spaces.shapes import clean
from portal.workloads.globs import literal_start
from portal.workloads.models import LONGEST_TEXT, Trust

MOST_CLAIMS = 10
# What the trust says of these itself, or what the portal checks anyway.
RESERVED = {"iss", "aud", "sub", "exp", "nbf", "iat", "jti"}
_AUDIENCE = re.compile(r"[A-Za-z0-9._~:/?#@!&()*+,;=%-]+")
_CLAIM = re.compile(r"[\x21-\x7e]{1,100}")
# Issuers that sign for everybody who has an account there: the start of the subject, or a claim, must name whose job
# it is.
SHARED: dict[str, tuple[str, str, set[str]]] = {
    "https://token.actions.githubusercontent.com": (
        r"repo:[^/]+/", "repo:<owner>/", {"repository", "repository_id", "repository_owner", "repository_owner_id"},
    ),
    "https://gitlab.com": (
        r"project_path:[^/]+/", "project_path:<group>/",
        {"project_path", "project_id", "namespace_path", "namespace_id"},
    ),
    "https://app.terraform.io": (
        r"organization:[^:]+:", "organization:<name>:",
        {"terraform_organization_id", "terraform_organization_name"},
    ),
}  # fmt: skip


def wrong(field: str, message: str) -> Invalid:
    """An error about one field."""
    return Invalid(message, errors=[{"field": field, "message": message}])


def check_shape(trust: Trust) -> None:
    """Raise ``Invalid`` on the first field that makes no sense; takes blanks off the ends of texts."""
    for name in ("name", "issuer", "audience", "subject_pattern"):
        text = getattr(trust, name).strip()
        setattr(trust, name, text)
        if not text or not text.isprintable():
            raise wrong(name, "Write some text here, without line ends and control characters.")
    _check_issuer(trust.issuer)
    if not _AUDIENCE.fullmatch(trust.audience):
        raise wrong("audience", "Use letters, digits and the signs of addresses, without blanks and quotes.")
    _check_claims(trust.claims)
    _check_subject(trust)
    clean(trust)


def is_allowed_address(address: str) -> bool:
    """An https address, or an http one of a host that operators allow."""
    try:
        parts, parsed = urlsplit(address), parse_url(address)
        private = AllowList([], settings.WORKLOAD_ALLOW_PRIVATE)
        AllowList([parts.netloc])
        # SECURITY: the host becomes a rule of what may be read, so it must be no pattern.
        is_whole = bool(parts.hostname) and not set(parts.netloc) & set("@*") and "\\" not in address
        return is_whole and (parts.scheme == "https" or (parts.scheme == "http" and private.may_be_private(parsed)))
    except (PortalError, ValueError):
        return False


def _check_issuer(issuer: str) -> None:
    if not issuer.isascii() or set(issuer) & set(" ?#") or not is_allowed_address(issuer):
        raise wrong(
            "issuer", "Give an https address as in the token's “iss”, without query and fragment. "
            "Operators can allow http for hosts of their own by WORKLOAD_ALLOW_PRIVATE.",
        )  # fmt: skip


def _check_claims(claims: Any) -> None:
    if not isinstance(claims, dict) or len(claims) > MOST_CLAIMS:
        raise wrong("claims", f"Give names of claims with their values, {MOST_CLAIMS} at most.")
    for name, value in claims.items():
        if not isinstance(name, str) or not _CLAIM.fullmatch(name) or name in RESERVED:
            raise wrong("claims", f"“{str(name)[:60]!s}” is no claim that can be asked for here.".replace("\x00", ""))
        if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or not value.isprintable():
            raise wrong("claims", f"The claim “{name}” needs a text of up to {LONGEST_TEXT} characters.")


def _check_subject(trust: Trust) -> None:
    if not literal_start(trust.subject_pattern):
        raise wrong("subject_pattern", "Begin with what all subjects begin with; a “*” at the start takes too many.")
    shared = SHARED.get(trust.issuer.rstrip("/"))
    if shared is None:
        return
    start, words, naming = shared
    is_named = any(name in naming and "*" not in value for name, value in trust.claims.items())
    # SECURITY: anybody gets tokens of these issuers, for any audience they like.
    if not is_named and not re.match(start, literal_start(trust.subject_pattern)):
        raise wrong(
            "subject_pattern",
            f"This issuer signs for everybody. Begin with {words}, or ask for one of the claims "
            f"{', '.join(sorted(naming))} without “*”.",
        )
