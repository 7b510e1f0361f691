"""Gates: what has to agree before a proven identity becomes a session.

A gate is a function of a ``SignIn``. It is asked at every sign-in by whichever way (local password, identity provider,
LDAP, proxy header, passkey), after the identity is proven and before the session starts. It returns None to agree,
a list of group names to replace the groups of this sign-in, or raises ``Forbidden`` with words for the person.
Gates are registered in ``AppConfig.ready()`` and asked in that order; each sees what the one before it returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from django.http import HttpRequest

from portal.accounts.models import User

PASSWORD = "password"  # noqa: S105 (the name of a way to sign in)
_NOTED = "_identity_facts"


@dataclass(frozen=True)
class SignIn:
    """One sign-in as gates see it.

    ``provider`` is the key of the identity provider, else the way: ``password``, ``ldap``, ``proxy``. ``claims`` are
    what the provider said, as it said it. ``groups`` are names of groups of this portal that the person will be in
    through this provider when the session starts, after the group rules; None where the provider said nothing about
    groups, which leaves memberships as they are. Groups given by hand are not among them.
    """

    user: User
    provider: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    address: str | None = None
    groups: tuple[str, ...] | None = None
    is_newcomer: bool = False


Gate: TypeAlias = Callable[[SignIn], Iterable[str] | None]
_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Have ``gate`` asked at every sign-in; registering it again changes nothing."""
    if gate not in _gates:
        _gates.append(gate)


def unregister_gate(gate: Gate) -> None:
    """No longer ask ``gate``."""
    _gates.remove(gate)


def ask_gates(sign_in: SignIn) -> SignIn:
    """The sign-in with the groups that the gates left it. Raises whatever a gate raises: nothing is let in by default.

    SECURITY: a gate that crashes refuses, because its exception is not caught here.
    """
    for gate in list(_gates):
        groups = gate(sign_in)
        if groups is not None:
            sign_in = replace(sign_in, groups=tuple(dict.fromkeys(groups)))
    return sign_in


@dataclass(frozen=True)
class Facts:
    """What a way of signing in without allauth's providers knows: its name, what it was told, and values of groups."""

    provider: str = PASSWORD
    claims: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None


def note_facts(
    request: HttpRequest, *, provider: str, claims: Mapping[str, Any], groups: Iterable[str] | None = None
) -> None:
    """Tell what is known, before the account adapter's ``pre_login``: for doors such as LDAP and the proxy header.

    ``groups`` are the values that the directory named; the group rules of ``provider`` hold for them, and without a
    rule a value becomes the group ``sso:<provider>/<value>``. None leaves memberships as they are.
    """
    setattr(request, _NOTED, Facts(provider, claims, None if groups is None else tuple(groups)))


def noted_facts(request: HttpRequest) -> Facts:
    """What was noted for this request; a local password where nothing was."""
    facts: Facts = getattr(request, _NOTED, Facts())
    return facts
