"""Verbs on spaces, roles, bindings and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from portal.accounts.models import ApiToken, User, hash_token, new_token
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import ROOT_SLUG, Binding, Role, Space, SpaceLink
from portal.spaces.permissions import ADMIN, LEVELS, Permission, permissions_of
from portal.spaces.tree import lock_tree, rebuild_links

_ROLE_WORDS = {
    "reader": "See everything in the space.",
    "writer": "Use what the space offers: run blueprints, trigger and confirm runs, set variables.",
    "admin": "Everything, including creating things and giving roles in the space and below it.",
}


def ensure_ground(**_: Any) -> None:
    """Create the root space and bring the system roles up to what the installed apps declare. Safe to repeat."""
    with transaction.atomic():
        Space.objects.get_or_create(
            slug=ROOT_SLUG, defaults={"name": "Root", "description": "The top of the tree.", "is_inheriting": False}
        )
        for rank, level in enumerate(LEVELS):
            Role.objects.update_or_create(
                slug=level,
                defaults={
                    "name": level.capitalize(),
                    "description": _ROLE_WORDS[level],
                    "permissions": permissions_of(level),
                    "is_system": True,
                    "rank": rank,
                },
            )
        if not SpaceLink.objects.exists():
            rebuild_links()


def clean(obj: models.Model) -> None:
    """Run the model's own field rules; raises ``Invalid`` naming each field."""
    try:
        obj.full_clean()
    except ValidationError as error:
        rows = [{"field": field, "message": " ".join(found)} for field, found in error.message_dict.items()]
        raise Invalid(" ".join(row["message"] for row in rows), errors=rows) from error


@transaction.atomic
def create_space(
    *, subject: Subject, parent: Space, slug: str, name: str, description: str = "", is_inheriting: bool = True
) -> Space:
    """Create a space below ``parent``. Needs ``space:create`` there."""
    access.check_in(subject, Permission.SPACE_CREATE, parent)
    lock_tree()
    space = Space(slug=slug, name=name, description=description, parent=parent, is_inheriting=is_inheriting)
    clean(space)
    space.save()
    rebuild_links()
    subject.memo.clear()
    audit.record(subject=subject, action="space.create", obj=space, parent=parent.slug, is_inheriting=is_inheriting)
    return space


@transaction.atomic
def update_space(
    *, subject: Subject, space: Space, name: str, description: str = "", is_inheriting: bool | None = None
) -> Space:
    """Change name, description and, where given, whether the space inherits (only an admin of root closes it)."""
    access.check(subject, Permission.SPACE_UPDATE, space)
    closes = is_inheriting is False and space.is_inheriting
    if closes and not access.reach(subject, Permission.SPACE_UPDATE).everywhere:
        raise Forbidden("Only an admin of the root space may stop a space from inheriting.")
    space.name, space.description = name, description
    if is_inheriting is not None and not space.is_root:
        space.is_inheriting = is_inheriting
    clean(space)
    lock_tree()
    space.save(update_fields=["name", "description", "is_inheriting"])
    rebuild_links()
    subject.memo.clear()
    audit.record(subject=subject, action="space.update", obj=space, name=name, is_inheriting=space.is_inheriting)
    return space


@transaction.atomic
def delete_space(*, subject: Subject, space: Space) -> None:
    """Delete an empty space; anything that still lives in it is named in the ``Conflict``."""
    access.check(subject, Permission.SPACE_DELETE, space)
    if space.is_root:
        raise Conflict("The root space can not be deleted.")
    lock_tree()
    audit.record(subject=subject, action="space.delete", obj=space, space=space.parent)
    try:
        space.delete()
    except ProtectedError as error:
        kinds = sorted({str(obj._meta.verbose_name_plural) for obj in error.protected_objects})
        raise Conflict(f"“{space.name}” still holds {', '.join(kinds)}. Move or delete them first.") from error
    rebuild_links()
    subject.memo.clear()


