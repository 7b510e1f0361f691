"""People, spaces, bindings and tokens for tests."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import Group

from portal.accounts.models import ApiToken, User
from portal.accounts.subjects import system
from portal.spaces.bindings import bind_role
from portal.spaces.models import Binding, Role, Space
from portal.spaces.services import create_space
from portal.spaces.tokens import issue_token

_numbers = count(1)


def make_user(username: str = "", **fields: object) -> User:
    """A person with a password of ``password`` who can do nothing yet."""
    username = username or f"person{next(_numbers)}"
    return User.objects.create_user(username, f"{username}@example.com", "password", **fields)


def make_group(name: str = "", *members: User) -> Group:
    """A group with members."""
    group = Group.objects.create(name=name or f"group{next(_numbers)}")
    group.user_set.add(*members)
    return group


def make_space(slug: str = "", parent: Space | None = None, *, is_inheriting: bool = True) -> Space:
    """A space below ``parent`` (root where not given)."""
    slug = slug or f"space{next(_numbers)}"
    parent = parent or Space.objects.get(slug="root")
    return create_space(subject=system(), parent=parent, slug=slug, name=slug.capitalize(), is_inheriting=is_inheriting)


def bind(who: User | Group | ApiToken, role: str, space: Space) -> Binding:
    """Give somebody a role in a space."""
    kind = {User: "user", Group: "group", ApiToken: "token"}[type(who)]
    return bind_role(subject=system(), space=space, role=Role.objects.get(slug=role), **{kind: who})  # type: ignore[arg-type]


def make_token(owner: User, role: str | None = None, space: Space | None = None) -> str:
    """A plain API token of ``owner``, scoped where a role and a space are given."""
    roles = [(Role.objects.get(slug=role), space)] if role and space else []
    return issue_token(subject=system(), owner=owner, name="test", roles=roles)[1]
