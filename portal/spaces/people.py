"""Verbs and reads on people and groups. They stand here because rights to them come from bindings in the root space."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Prefetch, QuerySet

from portal.accounts.models import ApiToken, GroupParent, User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from portal.spaces import access
from portal.spaces.lockout import check_root_admin_remains
from portal.spaces.models import Binding
from portal.spaces.permissions import Permission
from portal.spaces.shapes import clean
from portal.spaces.tree import lock_tree

SSO_PREFIX = "sso:"
# Groups whose names begin so are made, named and filled by what comes from outside, and by nobody here.
OUTSIDE_PREFIXES = (SSO_PREFIX, "scim:")


def may_manage(subject: Subject, permission: str = Permission.USER_MANAGE) -> bool:
    """People and groups belong to no space, so that managing them needs the right at root."""
    return access.reach(subject, permission).everywhere


def check_manage(subject: Subject, permission: str = Permission.USER_MANAGE) -> None:
    """Raise ``Forbidden`` with whom to ask."""
    if not may_manage(subject, permission):
        raise Forbidden("People and groups are managed by admins of the root space.")


def check_list(subject: Subject) -> None:
    """Whoever gives roles in some space may look up people; everybody else is told that there is nothing."""
    if not access.reach(subject, Permission.USER_MANAGE):
        raise NotFound("There is no such page, or you may not see it.")


def bindings_for(subject: Subject) -> QuerySet[Binding]:
    """Bindings in the spaces that the subject may see."""
    return access.visible_to(subject, Binding.objects.select_related("role", "space", "created_by"))


def users_for(subject: Subject) -> QuerySet[User]:
    """All people, for whoever may look them up."""
    check_list(subject)
    return User.objects.order_by("username").prefetch_related("groups")


def groups_for(subject: Subject) -> QuerySet[Group]:
    """All groups with their number of members and visible roles, for whoever may look them up."""
    check_list(subject)
    roles = Prefetch("bindings", bindings_for(subject))
    return Group.objects.annotate(member_count=Count("user")).order_by("name").prefetch_related(roles)


def person_of(subject: Subject) -> User:
    """The person who acts, for things that only people have."""
    if subject.user is None:
        raise Unauthenticated("Sign in to do this.")
    return subject.user


def account_of(subject: Subject) -> User:
    """The person whose account it is. Raises ``Forbidden`` for tokens with roles of their own and for those of tools.

    SECURITY: such a token was made to do less than its owner, so it neither sees nor ends their sessions and tokens.
    """
    if subject.is_narrow:
        raise Forbidden("This token was made for less; sessions and tokens of its owner are not its matter.")
    return person_of(subject)


def tokens_of(subject: Subject) -> QuerySet[ApiToken]:
    """The subject's own tokens, newest first. Raises ``Forbidden`` as ``account_of`` does."""
    if subject.user is not None:
        account_of(subject)
    owned = ApiToken.objects.filter(owner=subject.user) if subject.user else ApiToken.objects.none()
    return owned.prefetch_related("bindings__role", "bindings__space")


