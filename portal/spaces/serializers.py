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
        fields = ["uid", "slug", "name", "description", "parent", "is_inheriting", "created_at"]
        read_only_fields = fields


class SpaceCreateSerializer(serializers.Serializer[Space]):
    """A new space."""

    slug = serializers.CharField(max_length=63, validators=[slug_validator])
    name = serializers.CharField(max_length=100)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    parent = serializers.CharField(help_text="Short name of the space that it lies in.")  # type: ignore[assignment]
    is_inheriting = serializers.BooleanField(default=True)


class SpaceUpdateSerializer(serializers.Serializer[Space]):
    """A change of a space."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(required=False, allow_blank=True)
    is_inheriting = serializers.BooleanField(required=False)


class RoleSerializer(serializers.ModelSerializer[Role]):
    """A role and what it permits."""

    class Meta:
        model = Role
        fields = ["slug", "name", "description", "permissions", "is_system"]
        read_only_fields = fields


class BindingSerializer(serializers.ModelSerializer[Binding]):
    """Who has which role in which space."""

    space = serializers.SlugRelatedField[Space](slug_field="slug", read_only=True)
    role = serializers.SlugRelatedField[Role](slug_field="slug", read_only=True)
    user = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    group = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)
    token = serializers.SlugRelatedField[Any](slug_field="uid", read_only=True, allow_null=True)

    class Meta:
        model = Binding
        fields = ["uid", "space", "role", "user", "group", "token", "created_at"]
        read_only_fields = fields


class BindingCreateSerializer(serializers.Serializer[Binding]):
    """Exactly one of user, group and token gets the role."""

    space = serializers.CharField(help_text="Short name of the space.")
    role = serializers.CharField(help_text="Short name of the role.")
    user = serializers.CharField(required=False, help_text="Username.")
    group = serializers.CharField(required=False, help_text="Name of the group.")
    token = serializers.UUIDField(required=False, help_text="Identifier of the API token.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse none and several."""
        if len({"user", "group", "token"} & attrs.keys()) != 1:
            raise serializers.ValidationError("Name exactly one of user, group and token.")
        return attrs
