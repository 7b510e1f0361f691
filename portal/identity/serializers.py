"""Shapes of identity providers and group rules in the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from rest_framework import serializers

from portal.identity.addresses import addresses_of
from portal.identity.models import GroupRule, IdentityProvider, ProviderGroup

_SHOWN = [
    "key", "kind", "name", "position", "is_enabled", "client_id", "server", "scopes", "hosts", "metadata_url",
    "idp_entity_id", "idp_sso_url", "idp_slo_url", "idp_certificates", "may_idp_initiate", "uid_attribute",
    "email_attribute", "name_attribute", "groups_claim", "is_email_trusted", "join", "join_domains", "join_groups",
    "contact", "recheck_minutes",
]  # fmt: skip


class AddressSerializer(serializers.Serializer[Any]):
    """An address of ours that the provider is told."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()


class ProviderSerializer(serializers.ModelSerializer[IdentityProvider]):
    """A provider without its secret."""

    # Addresses, or empty where the kind has none.
    metadata_url = serializers.CharField(read_only=True)
    idp_sso_url = serializers.CharField(read_only=True)
    idp_slo_url = serializers.CharField(read_only=True)
    is_from_settings = serializers.BooleanField(read_only=True)
    has_secret = serializers.SerializerMethodField()
    addresses = serializers.SerializerMethodField()

    class Meta:
        model = IdentityProvider
        fields = [*_SHOWN, "is_from_settings", "has_secret", "addresses"]
        read_only_fields = fields

    def get_has_secret(self, provider: IdentityProvider) -> bool:
        """Whether a secret is stored."""
        return bool(provider.client_secret)

    def get_addresses(self, provider: IdentityProvider) -> list[dict[str, str]]:
        """What to enter at the provider."""
        return [{"label": label, "url": url} for label, url in addresses_of(provider)]


class ProviderWriteSerializer(serializers.ModelSerializer[IdentityProvider]):
    """A provider as it shall be. The secret is written and never read."""

    client_secret = serializers.CharField(write_only=True, required=False, allow_blank=True)
    metadata = serializers.CharField(
        write_only=True, required=False, allow_blank=True, help_text="SAML metadata (XML), read when it is saved."
    )

    class Meta:
        model = IdentityProvider
        fields = [name for name in _SHOWN if name not in {"key", "kind"}] + ["client_secret", "metadata"]


class ProviderCreateSerializer(ProviderWriteSerializer):
    """A new provider: key and kind are chosen once."""

    class Meta(ProviderWriteSerializer.Meta):
        fields = ["key", "kind", *ProviderWriteSerializer.Meta.fields]


class FindingSerializer(serializers.Serializer[Any]):
    """One thing that was looked at."""

    is_good = serializers.BooleanField()
    words = serializers.CharField()


class RuleSerializer(serializers.ModelSerializer[GroupRule]):
    """Claim value or pattern → group."""

    group = serializers.SlugRelatedField[Group](slug_field="name", queryset=Group.objects.all())

    class Meta:
        model = GroupRule
        fields = ["uid", "pattern", "group", "created_at"]
        read_only_fields = ["uid", "created_at"]


class ProviderGroupSerializer(serializers.ModelSerializer[ProviderGroup]):
    """The group of a claim value."""

    group = serializers.CharField(source="group.name", read_only=True)

    class Meta:
        model = ProviderGroup
        fields = ["value", "group", "created_at"]
        read_only_fields = ["group", "created_at"]
