"""Where sessions live: in the database, which all web processes share, so that an ended one is ended everywhere."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from portal.lib import secrets
from portal.lib.errors import Unavailable

SIGNED_IN_AT = "signed_in_at"
ADDRESS = "signed_in_from"
AGENT = "signed_in_with"
SEEN_EVERY = timedelta(minutes=1)


class SessionStore(SessionBase):
    """A session ends ``SESSION_IDLE_SECONDS`` after its last use, and ``SESSION_LONGEST_SECONDS`` after its sign-in.

    The row is the truth and is asked at each request; what it holds is encrypted.
    """

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The content as it is stored."""
        return secrets.encrypt(super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """The content of a row; empty where no key opens it any more."""
        try:
            found: dict[str, Any] = super().decode(
                secrets.decrypt(session_data if isinstance(session_data, str) else session_data.decode())
            )
        except Unavailable:
            return {}
        return found

    def load(self) -> dict[str, Any]:
        """The content of this session; empty where it ended or never was. Notes that it was used."""
        from portal.sessions.models import BrowserSession, digest_of

        digest, now = digest_of(self.session_key or ""), timezone.now()
        row = BrowserSession.objects.filter(session_key=digest, expire_date__gt=now).first()
        data = self.decode(row.session_data) if row else {}
        if row is None or _is_too_old(data):
            self._session_key = None
            return {}
        if now - row.last_seen_at > SEEN_EVERY:
            # Only the clock moves: the content may have been changed by another request meanwhile.
            BrowserSession.objects.filter(pk=row.pk).update(last_seen_at=now, expire_date=_end(data, now))
        return data

    def exists(self, session_key: str) -> bool:
        """Is there a session of this key?"""
        from portal.sessions.models import BrowserSession, digest_of

        return BrowserSession.objects.filter(session_key=digest_of(session_key)).exists()

    def create(self) -> None:
        """A new session with a key that nobody has."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write the content. Raises ``UpdateError`` where the session was ended meanwhile: it does not come back."""
        from portal.sessions.models import BrowserSession, digest_of

        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now = timezone.now()
        facts = {
            "session_data": self.encode(data), "expire_date": _end(data, now), "last_seen_at": now,
            "user_id": data.get(SESSION_KEY), "address": data.get(ADDRESS), "agent": data.get(AGENT) or "",
        }  # fmt: skip
        digest = digest_of(self.session_key)
        try:
            with transaction.atomic():
                if must_create:
                    BrowserSession(session_key=digest, **facts).save(force_insert=True)
                elif not BrowserSession.objects.filter(session_key=digest).update(**facts):
                    raise UpdateError
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise
        except DatabaseError as error:
            if must_create:
                raise
            raise UpdateError from error
        return None

    def delete(self, session_key: str | None = None) -> None:
        """End a session: this one, or the one of ``session_key``."""
        from portal.sessions.models import BrowserSession, digest_of

        key = session_key or self.session_key
        if key:
            BrowserSession.objects.filter(session_key=digest_of(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Delete the rows of sessions that ended by themselves."""
        from portal.sessions.models import BrowserSession

        BrowserSession.objects.filter(expire_date__lt=timezone.now()).delete()


def _is_too_old(data: dict[str, Any]) -> bool:
    if SESSION_KEY not in data:
        return False
    # SECURITY: a signed-in session that does not say since when is none.
    return time.time() - float(data.get(SIGNED_IN_AT) or 0) > settings.SESSION_LONGEST_SECONDS


def _end(data: dict[str, Any], now: datetime) -> datetime:
    """When a session that was used now ends, unless it is used again."""
    idle = now + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    if SIGNED_IN_AT not in data:
        return idle
    longest = now + timedelta(seconds=settings.SESSION_LONGEST_SECONDS - (time.time() - float(data[SIGNED_IN_AT])))
    return min(idle, longest)
