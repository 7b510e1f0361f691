"""One pass of a stack through its states: what was planned, who let it happen, what came of it, line by line."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.jobs.logs import LogBatch
from portal.jobs.models import Claimable
from portal.lib.secrets import SecretField


class RunType(models.TextChoices):
    """What a run is for."""

    TRACKED = "tracked", "Apply"
    PROPOSED = "proposed", "Preview"
    DESTROY = "destroy", "Destroy"


class RunState(models.TextChoices):
    """Where a run is; ``transitions`` says what may follow what."""

    QUEUED = "queued", "Queued"
    PREPARING = "preparing", "Preparing"
    INITIALIZING = "initializing", "Initializing"
    PLANNING = "planning", "Planning"
    UNCONFIRMED = "unconfirmed", "Waiting for confirmation"
    CONFIRMED = "confirmed", "Confirmed"
    APPLYING = "applying", "Applying"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    DISCARDED = "discarded", "Discarded"
    CANCELED = "canceled", "Canceled"
    STOPPED = "stopped", "Stopped"


ENDED = (RunState.FINISHED, RunState.FAILED, RunState.DISCARDED, RunState.CANCELED, RunState.STOPPED)
OPEN = tuple(state for state in RunState if state not in ENDED)
# A worker holds a claim on the run in these.
WORKING = (RunState.PREPARING, RunState.INITIALIZING, RunState.PLANNING, RunState.APPLYING)
# A worker is to take the run up from these.
WAITING = (RunState.QUEUED, RunState.CONFIRMED)
# As plain texts, for the constraints of the database.
_OPEN = [str(state) for state in OPEN]
BLOCKING_TYPES = (RunType.TRACKED, RunType.DESTROY)


class Run(Claimable):
    """One run of a stack. ``changes`` and ``reason`` hold no secrets; outputs are encrypted as a whole.

    ``archive`` is the encrypted workspace with the plan in it, kept while somebody decides about the plan.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stack = models.ForeignKey("stacks.Stack", on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=10, choices=RunType, default=RunType.TRACKED)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.QUEUED)
    reason = models.TextField(blank=True)
    commit = models.CharField(max_length=64, blank=True)
    branch = models.CharField(max_length=255, blank=True)
    added = models.PositiveIntegerField(null=True, blank=True)
    changed = models.PositiveIntegerField(null=True, blank=True)
    destroyed = models.PositiveIntegerField(null=True, blank=True)
    changes = models.JSONField(default=list)
    output_changes = models.JSONField(default=dict)
    output_values = SecretField(blank=True)
    is_deleting_stack = models.BooleanField(default=False)
    stop_wanted_by = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    archive = models.BinaryField(null=True)
    triggered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="stack_runs"
    )
    triggered_by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "runs_run"
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["stack", "number"], name="runs_number_once"),
            models.UniqueConstraint(
                fields=["stack"],
                condition=Q(
                    state__in=_OPEN,
                    type__in=["tracked", "destroy"],
                ),
                name="runs_one_blocking",
            ),
        ]
        indexes = [
            models.Index(fields=["stack", "-id"], name="runs_newest"),
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=_OPEN),
                name="runs_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stack.slug} #{self.number}"

    @property
    def has_ended(self) -> bool:
        """Nothing more will happen."""
        return self.state in ENDED

    @property
    def is_blocking(self) -> bool:
        """No other such run of the stack may be open beside it."""
        return self.type in BLOCKING_TYPES

    @property
    def has_plan(self) -> bool:
        """Planning came to its end."""
        return self.added is not None

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """``{name: {"value", "sensitive"}}``; the values of sensitive ones are None here."""
        return {
            name: {"value": None if row["sensitive"] else row["value"], "sensitive": row["sensitive"]}
            for name, row in self.revealed_outputs().items()
        }

    def revealed_outputs(self) -> dict[str, dict[str, Any]]:
        """Outputs with all values. SECURITY: for steps of the same task only, never for an answer."""
        found: dict[str, dict[str, Any]] = json.loads(self.output_values) if self.output_values else {}
        return found


class RunChange(models.Model):
    """One change of a run's state; rows are only added."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="history")
    state = models.CharField(max_length=12, choices=RunState)
    by = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "runs_change"
        ordering = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.run_id}: {self.state}"


class RunLog(LogBatch):
    """Some lines of a run's log."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log")

    class Meta:
        db_table = "runs_log"
        ordering = ["first"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "first"], name="runs_log_order")]

    def __str__(self) -> str:
        return f"{self.run_id} from {self.first}"
