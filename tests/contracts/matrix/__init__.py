"""Rows of the permission matrix, a module per package. ``tests/contracts/test_permission_matrix.py`` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.accounts.models import User
from tests.conftest import Cast
from tests.factories.portal import bind, make_user

# Nobody signed in; admin of a sibling space; Reader, Writer and Admin of the space; Admin of root.
PEOPLE = ("anonymous", "stranger", "reader", "member", "owner", "operator")


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

    ``expected`` is as in ``{"GET": "302 404 200 200 200 200"}``; ``body`` makes what writing methods send.
    """

    name: str
    expected: Mapping[str, str]
    parts: Callable[[Stage], Mapping[str, Any]] = nothing
    body: Callable[[Stage], Mapping[str, Any]] = nothing
    query: str = ""


# Shapes that many addresses share.
PUBLIC = {"GET": "200 200 200 200 200 200"}
SIGNED_IN = {"GET": "302 200 200 200 200 200"}
IN_SPACE = {"GET": "302 404 200 200 200 200"}
API_SIGNED_IN = {"GET": "401 200 200 200 200 200"}
API_IN_SPACE = {"GET": "401 404 200 200 200 200"}
