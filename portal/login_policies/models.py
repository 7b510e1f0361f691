"""Login policies, the roles that they gave, what they could not do, and decisions that were kept."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from portal.lib.rego import Module, Version
from portal.spaces.models import Binding

SAMPLES_KEPT = 100
SAMPLE_AGE = timedelta(days=7)


class LoginPolicy(models.Model):
    """One text of Rego that is asked at every sign-in while it is enabled."""

    class RegoVersion(models.TextChoices):
        """Which Rego it is written in."""

        V1 = "v1", "Rego v1"
        V0 = "v0", "Rego v0"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(max_length=2000, blank=True)
    labels = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    body = models.TextField()
    version = models.CharField(max_length=2, choices=RegoVersion.choices, default=RegoVersion.V1)
    is_enabled = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "login_policies_policy"
        ordering = ["name"]
        verbose_name = "login policy"

    def __str__(self) -> str:
        return self.name

    @property
    def module(self) -> Module:
        """The text as the engine takes it."""
        return Module(self.body, Version(self.version))


class PolicyBinding(models.Model):
    """Marks a binding that login policies gave; one given by hand has no such row and is never touched by them.

    ``until`` is the end that the policies set: a binding that ends otherwise was taken over by hand.
    """

    binding = models.OneToOneField(Binding, on_delete=models.CASCADE, related_name="policy_binding")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="policy_bindings")
    given_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "login_policies_binding"

    def __str__(self) -> str:
        return str(self.binding)


class PolicyNotice(models.Model):
    """Something that a policy wanted and did not get, or a failure of its own: a row for admins, counted."""

    class Kind(models.TextChoices):
        """What it was."""

        FAILURE = "failure", "Failed"
        UNKNOWN = "unknown", "Names what is not there"

    policy = models.ForeignKey(LoginPolicy, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    message = models.CharField(max_length=500)
    person = models.CharField(max_length=200, blank=True)
    number = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "login_policies_notice"
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["policy", "kind", "message"], name="login_policies_notice_once")]

    def __str__(self) -> str:
        return self.message


class SampleQuerySet(models.QuerySet["PolicySample"]):
    """Named reads of samples."""

    def fresh(self) -> SampleQuerySet:
        """Those that are not too old to be kept."""
        return self.filter(at__gt=timezone.now() - SAMPLE_AGE)


class PolicySample(models.Model):
    """One decision that a policy wanted kept (``sample``): what it was asked, in which words, and what it answered."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    policy = models.ForeignKey(LoginPolicy, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    person = models.CharField(max_length=200)
    body = models.TextField()
    version = models.CharField(max_length=2)
    input = models.JSONField()
    outcome = models.JSONField()

    objects = SampleQuerySet.as_manager()

    class Meta:
        db_table = "login_policies_sample"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person} at {self.at:%Y-%m-%d %H:%M}"
