"""Where entities come from, how the last reading went, and what was wrong with what was read."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from portal.jobs.models import Claimable


class LocationState(models.TextChoices):
    """What is going on with a location."""

    QUEUED = "queued", "Waiting to be read"
    READING = "reading", "Being read"
    READ = "read", "Read"
    FAILED = "failed", "Cannot be read"


class Location(Claimable):
    """A registered address that entities are read from. What it gives lives in its space.

    ``marks`` are the versions of the files that were read (hash or commit): while they hold, nothing is read again.
    ``every_seconds`` is how often it is looked at where that is not what ``CATALOG_REFRESH_SECONDS`` says.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=20)
    target = models.TextField()
    is_optional = models.BooleanField(default=False)
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="locations")
    entity_ref = models.TextField()
    state = models.CharField(max_length=12, choices=LocationState, default=LocationState.QUEUED)
    error = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    every_seconds = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "ingestion_location"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["type", "target"], name="ingestion_location_once")]
        indexes = [models.Index(fields=["next_at"], name="ingestion_location_due")]

    def __str__(self) -> str:
        return f"{self.type}:{self.target}"


class Reason(models.TextChoices):
    """The classes of problems."""

    UNREADABLE = "unreadable", "Cannot be read"
    REJECTED = "rejected", "Rejected"
    CONFLICT = "conflict", "Conflict"
    SPACE = "space", "Wrong space"


class Problem(models.Model):
    """Something of a location that did not become an entity: the file, the document, the line, and why."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="problems")
    reason = models.CharField(max_length=12, choices=Reason)
    detail_reason = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    document = models.PositiveIntegerField(null=True, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    ref = models.TextField(blank=True, db_index=True)
    message = models.TextField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "ingestion_problem"
        default_permissions = ()
        ordering = ["address", "document", "pk"]

    def __str__(self) -> str:
        return f"{self.address}: {self.message}"
