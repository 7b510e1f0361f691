"""Rows of the permission matrix, a module per package. ``tests/contracts/test_permission_matrix.py`` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.accounts.models import User
from tests.conftest import Cast
from tests.factories.portal import bind, make_user

# The columns of a row: nobody signed in; admin of a sibling space; Reader, Writer and Admin of the space; root's admin.
PEOPLE = ("anonymous", "stranger", "reader", "member", "owner", "operator")
# Whose status follows from a column, unless the row says otherwise under ``others``: somebody without any role, the
# admin of the space above, the space's admin after a suspension, API tokens of people, and a token of the admin that
# has no more than Reader of the space. To pages, a token is nobody.
OTHERS = {
    "outsider": "stranger", "parent": "owner", "suspended": "anonymous", "token of stranger": "stranger",
    "token of reader": "reader", "token of member": "member", "token of owner": "owner", "token of parent": "owner",
    "token of operator": "operator", "token of suspended": "anonymous", "reading token of owner": "reader",
}  # fmt: skip


@dataclass
class Stage:
    """What rows make their objects from: the cast, and a place to keep what several rows share."""

    cast: Cast
    kept: dict[str, Any] = field(default_factory=dict)

    def reader(self) -> User:
        """A Reader of the space: the one of the matrix where it runs, or a new one."""
        found = User.objects.filter(username="reader").first()
        return found or self.once("reader", self._make_reader)

    def _make_reader(self) -> User:
        user = make_user("reader")
        bind(user, "reader", self.cast.space)
        return user

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made once per cell."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


def nothing(stage: Stage) -> dict[str, Any]:
    """An address without parts, a request without a body."""
    return {}


@dataclass(frozen=True)
class Row:
    """One address: its name, how its parts are made, and the status of each method for each of ``PEOPLE``.

    ``expected`` is as in ``{"GET": "302 404 200 200 200 200"}``; ``body`` makes what writing methods send. ``others``
    names those of ``OTHERS`` who get something else: a status for all methods, or one for each.
    """

    name: str
    expected: Mapping[str, str]
    parts: Callable[[Stage], Mapping[str, Any]] = nothing
    body: Callable[[Stage], Mapping[str, Any]] = nothing
    query: str = ""
    others: Mapping[str, int | Mapping[str, int]] = field(default_factory=dict)

    def statuses(self, method: str, *, is_api: bool) -> dict[str, int]:
        """What everybody gets for one method."""
        found = dict(zip(PEOPLE, map(int, self.expected[method].split()), strict=True))
        for name, column in OTHERS.items():
            follows = found["anonymous" if "token" in name and not is_api else column]
            said = self.others.get(name, follows)
            found[name] = said if isinstance(said, int) else said.get(method, follows)
        return found


# Shapes that many addresses share.
PUBLIC = {"GET": "200 200 200 200 200 200"}
SIGNED_IN = {"GET": "302 200 200 200 200 200"}
IN_SPACE = {"GET": "302 404 200 200 200 200"}
API_SIGNED_IN = {"GET": "401 200 200 200 200 200"}
API_IN_SPACE = {"GET": "401 404 200 200 200 200"}
