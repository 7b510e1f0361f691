"""Shapes of people, groups and API tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from rest_framework import serializers

from portal.accounts.models import ApiToken, User


class UserSerializer(serializers.ModelSerializer[User]):
    """A person."""

    email = serializers.CharField(read_only=True, help_text="Empty where none is known.")
    groups = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)

    class Meta:
        model = User
        fields = ["uid", "username", "display_name", "email", "is_active", "groups", "date_joined", "last_login"]
        read_only_fields = fields


class MeSerializer(serializers.Serializer[Any]):
    """Who the caller is and which roles it has."""

    user = UserSerializer()
    token = serializers.CharField(allow_null=True, help_text="Name of the token that was sent, if one was.")
    tool = serializers.CharField(allow_null=True, help_text="Name of the tool that calls for the person, if one does.")
    roles = serializers.ListField(
        child=serializers.CharField(), help_text="role@space, as far as they hold for this call."
    )


class UserCreateSerializer(serializers.Serializer[User]):
    """A new local account."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(write_only=True, style={"input_type": "password"})
    email = serializers.EmailField(required=False, allow_blank=True, default="")
    display_name = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class UserUpdateSerializer(serializers.Serializer[User]):
    """A change of an account."""

    email = serializers.EmailField(required=False, allow_blank=True)
    display_name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    is_active = serializers.BooleanField(required=False)


class GroupSerializer(serializers.ModelSerializer[Group]):
    """A group with the usernames of its members."""

    members = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()

    class Meta:
        model = Group
        fields = ["id", "name", "members", "groups"]
        read_only_fields = fields

    def get_members(self, group: Group) -> list[str]:
        """Usernames in their order."""
        return sorted(user.username for user in group.user_set.all())

    def get_groups(self, group: Group) -> list[str]:
        """Names of the groups that are in it."""
        return sorted(edge.child.name for edge in group.child_edges.all())


class NestSerializer(serializers.Serializer[Group]):
    """A group by its name."""

    group = serializers.CharField(max_length=150)


class GroupWriteSerializer(serializers.Serializer[Group]):
    """A group as it shall be."""

    name = serializers.CharField(max_length=150)
    members = serializers.SlugRelatedField[Any](
        slug_field="username",
        many=True,
        required=False,
        default=list,
        queryset=User.objects.all(),
        help_text="Usernames.",
    )


class RoleInSpaceSerializer(serializers.Serializer[Any]):
    """A role in a space, by their short names."""

    role = serializers.CharField(source="role.slug", help_text="Short name of a role.")
    space = serializers.CharField(source="space.slug", help_text="Short name of a space.")


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its plain text."""

    is_active = serializers.BooleanField(read_only=True)
    roles = RoleInSpaceSerializer(source="bindings", many=True, read_only=True)

    class Meta:
        model = ApiToken
        fields = [
            "uid",
            "name",
            "prefix",
            "is_scoped",
            "roles",
            "addresses",
            "is_active",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields


class TokenMadeSerializer(TokenSerializer):
    """A token that was just made, with its plain text, once."""

    token = serializers.CharField(read_only=True, help_text="Keep it now; it is never shown again.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class NamedRoleSerializer(serializers.Serializer[Any]):
    """A role in a space as a caller names them."""

    role = serializers.CharField(help_text="Short name of a role.")
    space = serializers.CharField(help_text="Short name of a space.")


class TokenCreateSerializer(serializers.Serializer[ApiToken]):
    """A new token; with roles it has those in their spaces and nothing else."""

    name = serializers.CharField(max_length=100)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    roles = NamedRoleSerializer(many=True, required=False, default=list, help_text="Roles that it has, and no others.")
    role = serializers.CharField(required=False, help_text="Short for one entry of ``roles``; goes with ``space``.")
    space = serializers.CharField(required=False, help_text="Short for one entry of ``roles``; goes with ``role``.")
    addresses = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        default=list,
        max_length=50,
        help_text="Networks (CIDR) that it is good from; none means anywhere.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A role holds somewhere."""
        if ("role" in attrs) != ("space" in attrs):
            raise serializers.ValidationError("Give both role and space, or neither.")
        return attrs