def _checked_password(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        rows = [{"field": "password", "message": message} for message in error.messages]
        raise Invalid(" ".join(error.messages), errors=rows) from error
    return password


@transaction.atomic
def create_user(*, subject: Subject, username: str, password: str, email: str = "", display_name: str = "") -> User:
    """Make a local account that can do nothing yet. Needs ``user:manage`` at root."""
    check_manage(subject)
    user = User(username=username.strip(), email=email.strip(), display_name=display_name.strip())
    if User.objects.filter(username__iexact=user.username).exists():
        message = "Somebody has this name already."
        raise Invalid(message, errors=[{"field": "username", "message": message}])
    user.set_password(_checked_password(password, user))
    clean(user)
    user.save()
    audit.record(subject=subject, action="user.create", obj=user, email=user.email)
    return user


@transaction.atomic
def update_user(*, subject: Subject, user: User, email: str, display_name: str) -> User:
    """Change how somebody is called and reached."""
    check_manage(subject)
    user.email, user.display_name = email.strip(), display_name.strip()
    clean(user)
    user.save(update_fields=["email", "display_name"])
    audit.record(subject=subject, action="user.update", obj=user, email=user.email, display_name=user.display_name)
    return user


@transaction.atomic
def set_user_active(*, subject: Subject, user: User, is_active: bool) -> User:
    """Suspend somebody, which ends their sessions and tokens at once, or let them in again."""
    check_manage(subject)
    if not is_active and user == subject.user:
        raise Conflict("You can not suspend yourself. Ask another admin.")
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    check_root_admin_remains()
    audit.record(subject=subject, action="user.restore" if is_active else "user.suspend", obj=user)
    return user


@transaction.atomic
def reset_password(*, subject: Subject, user: User, password: str) -> None:
    """Give a local account a new password. Accounts of single sign-on have none here."""
    check_manage(subject)
    if not user.has_usable_password():
        raise Conflict(f"{user} signs in through single sign-on and has no password here.")
    user.set_password(_checked_password(password, user))
    user.save(update_fields=["password"])
    audit.record(subject=subject, action="user.reset_password", obj=user)


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


@transaction.atomic
def nest_group(*, subject: Subject, child: Group, parent: Group) -> None:
    """Put ``child`` into ``parent``: its members get what the parent's have. Needs ``group:manage`` at root.

    Raises ``Invalid`` where the parent is in the child already, through however many groups.
    """
    check_manage(subject, Permission.GROUP_MANAGE)
    lock_tree()
    if child == parent or parent.pk in groups_below(child):
        raise _wrong("parent", f"“{parent.name}” is in “{child.name}” already; groups can not be in each other.")
    _, created = GroupParent.objects.get_or_create(child=child, parent=parent)
    if created:
        audit.record(subject=subject, action="group.nest", obj=child, parent=parent.name)
    subject.memo.clear()


@transaction.atomic
def unnest_group(*, subject: Subject, child: Group, parent: Group) -> None:
    """Take ``child`` out of ``parent`` again."""
    check_manage(subject, Permission.GROUP_MANAGE)
    removed, _ = GroupParent.objects.filter(child=child, parent=parent).delete()
    if removed:
        check_root_admin_remains()
        audit.record(subject=subject, action="group.unnest", obj=child, parent=parent.name)
    subject.memo.clear()


_BELOW = """
    WITH RECURSIVE held(id) AS (
        SELECT child_id FROM accounts_group_parent WHERE parent_id = %s
        UNION
        SELECT edge.child_id FROM held JOIN accounts_group_parent edge ON edge.parent_id = held.id
    )
    SELECT id FROM held
"""


def groups_below(group: Group) -> set[int]:
    """Primary keys of the groups that are in ``group``, through however many steps."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [group.pk])
        return {row[0] for row in cursor.fetchall()}


def members_below(group: Group) -> QuerySet[User]:
    """People who are in ``group`` through groups that are in it, and not by themselves."""
    found = User.objects.filter(groups__in=groups_below(group)).exclude(groups=group)
    return found.distinct().order_by("username")


@transaction.atomic
def create_group(*, subject: Subject, name: str, members: list[User]) -> Group:
    """Make a group. Needs ``group:manage`` at root."""
    check_manage(subject, Permission.GROUP_MANAGE)
    group = Group(name=_checked_group_name(name))
    clean(group)
    group.save()
    group.user_set.set(members)
    audit.record(subject=subject, action="group.create", obj=group, members=[user.username for user in members])
    return group


@transaction.atomic
def update_group(*, subject: Subject, group: Group, name: str, members: list[User]) -> Group:
    """Rename a group and replace its members. Groups of single sign-on follow their provider and stay as they are."""
    check_manage(subject, Permission.GROUP_MANAGE)
    if group.name.startswith(OUTSIDE_PREFIXES):
        raise Conflict("This group follows the identity provider; change its members there.")
    group.name = _checked_group_name(name)
    clean(group)
    group.save(update_fields=["name"])
    group.user_set.set(members)
    check_root_admin_remains()
    audit.record(subject=subject, action="group.update", obj=group, members=[user.username for user in members])
    return group


@transaction.atomic
def delete_group(*, subject: Subject, group: Group) -> None:
    """Delete a group and the roles that it gave."""
    check_manage(subject, Permission.GROUP_MANAGE)
    roles = list(group.bindings.values_list("role__slug", "space__slug"))
    audit.record(subject=subject, action="group.delete", obj=group, roles=[f"{role}@{space}" for role, space in roles])
    group.delete()
    check_root_admin_remains()


def _checked_group_name(name: str) -> str:
    name = name.strip()
    message = ""
    if not name:
        message = "Give the group a name."
    elif name.lower().startswith(OUTSIDE_PREFIXES):
        message = f"Names that start with “{name.partition(':')[0]}:” belong to groups of the identity provider."
    if message:
        raise Invalid(message, errors=[{"field": "name", "message": message}])
    return name
