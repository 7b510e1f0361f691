"""The one answer to "which rows may this subject see?" and "may it do this to that one?".

Pages, fragments, endpoints, streams, counts and jobs all ask here. Rights come from bindings of roles in spaces
(down the tree, and reading up through inheriting spaces) and from guardian's grants on single objects; from nothing
else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, NotFound, Unauthenticated
from portal.spaces import rights
from portal.spaces.models import ROOT_SLUG, Binding, BindingQuerySet, Space
from portal.spaces.permissions import Permission, is_reading, words_for

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Policy:
    """How rows of one model are guarded: where its space is found, what reading it is called, where its grants lie.

    ``space_path`` is a lookup path from the model to a space's primary key (``space_id``, ``stack__space_id``).
    ``user_grants`` and ``group_grants`` are guardian's direct-foreign-key permission models, ``grants_path`` the lookup
    path from the model to what ``grants_key`` names of the object that they are given on: its primary key, mostly.
    """

    model: type[models.Model]
    read: str
    space_path: str = "space_id"
    user_grants: type[models.Model] | None = None
    group_grants: type[models.Model] | None = None
    grants_path: str = "pk"
    grants_key: str = "content_object_id"


@dataclass(frozen=True)
class Reach:
    """Where a subject has one permission: everywhere, or in these spaces."""

    everywhere: bool
    space_ids: frozenset[int] = frozenset()

    def __contains__(self, space_id: int | None) -> bool:
        return self.everywhere or space_id in self.space_ids

    def __and__(self, other: Reach) -> Reach:
        if self.everywhere:
            return other
        return self if other.everywhere else Reach(False, self.space_ids & other.space_ids)

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.space_ids)


_policies: dict[type[models.Model], Policy] = {}


def register(policy: Policy) -> None:
    """Declare the one policy of a model; called from ``AppConfig.ready()``."""
    _policies[policy.model] = policy


def policy_for(model: type[models.Model]) -> Policy:
    """The policy of a model. A model without one can not be shown to anybody, so that is an error of ours."""
    try:
        return _policies[model]
    except KeyError as error:
        raise LookupError(f"{model.__name__} has no access policy; register one in its app's ready()") from error


def registered_policies() -> list[Policy]:
    """All policies, for the tests that hold for every guarded model."""
    return list(_policies.values())


def reach(subject: Subject, permission: str) -> Reach:
    """Where ``subject`` has ``permission``. Found once per subject object, so once per request."""
    if subject.is_system:
        return Reach(everywhere=True)
    if subject.is_anonymous:
        return Reach(everywhere=False)
    key = ("reach", str(permission))
    if key not in subject.memo:
        subject.memo[key] = _find_reach(subject, str(permission))
    found: Reach = subject.memo[key]
    return found


def _find_reach(subject: Subject, permission: str) -> Reach:
    # SECURITY: what was given for reading changes nothing, whatever its person may do.
    if subject.reads_only and not is_reading(permission):
        return Reach(everywhere=False)
    own = _reach_of(subject, "bearer", permission)
    # SECURITY: a scoped token narrows its owner's rights and never adds to them.
    if subject.token is not None and subject.token.is_scoped:
        return own & _reach_of(subject, "token", permission)
    return own


def bindings_of(subject: Subject, side: str = "bearer") -> BindingQuerySet:
    """The live bindings of the person and their groups or of the workload; with ``side="token"`` of the token."""
    if side == "token":
        held = Q(token=subject.token) if subject.token is not None else Q(pk__in=[])
    elif subject.workload is not None:
        held = Q(workload=subject.workload)
    elif subject.user is not None:
        held = Q(user=subject.user) | Q(group__in=subject.group_ids)
    else:
        held = Q(pk__in=[])
    return Binding.objects.live().filter(held)


def _reach_of(subject: Subject, side: str, permission: str) -> Reach:
    found = rights.of(subject)
    bound = found.token if side == "token" else found.bearer
    holding = [row for row in bound if permission in row.permissions]
    if any(row.slug == ROOT_SLUG for row in holding):
        return Reach(everywhere=True)
    ids = frozenset[int]().union(*(row.below for row in holding))
    if is_reading(permission):
        # Any role in an inheriting space also lets its holder read what it inherits from.
        ids = ids.union(*(row.above for row in bound))
    return Reach(False, ids)


def roles_of(subject: Subject) -> list[str]:
    """``role@space`` labels of the subject's own bindings, as the audit trail keeps them."""
    if subject.is_system:
        return ["system"]
    side = "token" if subject.token is not None and subject.token.is_scoped else "bearer"
    rows = bindings_of(subject, side).values_list("role__slug", "space__slug")
    return sorted({f"{role}@{space}" for role, space in rows})


