"""Who calls with an access token of a tool."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from allauth.idp.oidc.models import Token
from django.utils import timezone

from portal.accounts.subjects import Delegation, Subject, person
from portal.oauth.models import Grant
from portal.oauth.scopes import OPENING, reads_only
from portal.oauth.server import ACCESS_PREFIX

_USED_EVERY = timedelta(minutes=1)


def is_access_token(plain: str) -> bool:
    """Does it look like one of ours?"""
    return plain.startswith(ACCESS_PREFIX)


def subject_of_access_token(plain: str, address: str | None = None) -> Subject | None:
    """The person for whom a tool calls, with what they let it do.

    None where the token is unknown, over, taken back, for nothing of the API, or its person is suspended.
    """
    digest = hashlib.sha256(plain.encode()).hexdigest()
    rows = Token.objects.valid().filter(type=Token.Type.ACCESS_TOKEN, hash=digest)
    token = rows.select_related("user", "client").first()
    if token is None or token.user is None or token.client is None or not token.user.is_active:
        return None
    scopes = set(token.get_scopes())
    if not scopes & OPENING:
        return None
    now = timezone.now()
    stale = Grant.objects.filter(user=token.user, client=token.client).exclude(last_used_at__gt=now - _USED_EVERY)
    stale.update(last_used_at=now)
    delegation = Delegation(
        token_id=token.pk, client=token.client.name or token.client_id, reads_only=reads_only(scopes)
    )
    return person(token.user, delegation=delegation, address=address)
