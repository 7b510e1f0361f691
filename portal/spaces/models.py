"""The space tree, roles as sets of permissions, and bindings of subjects to roles in spaces."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import ApiToken, User, Workload

ROOT_SLUG = "root"
slug_validator = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z",
    "Use lower-case letters, digits and hyphens, up to 63; start and end with a letter or digit.",
)


class Space(models.Model):
    """A node of the tree. Everything lives in exactly one space; roles flow down the tree.

    ``is_inheriting`` opens the way up: things of the parent may be used here, and whoever has a role here may read
    the parent.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=63, unique=True, validators=[slug_validator])
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    labels = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    is_inheriting = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "spaces_space"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug=ROOT_SLUG, parent__isnull=True) | (~Q(slug=ROOT_SLUG) & Q(parent__isnull=False)),
                name="spaces_only_root_has_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_root(self) -> bool:
        """The top of the tree."""
        return self.slug == ROOT_SLUG


class SpaceLink(models.Model):
    """Closure of the tree: one row for each (ancestor, descendant), itself included.

    ``is_open`` says that every hop from the descendant up to the ancestor inherits.
    """

    ancestor = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="links_down")
    descendant = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="links_up")
    depth = models.PositiveSmallIntegerField()
    is_open = models.BooleanField()

    class Meta:
        db_table = "spaces_link"
        constraints = [models.UniqueConstraint(fields=["ancestor", "descendant"], name="spaces_link_once")]
        indexes = [models.Index(fields=["descendant", "ancestor"], name="spaces_link_up")]

    def __str__(self) -> str:
        return f"{self.ancestor_id} > {self.descendant_id}"


class Role(models.Model):
    """A named set of permissions. System roles are kept by the code; others are made by admins."""

    slug = models.SlugField(max_length=63, unique=True, validators=[slug_validator])
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    is_system = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(default=100)

    class Meta:
        db_table = "spaces_role"
        ordering = ["rank", "name"]

    def __str__(self) -> str:
        return self.name


class BindingQuerySet(models.QuerySet["Binding"]):
    """Named reads of bindings."""

    def live(self) -> BindingQuerySet:
        """Those that hold now: an expired one gives nothing, even while its row is still there."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))


class Binding(models.Model):
    """One subject has one role in one space, and so in everything below it, until it expires."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="bindings")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="bindings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="bindings"
    )
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="bindings")
    token = models.ForeignKey(ApiToken, null=True, blank=True, on_delete=models.CASCADE, related_name="bindings")
    workload = models.ForeignKey(Workload, null=True, blank=True, on_delete=models.CASCADE, related_name="bindings")
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = BindingQuerySet.as_manager()

    class Meta:
        db_table = "spaces_binding"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group__isnull=True, token__isnull=True, workload__isnull=True)
                | Q(user__isnull=True, group__isnull=False, token__isnull=True, workload__isnull=True)
                | Q(user__isnull=True, group__isnull=True, token__isnull=False, workload__isnull=True)
                | Q(user__isnull=True, group__isnull=True, token__isnull=True, workload__isnull=False),
                name="spaces_binding_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["space", "role", "user", "group", "token", "workload"],
                name="spaces_binding_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bound} is {self.role} in {self.space}"

    @property
    def bound(self) -> User | Group | ApiToken | Workload:
        """Who has the role."""
        found = self.user or self.group or self.token or self.workload
        assert found is not None  # noqa: S101 (the database holds that one of them is there)
        return found

    @property
    def is_live(self) -> bool:
        """It has not expired."""
        return self.expires_at is None or self.expires_at > timezone.now()


class AccessRequest(models.Model):
    """Somebody asks for a role in a space; whoever gives roles there answers."""

    class State(models.TextChoices):
        """How far it has come."""

        OPEN = "open", "Waiting"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="access_requests")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="access_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_requests")
    reason = models.TextField(max_length=1000)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answer = models.TextField(max_length=1000, blank=True)
    binding = models.ForeignKey(Binding, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "spaces_access_request"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["space", "role", "user"], condition=Q(state="open"), name="spaces_access_request_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} asks for {self.role} in {self.space}"
