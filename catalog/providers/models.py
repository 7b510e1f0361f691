"""Providers: what else gives entities than registered files. Programs that push, Git hosts, directories of people."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.jobs.models import Claimable
from portal.lib.secrets import SecretField
from portal.spaces.models import Space

name_validator = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?\Z",
    "Use lower-case letters, digits, dots, hyphens and underscores, up to 63; start and end with a letter or digit.",
)


class Kind(models.TextChoices):
    """Where entities come from."""

    PUSH = "push", "Push API"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    GITEA = "gitea", "Gitea or Forgejo"
    LDAP = "ldap", "LDAP directory"


HOSTS = (Kind.GITHUB, Kind.GITLAB, Kind.GITEA)


class State(models.TextChoices):
    """What is going on with a provider."""

    NEW = "new", "Nothing given yet"
    QUEUED = "queued", "Waiting to be read"
    READING = "reading", "Being read"
    READ = "read", "Read"
    PAUSED = "paused", "Asked to wait"
    FAILED = "failed", "Cannot be read"


class Provider(Claimable):
    """One source of entities. What it gives lives in its space.

    ``home`` is the location that owns what a push or a directory gives; files that were found on a Git host have a
    location each (``FoundFile``). ``outcome`` are the counts of the last reading. ``wait_until`` is when the host lets
    itself be asked again; ``again`` counts requests for a reading, so that one that comes while it reads is not lost.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=63, unique=True, validators=[name_validator])
    kind = models.CharField(max_length=10, choices=Kind)
    space = models.ForeignKey("spaces.Space", on_delete=models.PROTECT, related_name="providers")
    options = models.JSONField(default=dict, blank=True)
    secret = SecretField(blank=True, default="")
    is_enabled = models.BooleanField(default=True)
    every_seconds = models.PositiveIntegerField(default=1800)
    home = models.OneToOneField(
        "ingestion.Location", null=True, blank=True, on_delete=models.PROTECT, related_name="provider", editable=False
    )
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    error = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    outcome = models.JSONField(default=dict, blank=True)
    again = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    wait_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "providers_provider"
        default_permissions = ()
        ordering = ["name"]
        indexes = [models.Index(fields=["next_at"], name="providers_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_read(self) -> bool:
        """The portal reads it, rather than being given things."""
        return self.kind != Kind.PUSH

    @property
    def is_host(self) -> bool:
        """It is a Git host."""
        return self.kind in HOSTS


class ListingPage(models.Model):
    """One page of a host's list of repositories as it was, so that an unchanged one need not be sent again."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="pages")
    url = models.TextField()
    etag = models.TextField()
    next_url = models.TextField(blank=True)
    rows = models.JSONField(default=list)

    class Meta:
        db_table = "providers_listing_page"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["provider", "url"], name="providers_listing_page_once")]

    def __str__(self) -> str:
        return self.url


class Repository(models.Model):
    """A repository of the host. ``looked_at`` is the state in which its files were looked for; ``skipped`` why not."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="repositories")
    key = models.CharField(max_length=100)
    name = models.TextField()
    url = models.TextField()
    branch = models.TextField(blank=True)
    looked_at = models.TextField(blank=True)
    skipped = models.TextField(blank=True)
    error = models.TextField(blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "providers_repository"
        verbose_name_plural = "repositories"
        default_permissions = ()
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="providers_repository_once")]

    def __str__(self) -> str:
        return self.name


class FoundFile(models.Model):
    """A catalog file in a repository, and its location; none where somebody else has registered the file."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="files")
    path = models.TextField()
    target = models.TextField()
    location = models.OneToOneField(
        "ingestion.Location", null=True, blank=True, on_delete=models.SET_NULL, related_name="found_file"
    )

    class Meta:
        db_table = "providers_found_file"
        default_permissions = ()
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["repository", "target"], name="providers_found_file_once")]

    def __str__(self) -> str:
        return self.target


class Hook(models.Model):
    """A door for a Git host: an address and a secret, for a provider or for one location."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.OneToOneField(Provider, null=True, blank=True, on_delete=models.CASCADE, related_name="hook")
    location = models.OneToOneField(
        "ingestion.Location", null=True, blank=True, on_delete=models.CASCADE, related_name="hook"
    )
    secret = SecretField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heard_at = models.DateTimeField(null=True, blank=True)
    heard = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "providers_hook"
        verbose_name = "webhook"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(provider__isnull=False, location__isnull=True)
                | Q(provider__isnull=True, location__isnull=False),
                name="providers_hook_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return f"webhook of {self.provider or self.location}"

    @property
    def space(self) -> Space | None:
        """The space of what it belongs to."""
        owner = self.provider or self.location
        return owner.space if owner else None

    @property
    def address(self) -> str:
        """What the Git host is to call."""
        return f"{settings.BASE_URL.rstrip('/')}/webhooks/git/{self.uid}"


class Delivery(models.Model):
    """A delivery that was taken, so that it is not taken twice. ``key`` is a hash of its id, or of its body."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "providers_delivery"
        verbose_name_plural = "deliveries"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["hook", "key"], name="providers_delivery_once")]

    def __str__(self) -> str:
        return self.key
