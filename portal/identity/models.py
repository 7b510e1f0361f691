"""Identity providers, the rules of their groups, and what memberships and sessions remember of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from portal.accounts.models import User
from portal.lib.secrets import SecretField

KEY = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"


def words(length: int = 300) -> Any:
    """A list of short texts."""
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class Kind(models.TextChoices):
    """How a provider is spoken to."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    GOOGLE = "google", "Google"
    MICROSOFT = "microsoft", "Microsoft"


class Join(models.TextChoices):
    """Who of a provider may become somebody new here."""

    ANYBODY = "anybody", "Anybody of the provider"
    DOMAINS = "domains", "Verified e-mail addresses of certain domains"
    GROUPS = "groups", "Members of certain groups of the provider"
    NOBODY = "nobody", "Nobody new"


class IdentityProvider(models.Model):
    """One way in from outside. ``key`` is in its addresses and in the names of its groups, and never changes.

    Providers of the settings are unsaved instances with ``is_from_settings``, directories with ``is_directory``, too.
    """

    is_from_settings = False
    is_directory = False

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=40, unique=True, validators=[RegexValidator(rf"^{KEY}\Z")])
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=100)
    is_enabled = models.BooleanField(default=True)

    client_id = models.CharField(max_length=300, blank=True)
    client_secret = SecretField(blank=True)
    # The issuer of OIDC, the address of a GitHub or GitLab of one's own, the tenant of Microsoft.
    server = models.CharField(max_length=500, blank=True)
    scopes = words(100)
    # Hosts that the provider's endpoints are on, beside the one of its own address.
    hosts = words()

    idp_entity_id = models.CharField(max_length=500, blank=True)
    idp_sso_url = models.URLField(max_length=500, blank=True)
    idp_slo_url = models.URLField(max_length=500, blank=True)
    idp_certificates = ArrayField(models.TextField(), default=list, blank=True)
    metadata_url = models.URLField(max_length=500, blank=True)
    may_idp_initiate = models.BooleanField(default=False)
    uid_attribute = models.CharField(max_length=300, blank=True)
    email_attribute = models.CharField(max_length=300, blank=True)
    name_attribute = models.CharField(max_length=300, blank=True)

    groups_claim = models.CharField(max_length=300, blank=True, default="groups")
    is_email_trusted = models.BooleanField(default=False)
    join = models.CharField(max_length=10, choices=Join.choices, default=Join.NOBODY)
    join_domains = words(253)
    join_groups = words()
    contact = models.CharField(max_length=300, blank=True)
    recheck_minutes = models.PositiveIntegerField(default=60)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "identity_provider"
        ordering = ["position", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class ProviderGroup(models.Model):
    """The group of this portal that stands for one value of one provider's claim.

    SECURITY: found by (provider, value), never by the group's name, so that no value can spell another's group.
    """

    provider_key = models.CharField(max_length=40)
    value = models.TextField()
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="provider_group")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "identity_provider_group"
        ordering = ["provider_key", "value"]
        constraints = [models.UniqueConstraint(fields=["provider_key", "value"], name="identity_one_group_a_value")]

    def __str__(self) -> str:
        return self.group.name


class GroupRule(models.Model):
    """Whoever has a claim value that fits ``pattern`` is in ``group``, whoever made that group."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider_key = models.CharField(max_length=40)
    pattern = models.CharField(max_length=300)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="provider_rules")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "identity_group_rule"
        ordering = ["provider_key", "pattern", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider_key", "pattern", "group"], name="identity_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} → {self.group.name}"


class ProviderMembership(models.Model):
    """That somebody is in a group because of a provider. Memberships without such a row were given by hand."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="provider_memberships")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="provider_memberships")
    provider_key = models.CharField(max_length=40)

    class Meta:
        db_table = "identity_membership"
        constraints = [
            models.UniqueConstraint(fields=["user", "group", "provider_key"], name="identity_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.group} by {self.provider_key}"


class ProviderSession(models.Model):
    """What a session keeps of the provider that it came from: to look at the groups again, and to sign out there."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="provider_sessions")
    provider_key = models.CharField(max_length=40)
    account_uid = models.CharField(max_length=300)
    # What the provider calls the session: the ``sid`` of OIDC, the SessionIndex of SAML.
    sid = models.CharField(max_length=300, blank=True)
    name_id = models.JSONField(default=dict, blank=True)
    access_token = SecretField(blank=True)
    refresh_token = SecretField(blank=True)
    id_token = SecretField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    looked_at = models.DateTimeField(default=timezone.now)
    look_again_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "identity_provider_session"
        indexes = [models.Index(fields=["provider_key", "account_uid"], name="identity_session_account")]

    def __str__(self) -> str:
        return f"{self.user} by {self.provider_key}"


class SeenAssertion(models.Model):
    """The id of an answer that was used, kept until the answer has expired, so that nobody uses it again."""

    provider_key = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_seen_assertion"
        constraints = [models.UniqueConstraint(fields=["provider_key", "digest"], name="identity_assertion_once")]

    def __str__(self) -> str:
        return f"{self.provider_key} {self.digest[:8]}"
