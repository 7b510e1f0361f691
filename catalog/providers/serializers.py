"""Shapes of providers and webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.ingestion.models import Problem
from catalog.providers.models import Hook, Kind, Provider


class CatalogProviderSerializer(serializers.ModelSerializer[Provider]):
    """A provider, without its secret."""

    space = serializers.CharField(source="space.slug", read_only=True)
    has_secret = serializers.SerializerMethodField()
    options = serializers.DictField(read_only=True)
    outcome = serializers.DictField(read_only=True, help_text="Counts of the last reading or push.")

    class Meta:
        model = Provider
        fields = [
            "uid", "name", "kind", "space", "options", "has_secret", "is_enabled", "every_seconds", "state", "error",
            "failures", "outcome", "read_at", "next_at", "wait_until", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_has_secret(self, provider: Provider) -> bool:
        """Whether a token or password is stored."""
        return bool(provider.secret)


class CatalogProviderCreateSerializer(serializers.Serializer[Provider]):
    """A new provider."""

    name = serializers.CharField(max_length=63)
    kind = serializers.ChoiceField(Kind.choices)
    space = serializers.CharField(max_length=63, help_text="Short name of the space that its entities live in.")
    options = serializers.DictField(required=False, help_text="What its kind asks for; see docs/sources.md.")
    secret = serializers.CharField(required=False, allow_blank=True, max_length=1000, write_only=True)
    every_seconds = serializers.IntegerField(required=False, min_value=60, max_value=30 * 86_400)


class CatalogProviderChangeSerializer(serializers.Serializer[Provider]):
    """What can change; what is not named stays."""

    space = serializers.CharField(max_length=63, required=False)
    options = serializers.DictField(required=False, help_text="The options to change.")
    secret = serializers.CharField(required=False, allow_blank=True, max_length=1000, write_only=True)
    every_seconds = serializers.IntegerField(required=False, min_value=60, max_value=30 * 86_400)
    is_enabled = serializers.BooleanField(required=False)


class PutSerializer(serializers.Serializer[Any]):
    """A whole set of entities."""

    entities = serializers.ListField(
        child=serializers.DictField(), help_text="Entities as their files would have them."
    )


class ChangeSerializer(serializers.Serializer[Any]):
    """Some entities to add or change, and references of some to remove."""

    added = serializers.ListField(child=serializers.DictField(), required=False)
    removed = serializers.ListField(child=serializers.CharField(), required=False)


class ResultSerializer(serializers.Serializer[Any]):
    """What became of one entity of the body."""

    index = serializers.IntegerField(help_text="Its place in the list, from 0.")
    ref = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(("accepted", "rejected"))
    reason = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class PushedSerializer(serializers.Serializer[Any]):
    """What became of a call."""

    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    removed = serializers.IntegerField()
    is_dry_run = serializers.BooleanField()
    entities = ResultSerializer(many=True)


class ProblemSerializer(serializers.ModelSerializer[Problem]):
    """Something that did not become an entity."""

    location = serializers.UUIDField(source="location.uid", read_only=True)
    reason = serializers.CharField(read_only=True)

    class Meta:
        model = Problem
        fields = ["location", "reason", "detail_reason", "address", "document", "line", "ref", "message", "seen_at"]
        read_only_fields = fields


class HookSerializer(serializers.ModelSerializer[Hook]):
    """A webhook, without its secret."""

    provider = serializers.CharField(source="provider.name", read_only=True, allow_null=True, default=None)
    location = serializers.UUIDField(source="location.uid", read_only=True, allow_null=True, default=None)
    address = serializers.CharField(read_only=True, help_text="What the Git host is to call.")

    class Meta:
        model = Hook
        fields = ["uid", "provider", "location", "address", "created_at", "heard_at", "heard"]
        read_only_fields = fields


class HookMadeSerializer(HookSerializer):
    """The answer to making one: the only one that tells the secret."""

    class Meta(HookSerializer.Meta):
        fields = [*HookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class HookCreateSerializer(serializers.Serializer[Hook]):
    """Whose webhook it is: one of both."""

    provider = serializers.CharField(max_length=63, required=False)
    location = serializers.UUIDField(required=False)
