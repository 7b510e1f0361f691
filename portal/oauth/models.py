"""What people let tools do, and the keys that sign what tools are told.

The tools themselves and their tokens are allauth's ``Client`` and ``Token``.
"""

from __future__ import annotations

import uuid

from allauth.idp.oidc.models import Client
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from portal.accounts.models import User
from portal.lib.secrets import SecretField


class Grant(models.Model):
    """A person lets a tool act for them within ``scopes``. Its end ends all tokens that the tool has for them."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="oauth_grants")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="grants")
    scopes = ArrayField(models.CharField(max_length=50), default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "oauth_grant"
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="oauth_grant_once")]

    def __str__(self) -> str:
        return f"{self.client.name or self.client_id} for {self.user.username}"


class SigningKey(models.Model):
    """An RSA key of ID tokens. It is published before it signs and after it stopped, so that nobody is surprised."""

    pem = SecretField()
    created_at = models.DateTimeField(default=timezone.now)
    signs_from = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "oauth_signing_key"
        ordering = ["-signs_from"]

    def __str__(self) -> str:
        return f"key of {self.signs_from:%Y-%m-%d}"
