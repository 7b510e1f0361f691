"""People, machines that act by themselves, how groups nest, and API tokens.

Groups are Django's own, so that guardian's group grants fit.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import uuid

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

TOKEN_PREFIX = "cbp_"  # noqa: S105 (the public prefix by which secret scanners know our tokens)


class User(AbstractUser):
    """A person (or a machine account) that may sign in. What it may do is said by bindings alone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "accounts_user"

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        parts = str(self).replace(".", " ").replace("-", " ").split()
        return "".join(part[0] for part in parts[:2]).upper() or "?"


class GroupParent(models.Model):
    """``child`` is in ``parent``: the members of the one are members of the other, through any number of steps."""

    child = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="parent_edges")
    parent = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="child_edges")

    class Meta:
        db_table = "accounts_group_parent"
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], name="accounts_group_parent_once"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="accounts_group_is_not_in_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.child} is in {self.parent}"


class Workload(models.Model):
    """A machine that acts by itself: a stack in its runs, or a job of a CI system. Its rights come from bindings."""

    class Kind(models.TextChoices):
        """What stands behind it."""

        STACK = "stack", "Stack"
        CI = "ci", "CI job"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "accounts_workload"
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def is_authenticated(self) -> bool:
        """As Django and its REST framework ask of whoever calls."""
        return True


def hash_token(plain: str) -> str:
    """How a token is stored: tokens are 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(plain.encode()).hexdigest()


def new_token() -> str:
    """A fresh bearer token in plain text."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """A bearer token of a person or of a workload.

    A scoped token has the roles that are bound to it, never more than its owner has; others have all of the owner's
    rights. ``addresses`` are networks (CIDR) that it is good from; none means anywhere.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens")
    workload = models.ForeignKey(Workload, null=True, blank=True, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    is_scoped = models.BooleanField(default=False)
    addresses = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_api_token"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, workload__isnull=True) | Q(owner__isnull=True, workload__isnull=False),
                name="accounts_token_has_one_bearer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_active(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    @property
    def bearer(self) -> User | Workload:
        """Who acts through the token."""
        found = self.owner or self.workload
        assert found is not None  # noqa: S101 (the database holds that one of them is there)
        return found

    def is_good_from(self, address: str | None) -> bool:
        """May the token be used from this network address? Unknown addresses are outside of every network."""
        if not self.addresses:
            return True
        if address is None:
            return False
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None) or found
        return any(mapped in ipaddress.ip_network(network) for network in self.addresses)
