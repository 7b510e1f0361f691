"""Shapes of trusts and of the exchange."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.spaces.models import Space
from portal.workloads.models import LONGEST_TEXT, MINUTES, Trust
from portal.workloads.shapes import MOST_CLAIMS


class TrustSerializer(serializers.ModelSerializer[Trust]):
    """A trust as it is answered."""

    space = serializers.SlugRelatedField[Space](slug_field="slug", read_only=True)
    claims = serializers.DictField(child=serializers.CharField(), read_only=True)
    created_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = Trust
        fields = [
            "uid", "name", "space", "issuer", "audience", "subject_pattern", "claims", "token_minutes", "is_enabled",
            "created_by", "created_at", "last_used_at",
        ]  # fmt: skip
        read_only_fields = fields


class TrustChangeSerializer(serializers.Serializer[Trust]):
    """A change of a trust."""

    name = serializers.CharField(max_length=100)
    issuer = serializers.CharField(max_length=LONGEST_TEXT, help_text="As in the token's “iss”.")
    audience = serializers.CharField(max_length=LONGEST_TEXT, help_text="As in the token's “aud”, which has no other.")
    subject_pattern = serializers.CharField(
        max_length=LONGEST_TEXT, help_text="What the token's “sub” must fit as a whole; “*” stands for any characters."
    )
    claims = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_TEXT), required=False,
        help_text=f"Further claims with their values or patterns, {MOST_CLAIMS} at most; all of them must fit.",
    )  # fmt: skip
    token_minutes = serializers.IntegerField(min_value=MINUTES[0], max_value=MINUTES[1], required=False)
    is_enabled = serializers.BooleanField(required=False)


class TrustCreateSerializer(TrustChangeSerializer):
    """A new trust."""

    space = serializers.CharField(max_length=63, help_text="Short name of the space where it lives.")


class TrustRoleSerializer(serializers.Serializer[Any]):
    """A role for the jobs of a trust."""

    space = serializers.CharField(max_length=63, help_text="Short name of the space where the role holds.")
    role = serializers.CharField(max_length=63, help_text="Short name of the role.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it ends; null for good.")


class ExchangeSerializer(serializers.Serializer[Any]):
    """The parameters of a token exchange (RFC 8693, section 2.1)."""

    grant_type = serializers.CharField(help_text="urn:ietf:params:oauth:grant-type:token-exchange")
    subject_token = serializers.CharField(help_text="The job's token, signed by its own system.")
    subject_token_type = serializers.CharField(
        help_text="urn:ietf:params:oauth:token-type:jwt or urn:ietf:params:oauth:token-type:id_token"
    )
    trust = serializers.CharField(
        required=False, help_text="Identifier of the trust, where the token alone could mean several."
    )


class ExchangedSerializer(serializers.Serializer[Any]):
    """The API token (RFC 8693, section 2.2.1)."""

    access_token = serializers.CharField()
    issued_token_type = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField(allow_blank=True)


class ExchangeErrorSerializer(serializers.Serializer[Any]):
    """Why there is none (RFC 6749, section 5.2)."""

    error = serializers.CharField()
    error_description = serializers.CharField()
