"""What a session keeps of its beginning."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest

from portal.accounts.middleware import client_address
from portal.sessions.store import ADDRESS, AGENT, SIGNED_IN_AT


def on_signed_in(sender: Any, request: HttpRequest | None, **facts: Any) -> None:
    """Django's signal: since when, where from and with which browser somebody is signed in."""
    if request is None:
        return
    # Who confirms by the provider signs in to the session that they have: that does not make it longer.
    request.session.setdefault(SIGNED_IN_AT, time.time())
    request.session[ADDRESS] = client_address(request)
    request.session[AGENT] = request.headers.get("User-Agent", "")[:300]
