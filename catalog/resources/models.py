"""What is deployed: one row per thing that some stack manages. Stacks belong to the package above, so a row repeats
what is shown of its stack instead of pointing at it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class Health(models.TextChoices):
    """How a resource is, as far as the portal knows."""

    OK = "ok", "OK"
    DRIFTED = "drifted", "Drifted"
    TAINTED = "tainted", "Tainted"
    FAILED = "failed", "Failed"
    STALE = "stale", "Stale"
    UNKNOWN = "unknown", "Unknown"


class Resource(models.Model):
    """One deployed thing. ``attributes`` are JSON with secrets hidden; ``checked_at`` is when a run last saw it.

    ``health`` is never stored as stale: that comes with time and is found when it is read (see ``querysets``).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="resources")
    stack_uid = models.UUIDField()
    stack_slug = models.CharField(max_length=80)
    stack_name = models.CharField(max_length=120)
    entity_ref = models.TextField(blank=True, db_collation="C", db_index=True)
    address = models.TextField(db_collation="C")
    type = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    provider = models.CharField(max_length=300, blank=True)
    health = models.CharField(max_length=8, choices=Health, default=Health.UNKNOWN)
    health_note = models.TextField(blank=True)
    attributes = models.JSONField(default=dict)
    dependencies = models.JSONField(default=list)
    first_run_uid = models.UUIDField(null=True, blank=True)
    last_run_uid = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "resources_resource"
        ordering = ["stack_slug", "address"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stack_uid", "address"], name="resources_once")]
        indexes = [
            models.Index(fields=["space", "type"], name="resources_space_type"),
            models.Index(fields=["stack_slug", "address"], name="resources_stack"),
        ]

    def __str__(self) -> str:
        return f"{self.stack_slug}: {self.address}"
