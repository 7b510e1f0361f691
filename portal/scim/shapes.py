"""Resources as SCIM shows them, made of rows; and what the portal takes from one that was sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group as PortalGroup
from scim2_models import Context, EnterpriseUser, Group, User

from portal.accounts.models import User as Account
from portal.scim.models import Record

# Groups of the provider have names of their own, so that none of them is ever one that was made or bound by hand.
PREFIX = "scim:"
FullUser = User[EnterpriseUser]
KINDS: dict[str, type[Any]] = {"Users": FullUser, "Groups": Group}
# How members are called where the provider says so; beside the attributes among a group's facts.
DISPLAYS = "displays of members"
# Kept in the portal's own tables, or nobody's to keep.
_LIVE = {"id", "meta", "userName", "active", "groups", "members", "password", "externalId", "schemas"}


def of(message: Any, model: Any) -> Any:
    """A message of the standard about one kind of resource: ``of(ListResponse, FullUser)``."""
    return message[model]


def location(kind: str, uid: object) -> str:
    """The address of a resource."""
    return f"{settings.BASE_URL}/scim/v2/{kind}/{uid}"


def _meta(kind: str, record: Record) -> dict[str, Any]:
    return {
        "resourceType": kind[:-1], "created": record.created_at, "lastModified": record.updated_at,
        "version": record.etag, "location": location(kind, record.uid),
    }  # fmt: skip


def user_resource(record: Record) -> Any:
    """The resource of an account; wants ``user`` and its groups' records loaded."""
    user = record.user
    assert user is not None  # noqa: S101 (a record of an account has one)
    groups = [
        {"value": str(group.scim_record.uid), "$ref": location("Groups", group.scim_record.uid),
         "display": group.name.removeprefix(PREFIX), "type": "direct"}
        for group in user.groups.all()
        if hasattr(group, "scim_record")
    ]  # fmt: skip
    facts = record.facts or _facts_of(user)
    body = {
        **facts, "id": str(record.uid), "userName": user.username, "active": _active(user, facts),
        "externalId": record.external_id or None, "groups": groups or None, "meta": _meta("Users", record),
    }  # fmt: skip
    return FullUser.model_validate(body)


def _active(user: Account, facts: dict[str, Any]) -> bool | None:
    """Whether the account is active; nothing where the provider took the attribute away, which changes nothing."""
    return None if facts.get("active", True) is None else user.is_active


def _facts_of(user: Account) -> dict[str, Any]:
    """What is known of an account that the provider did not write yet."""
    facts: dict[str, Any] = {}
    if user.display_name:
        facts["displayName"] = user.display_name
    if user.email:
        facts["emails"] = [{"value": user.email, "primary": True}]
    return facts


def group_resource(record: Record) -> Any:
    """The resource of a group; wants the members' and children's records loaded."""
    group = record.group
    assert group is not None  # noqa: S101 (a record of a group has one)
    facts = dict(record.facts)
    shown: dict[str, str] = facts.pop(DISPLAYS, {})
    people = Record.objects.filter(user__groups=group, is_deleted=False).select_related("user").order_by("pk")
    groups = Record.objects.filter(group__parent_edges__parent=group).select_related("group").order_by("pk")
    members = [
        {"value": str(row.uid), "$ref": location("Users", row.uid), "type": "User",
         "display": shown.get(str(row.uid)) or str(row.user)}
        for row in people
    ] + [
        {"value": str(row.uid), "$ref": location("Groups", row.uid), "type": "Group",
         "display": shown.get(str(row.uid)) or group_name(row)} for row in groups
    ]  # fmt: skip
    body = {
        **facts, "id": str(record.uid), "displayName": group_name(record),
        "externalId": record.external_id or None, "members": members or None, "meta": _meta("Groups", record),
    }  # fmt: skip
    return Group.model_validate(body)


def group_name(record: Record) -> str:
    """The name of a group as the provider knows it."""
    group: PortalGroup | None = record.group
    return group.name.removeprefix(PREFIX) if group is not None else ""


RESOURCES = {"Users": user_resource, "Groups": group_resource}


def facts_from(resource: Any) -> dict[str, Any]:
    """What is kept as written: everything that the portal does not keep itself."""
    dumped = resource.model_dump(scim_ctx=Context.DEFAULT, exclude_none=True, mode="json")
    return {name: value for name, value in dumped.items() if name not in _LIVE}


def primary_email(resource: Any) -> str:
    """The address that the portal uses: the primary one, or the first."""
    emails: Iterable[Any] = resource.emails or []
    rows = sorted(emails, key=lambda row: not row.primary)
    return str(rows[0].value or "")[:254] if rows else ""


def shown_name(resource: Any) -> str:
    """How the account is shown: displayName, or the name's parts."""
    name = resource.name
    parts = [name.given_name, name.family_name] if name else []
    return (resource.display_name or (name.formatted if name else "") or " ".join(filter(None, parts)))[:200]
