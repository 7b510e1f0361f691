"""People and the API tokens that act for them. Groups are Django's own, so that guardian's group grants fit."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

TOKEN_PREFIX = "cbp_"  # noqa: S105 (the public prefix by which secret scanners know our tokens)


class User(AbstractUser):
    """A person (or a machine account) that may sign in. What it may do is said by bindings alone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        parts = str(self).replace(".", " ").replace("-", " ").split()
        return "".join(part[0] for part in parts[:2]).upper() or "?"


def hash_token(plain: str) -> str:
    """How a token is stored: tokens are 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(plain.encode()).hexdigest()


def new_token() -> str:
    """A fresh bearer token in plain text."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """A bearer token of a user. Bound to roles in spaces it has those rights, never more than its owner's.

    A token without bindings acts with all of its owner's rights.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_scoped = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_api_token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_active(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
