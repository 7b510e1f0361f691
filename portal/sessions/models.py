"""One browser that somebody is signed in with."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from portal.sessions.devices import device_name


def digest_of(key: str) -> str:
    """How a session key is stored: 32 random characters, so one round of SHA-256 is enough."""
    # SECURITY: whoever reads the table or a backup of it can not sign in with what they find.
    return hashlib.sha256(key.encode()).hexdigest()


class BrowserSession(AbstractBaseSession):
    """A session; ``session_key`` holds the digest of the key that the browser has.

    Rows without a user belong to people on their way in.
    """

    session_key = models.CharField(primary_key=True, max_length=64)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="browser_sessions"
    )
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "portal_session"
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return f"{self.device} at {self.address or 'an unknown address'}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Where Django finds the store."""
        from portal.sessions.store import SessionStore

        return SessionStore

    @property
    def device(self) -> str:
        """The browser and the system in words."""
        return device_name(self.agent)
