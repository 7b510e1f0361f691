"""Stacks, variables and versions of state as the API takes and gives them. Secrets go in and never come out."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from rest_framework import serializers

from scaffolder.stacks.models import Stack, StackVariable, StateVersion


class StackSerializer(serializers.ModelSerializer[Stack]):
    """A stack as it is given."""

    space = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    has_repository_token = serializers.SerializerMethodField()
    last_state = serializers.CharField(read_only=True, allow_null=True, default=None)
    last_run = serializers.UUIDField(source="last_run_uid", read_only=True, allow_null=True, default=None)
    resource_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Stack
        fields = [
            "uid", "slug", "name", "description", "labels", "space", "tool", "options", "source_kind", "repository",
            "branch", "project_root", "has_repository_token", "bundle_digest", "is_autodeployed", "is_protected",
            "entity_ref", "created_by_label", "created_at", "updated_at", "last_state", "last_run", "resource_count",
        ]  # fmt: skip
        read_only_fields = fields

    def get_has_repository_token(self, stack: Stack) -> bool:
        """Whether a token is stored."""
        # PERF: lists ask the database, so that no token is read or decrypted only to be left out.
        is_set: bool | None = getattr(stack, "is_token_set", None)
        return bool(stack.repository_token) if is_set is None else is_set


class BundleField(serializers.CharField):
    """A tar.gz as base64."""

    def to_internal_value(self, data: Any) -> Any:
        """The bytes."""
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("The bundle must be a tar.gz in base64.") from error


class StackUpdateSerializer(serializers.Serializer[Any]):
    """What can be changed of a stack."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(allow_blank=True, required=False)
    labels = serializers.ListField(child=serializers.CharField(max_length=63), required=False)
    tool = serializers.CharField(max_length=40)
    options = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    repository = serializers.CharField(max_length=500, allow_blank=True, required=False)
    repository_token = serializers.CharField(write_only=True, allow_blank=True, required=False)
    branch = serializers.CharField(max_length=255, allow_blank=True, required=False)
    project_root = serializers.CharField(max_length=500, allow_blank=True, required=False)
    bundle = BundleField(write_only=True, required=False)
    is_autodeployed = serializers.BooleanField(required=False)
    is_protected = serializers.BooleanField(required=False)
    entity_ref = serializers.CharField(allow_blank=True, required=False)


class StackCreateSerializer(StackUpdateSerializer):
    """What a new stack needs."""

    space = serializers.CharField(help_text="Short name of the space that the stack will live in.")
    slug = serializers.CharField(max_length=80, required=False, help_text="Made from the name where it is left out.")
    variables = serializers.DictField(child=serializers.JSONField(), required=False)
    secrets = serializers.DictField(child=serializers.JSONField(), required=False, write_only=True)
    environment = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    secret_environment = serializers.DictField(
        child=serializers.CharField(allow_blank=True), required=False, write_only=True
    )


class VariableSerializer(serializers.ModelSerializer[StackVariable]):
    """A variable; the value of a secret one is null, its checksum tells whether it has changed."""

    value = serializers.JSONField(source="shown", read_only=True, allow_null=True)

    class Meta:
        model = StackVariable
        fields = ["name", "value", "is_secret", "is_environment", "checksum", "updated_at"]
        read_only_fields = fields


class VariableSetSerializer(serializers.Serializer[Any]):
    """A value for a variable."""

    name = serializers.CharField(max_length=200)
    value = serializers.JSONField()
    is_secret = serializers.BooleanField(default=False)
    is_environment = serializers.BooleanField(default=False)


class StateVersionSerializer(serializers.ModelSerializer[StateVersion]):
    """What is known about a version of the state, without the state."""

    class Meta:
        model = StateVersion
        fields = [
            "id",
            "serial",
            "lineage",
            "size",
            "md5",
            "resource_count",
            "run_uid",
            "created_by_label",
            "created_at",
        ]
        read_only_fields = fields


class StackRoleSerializer(serializers.Serializer[Any]):
    """A role for the runs of a stack."""

    space = serializers.CharField(max_length=63, help_text="Short name of the space where the role holds.")
    role = serializers.CharField(max_length=63, help_text="Short name of the role.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it ends; null for good.")
