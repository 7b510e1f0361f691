"""The exchange (RFC 8693): a job's token of its own system against a short-lived API token of its trust."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.spaces.tokens import issue_token
from portal.workloads.claims import audiences_of, check_claims, subject_of
from portal.workloads.errors import InvalidGrant, InvalidRequest, Refusal
from portal.workloads.models import Trust
from portal.workloads.signatures import Presented, read_presented, verified_claims

log = logging.getLogger(__name__)
_NONE = "There is no such trust, or it is off."


@dataclass(frozen=True)
class Issued:
    """An API token in plain text, and for how many seconds it is good."""

    plain: str
    seconds: int


def exchange_token(*, text: str, trust_uid: str = "", address: str | None = None) -> Issued:
    """A token for the job that presents ``text``. Raises ``Refusal``; refusals of a known trust leave an audit row.

    Without ``trust_uid`` the trust is found by what the token says; it must be one alone.
    """
    trusts = [_trust_with(trust_uid)] if trust_uid else []
    presented: Presented | None = None
    try:
        presented = read_presented(text)
        trusts = trusts or _believing(presented)
        trust, claims = _checked(presented, trusts)
        return _issue(trust, claims, address)
    except Refusal as error:
        _keep_refusal(trusts, presented, error, address)
        raise


def _trust_with(uid: str) -> Trust:
    try:
        found = Trust.objects.select_related("space").filter(uid=uuid.UUID(uid)).first()
    except ValueError as error:
        raise InvalidRequest("The parameter “trust” is no identifier of a trust.") from error
    if found is None:
        raise InvalidGrant(_NONE)
    return found


def _believing(presented: Presented) -> list[Trust]:
    audiences = [word for word in audiences_of(presented.claims) if isinstance(word, str) and "\x00" not in word]
    if "\x00" in presented.issuer or not presented.issuer:
        raise InvalidGrant("The token names no issuer (iss).")
    rows = Trust.objects.select_related("space").filter(is_enabled=True, issuer=presented.issuer)
    found = list(rows.filter(audience__in=audiences))
    if not found:
        raise InvalidGrant("No trust here takes tokens of this issuer and audience.")
    return found


def _checked(presented: Presented, trusts: list[Trust]) -> tuple[Trust, dict[str, Any]]:
    """The one of ``trusts`` that takes the token, with the verified claims. All of them believe the same issuer."""
    issuer = trusts[0].issuer
    if not trusts[0].is_enabled:
        raise InvalidGrant(_NONE, reason="The trust is off.")
    # SECURITY: compared before anybody is asked for keys, so that strangers' tokens cost nothing.
    if presented.issuer != issuer:
        raise InvalidGrant("The token is of another issuer than the one that this trust believes.")
    claims = verified_claims(presented, issuer)
    if len(trusts) == 1:
        check_claims(trusts[0], claims, time.time())
        return trusts[0], claims
    taking = [trust for trust in trusts if _takes(trust, claims)]
    if not taking:
        raise InvalidGrant("No trust here takes this token. Name one as “trust” to read why.")
    if len(taking) > 1:
        raise InvalidRequest("Several trusts take this token. Name the one that is meant as “trust”.")
    return taking[0], claims


def _takes(trust: Trust, claims: dict[str, Any]) -> bool:
    try:
        check_claims(trust, claims, time.time())
    except InvalidGrant:
        return False
    return True


@transaction.atomic
def _issue(trust: Trust, claims: dict[str, Any], address: str | None) -> Issued:
    rows = Trust.objects.select_for_update(no_key=True, of=("self",)).select_related("space", "workload")
    held = rows.filter(pk=trust.pk, is_enabled=True).first()
    # SECURITY: it may have been switched off or changed while the issuer was asked.
    if held is None or held.believed != trust.believed:
        raise InvalidGrant(_NONE, reason="The trust was changed meanwhile.")
    seconds = held.token_minutes * 60
    sub = subject_of(claims)
    _, plain = issue_token(
        subject=Subject(is_system=True, label=str(held.workload), address=address),
        owner=held.workload,
        name=f"{held.name}: {sub}",
        expires_at=timezone.now() + timedelta(seconds=seconds),
        space=held.space,
        told={"trust": str(held.uid), "issuer": held.issuer, "sub": sub, "jti": str(claims.get("jti", ""))[:200]},
    )
    held.last_used_at = timezone.now()
    held.save(update_fields=["last_used_at"])
    return Issued(plain, seconds)


def _keep_refusal(trusts: list[Trust], presented: Presented | None, error: Refusal, address: str | None) -> None:
    if len(trusts) != 1:
        log.info("a token was not exchanged: %s", error.reason)
        return
    said = presented.claims if presented else {}
    audit.record(
        subject=Subject(address=address), action="workload_trust.refuse", obj=trusts[0], reason=error.reason,
        said={name: str(said.get(name, ""))[:300] for name in ("iss", "sub", "aud")},
    )  # fmt: skip
