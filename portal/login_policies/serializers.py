"""Shapes of login policies, their trials, notices and samples."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.lib.rego.modules import MAX_BODY
from portal.login_policies.models import LoginPolicy, PolicyNotice, PolicySample


class PolicySerializer(serializers.ModelSerializer[LoginPolicy]):
    """A policy as it is answered."""

    class Meta:
        model = LoginPolicy
        fields = [
            "uid", "name", "description", "labels", "version", "body", "is_enabled", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class PolicyWriteSerializer(serializers.Serializer[LoginPolicy]):
    """A new policy, or a change of one."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    # DRF takes declared fields off the class, so that nothing of its own is replaced.
    labels = serializers.ListField(child=serializers.CharField(max_length=63), max_length=20, required=False)
    version = serializers.ChoiceField(LoginPolicy.RegoVersion.choices, required=False)
    body = serializers.CharField(max_length=MAX_BODY, trim_whitespace=False, help_text="The text of the policy.")
    is_enabled = serializers.BooleanField(required=False)


class TrySerializer(serializers.Serializer[Any]):
    """A policy that need not be saved, and a sign-in: a whole ``input``, or ``login`` with what goes with it."""

    body = serializers.CharField(max_length=MAX_BODY, trim_whitespace=False)
    version = serializers.ChoiceField(LoginPolicy.RegoVersion.choices, default="v1")
    policy = serializers.UUIDField(required=False, help_text="The saved policy that this text would replace.")
    input = serializers.DictField(required=False)
    login = serializers.CharField(max_length=150, required=False)
    provider = serializers.CharField(max_length=40, default="password")
    teams = serializers.ListField(child=serializers.CharField(max_length=150), max_length=200, required=False)
    address = serializers.IPAddressField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either of the two."""
        if ("input" in attrs) == ("login" in attrs):
            raise serializers.ValidationError("Give either input or login.")
        return attrs


class GrantSerializer(serializers.Serializer[Any]):
    """A role in a space."""

    space = serializers.CharField()
    role = serializers.CharField()


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision."""

    allowed = serializers.BooleanField()
    admin = serializers.BooleanField()
    roles = GrantSerializer(many=True)
    teams = serializers.ListField(child=serializers.CharField(), allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())


class TrialSerializer(serializers.Serializer[Any]):
    """What would happen; a decision is null where a policy failed."""

    alone = DecisionSerializer(allow_null=True)
    together = DecisionSerializer(allow_null=True)
    failures = serializers.ListField(child=serializers.CharField())
    others = serializers.ListField(child=serializers.CharField(), help_text="The other enabled policies.")
    is_exempt = serializers.BooleanField(help_text="This person would not be asked about.")
    input = serializers.DictField(source="document")


class NoticeSerializer(serializers.ModelSerializer[PolicyNotice]):
    """Something that a policy wanted and did not get."""

    class Meta:
        model = PolicyNotice
        fields = ["kind", "message", "person", "number", "first_at", "last_at"]
        read_only_fields = fields


class SampleSerializer(serializers.ModelSerializer[PolicySample]):
    """A kept decision."""

    input = serializers.DictField(read_only=True)
    outcome = DecisionSerializer(read_only=True)

    class Meta:
        model = PolicySample
        fields = ["uid", "at", "person", "version", "body", "input", "outcome"]
        read_only_fields = fields
