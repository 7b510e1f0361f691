"""Who acts: a person (perhaps through a token), a workload, or the portal itself. Verbs and queries take a subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allauth.idp.oidc.models import Token as OAuthToken
from django.db import connection

from portal.accounts.models import ApiToken, User, Workload


@dataclass(frozen=True)
class Delegation:
    """A tool acts for a person with one of its access tokens: which one, the tool's name, and whether it only reads."""

    token_id: int
    client: str
    reads_only: bool


@dataclass(eq=False)
class Subject:
    """The acting party of one request or job. Rights found for it are kept on it, and so live as long as it does."""

    user: User | None = None
    token: ApiToken | None = None
    workload: Workload | None = None
    delegation: Delegation | None = None
    is_system: bool = False
    address: str | None = None
    label: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def is_anonymous(self) -> bool:
        """Nobody is signed in."""
        return self.user is None and self.workload is None and not self.is_system

    @property
    def is_by_token(self) -> bool:
        """A program calls with a token; nobody sits in front of a browser."""
        return self.token is not None or self.delegation is not None

    @property
    def is_narrow(self) -> bool:
        """The token was made to do less than its bearer, so it is no way to their account, sessions and tokens."""
        return self.delegation is not None or (self.token is not None and self.token.is_scoped)

    @property
    def reads_only(self) -> bool:
        """Nothing is changed through this token."""
        return self.delegation is not None and self.delegation.reads_only

    @cached_property
    def group_ids(self) -> list[int]:
        """Primary keys of the groups that the person is in, directly or through other groups."""
        return [] if self.user is None else groups_of(self.user)

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.is_system:
            return "system"
        if self.workload is not None:
            return str(self.workload)
        if self.user is None:
            return "anonymous"
        tool = self.token.name if self.token else self.delegation.client if self.delegation else ""
        return f"{self.user.username} via {tool}" if tool else self.user.username


_GROUPS_OF = """
    WITH RECURSIVE held(id) AS (
        SELECT group_id FROM accounts_user_groups WHERE user_id = %s
        UNION
        SELECT edge.parent_id FROM held JOIN accounts_group_parent edge ON edge.child_id = held.id
    )
    SELECT id FROM held
"""


def groups_of(user: User) -> list[int]:
    """Primary keys of the groups that ``user`` is in, and of all groups that those are in. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS_OF, [user.pk])
        return [row[0] for row in cursor.fetchall()]


def person(
    user: Any, *, token: ApiToken | None = None, delegation: Delegation | None = None, address: str | None = None
) -> Subject:
    """The subject for a Django user; anonymous and deactivated users have no rights at all."""
    if not isinstance(user, User) or not user.is_active:
        return Subject(address=address)
    return Subject(user=user, token=token, delegation=delegation, address=address)


def system(label: str = "system") -> Subject:
    """The portal itself, for jobs and commands that act for nobody in particular. It may do everything."""
    return Subject(is_system=True, label=label)


def machine(workload: Workload, *, token: ApiToken | None = None, address: str | None = None) -> Subject:
    """The subject for a workload; one that is switched off has no rights at all."""
    if not workload.is_active:
        return Subject(address=address)
    return Subject(workload=workload, token=token, address=address)


def refreshed(subject: Subject) -> Subject:
    """Who acts, as they are now: suspended people, revoked tokens and taken-away roles end what goes on for long."""
    if subject.is_anonymous or subject.is_system:
        return subject
    token = ApiToken.objects.filter(pk=subject.token.pk).first() if subject.token else None
    if subject.token is not None and (token is None or not token.is_active):
        return Subject(address=subject.address)
    if subject.workload is not None:
        workload = Workload.objects.filter(pk=subject.workload.pk).first()
        return machine(workload, token=token, address=subject.address) if workload else Subject(address=subject.address)
    tool = subject.delegation
    if tool is not None and not OAuthToken.objects.valid().filter(pk=tool.token_id).exists():
        return Subject(address=subject.address)
    user = User.objects.filter(pk=subject.user.pk).first() if subject.user else None
    return person(user, token=token, delegation=subject.delegation, address=subject.address)
