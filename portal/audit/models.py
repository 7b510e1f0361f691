"""The audit trail: who did what to which thing, from where, with which roles, and when; and what chains it."""

from __future__ import annotations

import json
import uuid
from typing import NoReturn

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from portal.lib.secrets import SecretField


class AuditEvent(models.Model):
    """One mutation or sign-in event. Rows are added and never changed; names are kept as they were at the time."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_label = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=130), default=list)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=100)
    object_label = models.CharField(max_length=300)
    space = models.ForeignKey("spaces.Space", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    space_label = models.CharField(max_length=100, blank=True)
    arguments = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True, blank=True)
    # Place in the chain and digest over the event and the digest before; empty until the event is sealed.
    number = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        db_table = "audit_event"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["space", "-at"], name="audit_space"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(number=None)),
            models.Index(fields=["action", "-id"], name="audit_action", opclasses=["varchar_pattern_ops", "int8_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_label}"

    @property
    def pretty_arguments(self) -> str:
        """The arguments as people read them."""
        return json.dumps(self.arguments, indent=2, ensure_ascii=False)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """The trail only grows."""
        raise TypeError("audit events are never deleted one by one")


class ChainMark(models.Model):
    """One end of the chain: ``head`` is the event sealed last, ``start`` the last one that retention took away."""

    class Name(models.TextChoices):
        """Which end."""

        HEAD = "head"
        START = "start"

    name = models.CharField(max_length=5, choices=Name.choices, primary_key=True)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "audit_chain_mark"

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


class Destination(models.Model):
    """A system that gets every sealed event, in order. ``cursor`` is the number of the last one that it took."""

    class Kind(models.TextChoices):
        """How it is spoken to."""

        WEBHOOK = "webhook", "Signed webhook"
        SYSLOG = "syslog", "Syslog"
        STDOUT = "stdout", "Standard output of the worker"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # An https address for webhooks; udp://, tcp:// or tls://host:port for syslog; empty for the standard output.
    address = models.CharField(max_length=500, blank=True)
    secret = SecretField(blank=True, default="")
    is_enabled = models.BooleanField(default=True)
    cursor = models.BigIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "audit_destination"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def lag(self) -> int:
        """How many sealed events it has not got yet."""
        head = ChainMark.objects.filter(name=ChainMark.Name.HEAD).values_list("number", flat=True).first() or 0
        return max(0, head - self.cursor)
