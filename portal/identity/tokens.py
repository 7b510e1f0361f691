"""What an answer carried beside the identity: tokens and the provider's own name for the session.

Kept on the request while a sign-in goes on, and encrypted in ``ProviderSession`` from then on. SECURITY: allauth would
write them to the session of somebody who has yet to give a second factor, in clear, so it never gets them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest

_KEPT = "_identity_tokens"


@dataclass(frozen=True)
class Carried:
    """Tokens of one answer; empty where the provider gave none."""

    access_token: str = ""
    refresh_token: str = ""
    id_token: str = ""
    sid: str = ""
    name_id: dict[str, Any] = field(default_factory=dict)
    ends_at: datetime | None = None


def carry(request: HttpRequest, carried: Carried) -> None:
    """Keep what the answer to this request carried."""
    setattr(request, _KEPT, carried)


def carried_by(request: HttpRequest) -> Carried:
    """What was kept for this request."""
    carried: Carried = getattr(request, _KEPT, Carried())
    return carried