def spaces_with(subject: Subject, permission: str) -> QuerySet[Space]:
    """Spaces in which ``subject`` has ``permission``."""
    where = reach(subject, permission)
    return Space.objects.all() if where.everywhere else Space.objects.filter(pk__any=where.space_ids)


def visible_to(subject: Subject, queryset: QuerySet[M], permission: str | None = None) -> QuerySet[M]:
    """The rows of ``queryset`` on which ``subject`` has ``permission`` (reading, unless said otherwise)."""
    condition = visibility(subject, queryset.model, permission)
    return queryset if condition is None else queryset.filter(condition)


def granted_to(subject: Subject, queryset: QuerySet[M], permission: str | None = None) -> QuerySet[M]:
    """The rows of ``queryset`` on which ``subject`` has ``permission`` by a grant on the row itself."""
    policy = policy_for(queryset.model)
    granted = _grants(subject, policy, str(permission or policy.read))
    if not granted:
        return queryset.none()
    ids, *others = [rows.values(policy.grants_key) for rows in granted]
    return queryset.filter(**{f"{policy.grants_path}__in": ids.union(*others) if others else ids})


def visibility(subject: Subject, model: type[models.Model], permission: str | None = None) -> Q | None:
    """The condition behind ``visible_to``, or None where the subject sees every row."""
    policy = policy_for(model)
    permission = str(permission or policy.read)
    where = reach(subject, permission)
    if where.everywhere:
        return None
    condition = Q(**{f"{policy.space_path}__any": where.space_ids})
    for granted in _grants(subject, policy, permission):
        condition |= Q(**{f"{policy.grants_path}__in": granted.values(policy.grants_key)})
    return condition


def _grants(subject: Subject, policy: Policy, permission: str) -> list[QuerySet[Any]]:
    # SECURITY: a scoped token holds roles in spaces only; grants on single objects belong to people.
    if subject.user is None or (subject.token is not None and subject.token.is_scoped):
        return []
    if subject.reads_only and not is_reading(permission):
        return []
    found: list[QuerySet[Any]] = []
    if policy.user_grants is not None:
        rows: QuerySet[Any] = policy.user_grants._default_manager.all()
        found.append(rows.filter(user_id=subject.user.pk, permission__codename=permission))
    if policy.group_grants is not None and subject.group_ids:
        rows = policy.group_grants._default_manager.all()
        found.append(rows.filter(group_id__in=subject.group_ids, permission__codename=permission))
    return found


def can(subject: Subject, permission: str, obj: models.Model) -> bool:
    """May ``subject`` do ``permission`` on ``obj``? Agrees with ``visible_to`` on every object."""
    policy = policy_for(type(obj))
    if follow(obj, policy.space_path) in reach(subject, str(permission)):
        return True
    granted = _grants(subject, policy, str(permission))
    if not granted:
        return False
    # Both kinds of grants in one question: it is asked for every button of a page.
    target = follow(obj, policy.grants_path)
    mine, *others = [rows.filter(**{policy.grants_key: target}).values(policy.grants_key) for rows in granted]
    return mine.union(*others, all=True).exists() if others else mine.exists()


