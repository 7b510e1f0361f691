"""Named reads of the space tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.lib.errors import Invalid
from portal.spaces import access
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import Permission


@dataclass(frozen=True)
class Right:
    """One line of "who may do what here": a binding, and whether it stands in this space or above it."""

    binding: Binding
    is_own: bool
    is_source_visible: bool


def labelled(spaces: QuerySet[Space], label: str) -> QuerySet[Space]:
    """``spaces`` with a label; all of them where it is empty."""
    return spaces.filter(labels__contains=[label]) if label else spaces


def bare_above(spaces: Iterable[Space]) -> list[Space]:
    """The spaces on the way from ``spaces`` up to the root that are not among them: their names are all that is told.

    Whoever sees a branch only sees where it hangs, as Spacelift has it, and nothing else of what lies above.
    """
    known = [space.pk for space in spaces]
    return list(
        Space.objects.filter(links_down__descendant__in=known).exclude(pk__in=known).distinct().order_by("name")
    )


def bindings_gained_and_lost(space: Space, parent: Space) -> tuple[list[Binding], list[Binding]]:
    """Whose roles would begin and end to reach ``space`` were it below ``parent``: bindings above each place."""

    def above(place: Space | None) -> dict[int, Binding]:
        found = Binding.objects.live().filter(space__links_down__descendant=place, token=None)
        return {row.pk: row for row in found.select_related("user", "group", "workload", "role", "space")}

    old, new = above(space.parent) if space.parent else {}, above(parent)
    return [new[pk] for pk in new if pk not in old], [old[pk] for pk in old if pk not in new]


def space_nodes(
    spaces: Iterable[Space], current: Space | None = None, bare: Iterable[Space] = ()
) -> list[dict[str, Any]]:
    """Spaces as nodes of ``{% tree %}``; those whose parent is not among them stand at the top. ``bare`` are names."""
    bare = list(bare)
    names, spaces = {space.pk for space in bare}, [*bare, *spaces]
    known = {space.pk for space in spaces}
    below: dict[int | None, list[Space]] = defaultdict(list)
    for space in spaces:
        below[space.parent_id if space.parent_id in known else None].append(space)

    def node(space: Space) -> dict[str, Any]:
        return {
            "label": space.name,
            "url": "" if space.pk in names else reverse("spaces:detail", args=[space.slug]),
            "icon": "folder-root" if space.is_root else "folder",
            "detail": "" if space.pk in names else _detail(space),
            "is_current": space == current,
            "children": [node(child) for child in below[space.pk]],
        }

    return [node(space) for space in below[None]]


def _detail(space: Space) -> str:
    words = " ".join(space.description.split())
    closed = [] if space.is_inheriting or space.is_root else ["does not inherit"]
    return " · ".join([*closed, *([words[:80]] if words else []), *space.labels])


def path_of(subject: Subject, space: Space) -> list[tuple[Space, bool]]:
    """The spaces from the top down to ``space``, each with whether the subject sees more of it than its name."""
    above = Space.objects.filter(links_down__descendant=space).order_by("-links_down__depth")
    seen = access.reach(subject, Permission.SPACE_READ)
    return [(found, found.pk in seen) for found in above]


def rights_in(subject: Subject, space: Space) -> list[Right]:
    """Everybody who has a role in ``space`` by a binding here or above; tokens only for those who give roles."""
    found = Binding.objects.live().filter(space__links_down__descendant=space)
    if not access.may_in(subject, Permission.BINDING_MANAGE, space):
        found = found.filter(token__isnull=True)
    found = found.select_related("user", "group", "token__owner", "workload", "role", "space", "created_by")
    visible = access.reach(subject, Permission.SPACE_READ)
    rights = [
        Right(row, row.space_id == space.pk, row.space_id in visible) for row in found.order_by("role__rank", "pk")
    ]
    return sorted(rights, key=lambda right: not right.is_own)


def roles_to_give(subject: Subject, space: Space) -> list[Role]:
    """Roles whose every permission the subject has in ``space``."""
    return [
        role for role in Role.objects.all() if all(access.may_in(subject, name, space) for name in role.permissions)
    ]


def subject_named(text: str) -> dict[str, User | Group]:
    """The person or group that ``text`` names, as an argument of ``bind_role``; ``user:`` or ``group:`` decide."""
    kind, _, name = text.strip().partition(":")
    # Groups of single sign-on have a colon in their name, too.
    name = name if kind in {"user", "group"} and name else text.strip()
    user = User.objects.filter(username=name).first() if kind != "group" else None
    group = Group.objects.filter(name=name).first() if kind != "user" else None
    if user and group:
        raise Invalid(f"There is a person and a group called “{name}”; write user:{name} or group:{name}.")
    if user:
        return {"user": user}
    if group:
        return {"group": group}
    raise Invalid(f"There is no person and no group called “{name}”.")


def subjects_like(text: str, limit: int = 10) -> list[tuple[str, str]]:
    """(name, what it is) of people and groups whose name contains ``text``."""
    users = User.objects.filter(Q(username__icontains=text) | Q(display_name__icontains=text), is_active=True)
    groups = Group.objects.filter(name__icontains=text)
    found = [(user.username, str(user)) for user in users.order_by("username")[:limit]]
    return found + [(group.name, "group") for group in groups.order_by("name")[:limit]]
