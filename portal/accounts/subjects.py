"""Who acts: a person, a person through a token, or the portal itself. Every verb and every query takes a subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portal.accounts.models import ApiToken, User


@dataclass(eq=False)
class Subject:
    """The acting party of one request or job. Rights found for it are kept on it, and so live as long as it does."""

    user: User | None = None
    token: ApiToken | None = None
    is_system: bool = False
    address: str | None = None
    label: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def is_anonymous(self) -> bool:
        """Nobody is signed in."""
        return self.user is None and not self.is_system

    @cached_property
    def group_ids(self) -> list[int]:
        """Primary keys of the groups that the person is in."""
        return [] if self.user is None else list(self.user.groups.values_list("pk", flat=True))

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.is_system:
            return "system"
        if self.user is None:
            return "anonymous"
        return f"{self.user.username} via {self.token.name}" if self.token else self.user.username


def person(user: Any, *, token: ApiToken | None = None, address: str | None = None) -> Subject:
    """The subject for a Django user; anonymous and deactivated users have no rights at all."""
    if not isinstance(user, User) or not user.is_active:
        return Subject(address=address)
    return Subject(user=user, token=token, address=address)


def system(label: str = "system") -> Subject:
    """The portal itself, for jobs and commands that act for nobody in particular. It may do everything."""
    return Subject(is_system=True, label=label)
