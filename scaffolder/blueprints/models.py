"""A form that somebody is filling in, kept on the server so that it can be left and found again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.lib.secrets import SecretField


class Draft(models.Model):
    """What a person has entered so far for one blueprint, page by page. Secrets are encrypted; only they may see it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    template_ref = models.CharField(max_length=255)
    pages = models.JSONField(default=dict)
    secrets = SecretField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "blueprints_draft"
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return f"{self.template_ref} by {self.user}"
