"""Shapes of clients and grants."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Client
from rest_framework import serializers

from portal.oauth.forms import initial_of
from portal.oauth.models import Grant


class ClientWriteSerializer(serializers.Serializer[Any]):
    """What can be changed of a client."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.CharField(max_length=50), help_text="What it may ask for.")
    redirect_uris = serializers.ListField(child=serializers.CharField(max_length=500), required=False)
    post_logout_redirect_uris = serializers.ListField(child=serializers.CharField(max_length=500), required=False)
    may_use_device = serializers.BooleanField(required=False, help_text="The device flow (RFC 8628).")
    is_first_party = serializers.BooleanField(required=False, help_text="People are not asked.")


class ClientCreateSerializer(ClientWriteSerializer):
    """A new client."""

    is_public = serializers.BooleanField(default=False, help_text="It keeps no secret.")


class ClientSerializer(ClientWriteSerializer):
    """A client as it is."""

    client_id = serializers.CharField(source="pk")
    is_public = serializers.BooleanField()
    grant_count = serializers.IntegerField(help_text="How many people let it act for them.")
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Client) -> dict[str, Any]:
        """allauth keeps lists as lines of text."""
        return {
            "client_id": instance.pk, "is_public": instance.type == Client.Type.PUBLIC, **initial_of(instance),
            "grant_count": getattr(instance, "grant_count", 0), "created_at": instance.created_at.isoformat(),
        }  # fmt: skip


class ClientMadeSerializer(ClientSerializer):
    """A client that was just made or whose secret is new, with the secret, once."""

    client_secret = serializers.CharField(help_text="Keep it now; it is never shown again. Empty for public clients.")

    def to_representation(self, instance: tuple[Client, str]) -> dict[str, Any]:
        """The client and its secret."""
        return super().to_representation(instance[0]) | {"client_secret": instance[1]}


class ToolGrantSerializer(serializers.ModelSerializer[Grant]):
    """What the caller lets a tool do."""

    client_id = serializers.CharField(read_only=True)
    client = serializers.CharField(source="client.name", read_only=True, help_text="The tool's name.")

    class Meta:
        model = Grant
        fields = ["uid", "client_id", "client", "scopes", "created_at", "last_used_at"]
        read_only_fields = fields
