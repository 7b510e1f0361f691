"""A stack: where the code of one unit of infrastructure is, its variables, its state, and how it is to be run."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal.lib.secrets import SecretField


class SourceKind(models.TextChoices):
    """Where a stack's code comes from."""

    GIT = "git", "Git repository"
    BUNDLE = "bundle", "Files made by a task"


class Stack(models.Model):
    """Code, state, configuration and lifecycle of one unit of infrastructure.

    ``slug`` never changes: addresses, the state backend and the inventory use it. ``entity_ref`` names the entity that
    owns the stack and is looked up when it is shown, so that either may come first.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    labels = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="stacks")
    tool = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)
    source_kind = models.CharField(max_length=6, choices=SourceKind, default=SourceKind.GIT)
    repository = models.CharField(max_length=500, blank=True)
    repository_token = SecretField(blank=True)
    branch = models.CharField(max_length=255, blank=True)
    project_root = models.CharField(max_length=500, blank=True)
    bundle = models.BinaryField(null=True, blank=True)
    bundle_digest = models.CharField(max_length=64, blank=True)
    is_autodeployed = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    # Who its runs are to the portal; made with the first role that the stack gets.
    workload = models.OneToOneField(
        "accounts.Workload", null=True, blank=True, on_delete=models.SET_NULL, related_name="stack"
    )
    entity_ref = models.TextField(blank=True, db_collation="C", db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="stacks"
    )
    created_by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stacks_stack"
        ordering = ["name", "pk"]
        default_permissions = ()
        permissions = [
            ("stack:read", "See the stack"),
            ("stack:update", "Change the stack"),
            ("stack:delete", "Delete the stack"),
            ("stack:state-read", "Read the state"),
            ("stack:state-unlock", "Release the lock of the state"),
            ("resource:read", "See what it deployed"),
            ("run:read", "See its runs"),
            ("run:trigger", "Start runs"),
            ("run:confirm", "Confirm and discard runs"),
            ("run:stop", "Cancel and stop runs"),
        ]
        indexes = [models.Index(fields=["space", "name"], name="stacks_space_name")]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_bundle(self) -> bool:
        """The code is kept here and not in a repository."""
        return self.source_kind == SourceKind.BUNDLE


class StackUserPermission(UserObjectPermissionBase):
    """A person's grant on one stack."""

    content_object = models.ForeignKey(Stack, on_delete=models.CASCADE)


class StackGroupPermission(GroupObjectPermissionBase):
    """A group's grant on one stack."""

    content_object = models.ForeignKey(Stack, on_delete=models.CASCADE)


class StackVariable(models.Model):
    """One value that the code is given: as input of the tool, or in the environment.

    Values are JSON and always encrypted; a secret one is shown to nobody again.
    """

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="variables")
    name = models.CharField(max_length=200)
    content = SecretField()
    is_secret = models.BooleanField(default=False)
    is_environment = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stacks_variable"
        ordering = ["name"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stack", "name", "is_environment"], name="stacks_variable_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def value(self) -> Any:
        """The value in clear. SECURITY: for runs only, where ``is_secret``."""
        return json.loads(self.content)

    @property
    def shown(self) -> Any:
        """What people may see: None for a secret."""
        return None if self.is_secret else self.value

    @property
    def checksum(self) -> str:
        """Tells whether two values are the same without telling the value; useless without the portal's key."""
        key = settings.SECRET_KEY.encode()
        return hmac.new(key, f"{self.stack_id}:{self.content}".encode(), hashlib.sha256).hexdigest()[:12]


class StateVersion(models.Model):
    """One version of a stack's state, encrypted. A version without content says that the state was deleted."""

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="state_versions")
    serial = models.BigIntegerField(default=0)
    lineage = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    md5 = models.CharField(max_length=32, blank=True)
    content = models.BinaryField()
    resource_count = models.PositiveIntegerField(default=0)
    run_uid = models.UUIDField(null=True, blank=True)
    created_by_label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stacks_state_version"
        ordering = ["-pk"]
        default_permissions = ()
        indexes = [models.Index(fields=["stack", "-id"], name="stacks_state_newest")]

    def __str__(self) -> str:
        return f"{self.stack_id} #{self.serial}"


class StateLock(models.Model):
    """Who holds a stack's state. ``info`` is what the tool said about itself."""

    stack = models.OneToOneField(Stack, on_delete=models.CASCADE, related_name="state_lock")
    lock_id = models.CharField(max_length=200)
    info = models.JSONField(default=dict)
    run_uid = models.UUIDField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stacks_state_lock"
        default_permissions = ()

    def __str__(self) -> str:
        return self.lock_id


class StateCredential(models.Model):
    """The password with which one run reaches one stack's state.

    It exists as long as the run works under the claim it was made for: a new claim replaces it, the end of the run
    deletes it. With ``is_writer`` off, nothing is written and no lock is taken.
    """

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="+")
    run_uid = models.UUIDField(unique=True)
    digest = models.CharField(max_length=64)
    is_writer = models.BooleanField(default=True)

    class Meta:
        db_table = "stacks_state_credential"
        default_permissions = ()

    def __str__(self) -> str:
        return f"run-{self.run_uid}"
