"""One execution of a blueprint's steps: what was asked, by whom, how far it got, and what came of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal.jobs.models import Claimable
from portal.lib.secrets import SecretField


class TaskState(models.TextChoices):
    """States by their names in Backstage's wire contract."""

    OPEN = "open", "Waiting"
    PROCESSING = "processing", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ENDED = (TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED)


class StepState(models.TextChoices):
    """States of one step."""

    WAITING = "waiting", "Waiting"
    PROCESSING = "processing", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
    CANCELLED = "cancelled", "Cancelled"


class Task(Claimable):
    """A blueprint's steps with the values they run with, as they were when the task was made.

    Later changes of the blueprint do not reach it. Secrets are encrypted and dropped when the task has ended.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="tasks")
    template_ref = models.CharField(max_length=255, db_index=True)
    title = models.CharField(max_length=255)
    state = models.CharField(max_length=12, choices=TaskState, default=TaskState.OPEN)
    spec = models.JSONField()
    secrets = SecretField(blank=True)
    output = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    is_cancel_wanted = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="scaffolder_tasks"
    )
    created_by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tasks_task"
        ordering = ["-created_at", "-pk"]
        default_permissions = ()
        permissions = [("task:read", "See the task"), ("task:cancel", "Cancel the task")]
        indexes = [
            models.Index(fields=["space", "-created_at"], name="tasks_space"),
            models.Index(fields=["lease_until"], condition=Q(state="processing"), name="tasks_leases"),
            models.Index(fields=["created_at"], condition=Q(state="open"), name="tasks_waiting"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_ended(self) -> bool:
        """Nothing more will happen, unless somebody retries it."""
        return self.state in ENDED


class TaskUserPermission(UserObjectPermissionBase):
    """A person's grant on one task."""

    content_object = models.ForeignKey(Task, on_delete=models.CASCADE)


class TaskGroupPermission(GroupObjectPermissionBase):
    """A group's grant on one task."""

    content_object = models.ForeignKey(Task, on_delete=models.CASCADE)


class TaskStep(models.Model):
    """One step of a task as the page shows it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    step_id = models.CharField(max_length=200)
    name = models.CharField(max_length=255)
    action = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tasks_step"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["task", "position"], name="tasks_step_once")]

    def __str__(self) -> str:
        return self.name


class TaskEvent(models.Model):
    """One line of a task's log or its end, in the shape of Backstage's event stream."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12)
    step_id = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, blank=True)
    message = models.TextField(blank=True)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "tasks_event"
        ordering = ["pk"]
        indexes = [models.Index(fields=["task", "id"], name="tasks_event_order")]

    def __str__(self) -> str:
        return self.message or self.kind