@transaction.atomic
def bind_role(
    *,
    subject: Subject,
    space: Space,
    role: Role,
    user: User | None = None,
    group: Group | None = None,
    token: ApiToken | None = None,
) -> Binding:
    """Give one subject a role in a space. Nobody gives what they do not have there themselves."""
    access.check_in(subject, Permission.BINDING_MANAGE, space)
    missing = [name for name in role.permissions if not access.may_in(subject, name, space)]
    if missing:
        raise Forbidden(f"You may not give the role {role.name} here: you do not have {missing[0]} yourself.")
    binding, created = Binding.objects.get_or_create(
        space=space, role=role, user=user, group=group, token=token, defaults={"created_by": subject.user}
    )
    if created:
        audit.record(
            subject=subject, action="binding.create", obj=binding, role=role.slug, bound=str(user or group or token)
        )
    subject.memo.clear()
    return binding


@transaction.atomic
def unbind_role(*, subject: Subject, binding: Binding) -> None:
    """Take a role away. The last person's Admin role at root stays, so that nobody locks everyone out."""
    access.check_in(subject, Permission.BINDING_MANAGE, binding.space)
    if binding.space.is_root and binding.role.slug == ADMIN and not _other_root_admins(binding):
        raise Conflict("This is the last admin of the root space. Give somebody else the role first.")
    audit.record(subject=subject, action="binding.delete", obj=binding, role=binding.role.slug)
    binding.delete()
    subject.memo.clear()


def _other_root_admins(binding: Binding) -> bool:
    lock_tree()
    others = Binding.objects.filter(space__slug=ROOT_SLUG, role__slug=ADMIN).exclude(pk=binding.pk)
    return (
        User.objects.filter(is_active=True)
        .filter(models.Q(bindings__in=others) | models.Q(groups__bindings__in=others))
        .exists()
    )


@transaction.atomic
def issue_token(
    *,
    subject: Subject,
    owner: User,
    name: str,
    expires_at: datetime | None = None,
    role: Role | None = None,
    space: Space | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for ``owner`` and return it with its plain text, which is never to be had again.

    With a role and a space the token has that role there, as far as its owner has; without, all of its owner's rights.
    """
    _check_not_scoped(subject)
    if subject.user != owner and not access.reach(subject, Permission.USER_MANAGE).everywhere:
        raise Forbidden("You may make tokens for yourself only.")
    if (role is None) != (space is None):
        raise Invalid("Give both a role and a space, or neither.")
    if not name.strip():
        raise Invalid(
            "Give the token a name that says what it is for.", errors=[{"field": "name", "message": "Required"}]
        )
    if space is not None:
        access.check(subject, Permission.SPACE_READ, space)
    plain = new_token()
    token = ApiToken.objects.create(
        owner=owner,
        name=name.strip()[:100],
        prefix=plain[:12],
        digest=hash_token(plain),
        is_scoped=role is not None,
        expires_at=expires_at,
    )
    if role is not None and space is not None:
        Binding.objects.create(space=space, role=role, token=token, created_by=subject.user)
    audit.record(subject=subject, action="token.create", obj=token, role=role.slug if role else None, space=space)
    return token, plain


def _check_not_scoped(subject: Subject) -> None:
    # SECURITY: a token with a role in a space would otherwise make itself a token with all of its owner's rights.
    if subject.token is not None and subject.token.is_scoped:
        raise Forbidden("A token that is bound to a role can not make or revoke tokens. Sign in to do this.")


@transaction.atomic
def revoke_token(*, subject: Subject, token: ApiToken) -> None:
    """End a token at once."""
    _check_not_scoped(subject)
    if subject.user != token.owner and not access.reach(subject, Permission.USER_MANAGE).everywhere:
        raise NotFound("There is no such token, or you may not see it.")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(subject=subject, action="token.revoke", obj=token)