def follow(obj: Any, path: str) -> Any:
    """What a lookup path such as ``stack__space_id`` gives on an object at hand."""
    for step in path.split("__"):
        if obj is None:
            return None
        obj = getattr(obj, step)
    return obj


def may_in(subject: Subject, permission: str, space: Space) -> bool:
    """May ``subject`` do ``permission`` to things of ``space`` (for example create one there)?"""
    return space.pk in reach(subject, str(permission))


def check(subject: Subject, permission: str, obj: models.Model) -> None:
    """Raise ``NotFound`` where the object is invisible, ``Forbidden`` with the reason where the act is not allowed."""
    if can(subject, permission, obj):
        return
    policy = policy_for(type(obj))
    noun = str(type(obj)._meta.verbose_name)
    if str(permission) == policy.read or not can(subject, policy.read, obj):
        raise NotFound(f"There is no such {noun}, or you may not see it.")
    raise Forbidden(refusal(permission, space_of(obj, policy)), permission=str(permission))


def space_of(obj: models.Model, policy: Policy) -> Space | None:
    """The space that an object lives in; None for what belongs to none."""
    space_id = follow(obj, policy.space_path)
    return Space.objects.filter(pk=space_id).first()


def check_in(subject: Subject, permission: str, space: Space) -> None:
    """Like ``check``, for things that are about to be made in ``space``."""
    if may_in(subject, permission, space):
        return
    if subject.is_anonymous:
        raise Unauthenticated("Sign in to do this.")
    if not may_in(subject, "space:read", space):
        raise NotFound("There is no such space, or you may not see it.")
    raise Forbidden(refusal(permission, space), permission=str(permission))


def refusal(permission: str, space: Space | None, *, of: str = "You") -> str:
    """Why an act is refused, and who can change that."""
    if space is None:
        return f"{of} may not {words_for(str(permission))}. Ask an admin of the root space for a role that may."
    asked = _joined(givers_in(space)) or "an admin of the space"
    return f"{of} may not {words_for(str(permission))} in the space “{space.name}”. Ask {asked} for a role that may."


def givers_in(space: Space, limit: int = 3) -> list[str]:
    """Names of the people and groups nearest to ``space`` who may give roles there, at most ``limit``."""
    # A page asks for many buttons of one space, so what was found is kept on the row at hand.
    if not hasattr(space, "_givers"):
        found = who_may(Permission.BINDING_MANAGE, space).filter(Q(user__is_active=True) | Q(group__isnull=False))
        nearest = found.order_by("space__links_down__depth", "pk").distinct()
        space._givers = list(dict.fromkeys(str(row.bound) for row in nearest[: limit * 2]))  # type: ignore[attr-defined]
    names: list[str] = space._givers[:limit]  # type: ignore[attr-defined]
    return names


def root_givers() -> list[str]:
    """Names of admins of the root space, for what belongs to no space."""
    return givers_in(Space.objects.get(slug=ROOT_SLUG))


def _joined(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def get_for(subject: Subject, queryset: QuerySet[M], permission: str | None = None, **lookup: Any) -> M:
    """Fetch one row and check the right to it in one step: invisible is ``NotFound``, forbidden is ``Forbidden``."""
    obj = queryset.filter(**lookup).first()
    policy = policy_for(queryset.model)
    if obj is None:
        raise NotFound(f"There is no such {queryset.model._meta.verbose_name}, or you may not see it.")
    check(subject, permission or policy.read, obj)
    return obj


def who_may(permission: str, space: Space) -> BindingQuerySet:
    """Live bindings through which somebody has ``permission`` in ``space`` from itself or above."""
    return (
        Binding.objects.live()
        .filter(space__links_down__descendant=space, role__permissions__contains=[str(permission)])
        .select_related("user", "group", "token", "workload", "role", "space")
        .order_by("role__rank", "pk")
    )
