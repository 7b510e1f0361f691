"""What the provider wrote of an account or a group, beside what the portal itself keeps of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Record(models.Model):
    """One resource: exactly one of ``user`` and ``group``; ``id`` of SCIM is the ``uid``.

    ``facts`` are the attributes as written, by their SCIM names. Those that the portal lives by (userName, active,
    displayName, members) are taken from its own tables when the resource is read.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="scim_record"
    )
    group = models.OneToOneField(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="scim_record")
    external_id = models.CharField(max_length=300, blank=True, default="", db_index=True)
    facts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    is_deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "scim_record"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None, group__isnull=False) | models.Q(user__isnull=False, group=None),
                name="scim_record_is_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)

    @property
    def etag(self) -> str:
        """The weak entity tag of this version (RFC 7644, 3.14)."""
        return f'W/"{self.version}"'
