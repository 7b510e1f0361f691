"""Shapes of spaces, roles and bindings."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.spaces.models import Binding, Role, Space, slug_validator


class SpaceSerializer(serializers.ModelSerializer[Space]):
    """A space as it is answered."""

    # DRF takes declared fields off the class, so that its own attribute of this name is not touched.
    parent = serializers.SlugRelatedField[Space](slug_field="slug", read_only=True, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Space
        fields = ["uid", "slug", "name", "description", "labels", "parent", "is_inheriting", "created_at"]
        read_only_fields = fields


class SpaceCreateSerializer(serializers.Serializer[Space]):
    """A new space."""

    slug = serializers.CharField(max_length=63, validators=[slug_validator])
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    parent = serializers.CharField(help_text="Short name of the space that it lies in.")  # type: ignore[assignment]
    labels = serializers.ListField(child=serializers.CharField(max_length=63), required=False)
    is_inheriting = serializers.BooleanField(default=True)


class SpaceUpdateSerializer(serializers.Serializer[Space]):
    """A change of a space."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(required=False, allow_blank=True)
    labels = serializers.ListField(child=serializers.CharField(max_length=63), required=False)
    is_inheriting = serializers.BooleanField(required=False)


class SpaceMoveSerializer(serializers.Serializer[Space]):
    """Where a space goes."""

    parent = serializers.CharField(help_text="Short name of the space that it goes below.")  # type: ignore[assignment]
    dry_run = serializers.BooleanField(default=False, help_text="Only look at the checks.")


class MoveCheckSerializer(serializers.Serializer[Any]):
    """One check of a move."""

    words = serializers.CharField()
    holds = serializers.BooleanField()
    against = serializers.ListField(child=serializers.CharField())


class MovedSerializer(serializers.Serializer[Any]):
    """What became of a move, or would."""

    moved = serializers.BooleanField()
    checks = MoveCheckSerializer(many=True)


class RoleSerializer(serializers.ModelSerializer[Role]):
    """A role and what it permits."""

    class Meta:
        model = Role
        fields = ["slug", "name", "description", "permissions", "is_system"]
        read_only_fields = fields


class RoleWriteSerializer(serializers.Serializer[Role]):
    """A composed role; ``slug`` is given once."""

    slug = serializers.CharField(max_length=63, validators=[slug_validator])
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    permissions = serializers.ListField(
        child=serializers.CharField(max_length=100), help_text="Names of permissions; space:read is always one."
    )


class RoleChangeSerializer(serializers.Serializer[Role]):
    """A change of a composed role."""

    name = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    permissions = serializers.ListField(child=serializers.CharField(max_length=100), required=False)


class BindingSerializer(serializers.ModelSerializer[Binding]):
    """Who has which role in which space."""

    space = serializers.SlugRelatedField[Space](slug_field="slug", read_only=True)
    role = serializers.SlugRelatedField[Role](slug_field="slug", read_only=True)
    user = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    group = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)
    token = serializers.SlugRelatedField[Any](slug_field="uid", read_only=True, allow_null=True)

    workload = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = Binding
        fields = ["uid", "space", "role", "user", "group", "token", "workload", "created_at", "expires_at"]
        read_only_fields = fields


class BindingCreateSerializer(serializers.Serializer[Binding]):
    """Exactly one of user, group and token gets the role."""

    space = serializers.CharField(help_text="Short name of the space.")
    role = serializers.CharField(help_text="Short name of the role.")
    user = serializers.CharField(required=False, help_text="Username.")
    group = serializers.CharField(required=False, help_text="Name of the group.")
    token = serializers.UUIDField(required=False, help_text="Identifier of the API token.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it ends; null for good.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse none and several."""
        if len({"user", "group", "token"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Name exactly one of user, group and token.")
        return attrs


class BindingEndSerializer(serializers.Serializer[Binding]):
    """The new end of a binding."""

    expires_at = serializers.DateTimeField(allow_null=True, help_text="When it ends; null for good.")
