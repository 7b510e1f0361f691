"""From what policies answer to what happens: one verdict for each policy, one decision of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.lib.rego import EngineFailure, Reason
from portal.spaces.models import ROOT_SLUG
from portal.spaces.permissions import ADMIN, READER, WRITER

_LEGACY = {"space_admin": ADMIN, "space_write": WRITER, "space_read": READER}
# The rules of which a policy has at least one, else it says nothing.
DECIDING = frozenset({"allow", "admin", "deny", "deny_admin", "roles", "team", *_LEGACY})
ASKED = (*sorted(DECIDING), "sample")

Grant = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one policy says. ``grants`` are (space, role); ``teams`` is None where the policy has no word about them."""

    allow: bool = False
    admin: bool = False
    deny: bool = False
    deny_admin: bool = False
    reasons: tuple[str, ...] = ()
    grants: frozenset[Grant] = frozenset()
    teams: frozenset[str] | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What all policies together say."""

    is_allowed: bool
    is_admin: bool = False
    grants: frozenset[Grant] = frozenset()
    teams: tuple[str, ...] | None = None
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As pages and endpoints show it, and samples keep it."""
        return {
            "allowed": self.is_allowed,
            "admin": self.is_admin,
            "roles": [{"space": space, "role": role} for space, role in sorted(self.grants)],
            "teams": None if self.teams is None else list(self.teams),
            "reasons": list(self.reasons),
        }


def read_verdict(found: Mapping[str, Any]) -> Verdict:
    """The answers of a policy's rules as a verdict. Raises ``EngineFailure`` for a rule of another shape.

    ``deny`` may also be a set of texts: each is a reason, and one is enough.
    """
    deny = found.get("deny", False)
    reasons = tuple(sorted(_texts("deny", deny))) if not isinstance(deny, bool) else ()
    grants = {(space, role) for space, roles in _by_space(found.get("roles", {})) for role in roles}
    for rule, role in _LEGACY.items():
        grants |= {(space, role) for space in _texts(rule, found.get(rule, []))}
    return Verdict(
        allow=_flag("allow", found), admin=_flag("admin", found), deny=deny is True or bool(reasons),
        deny_admin=_flag("deny_admin", found), reasons=reasons, grants=frozenset(grants),
        teams=frozenset(_texts("team", found["team"])) if "team" in found else None, sample=_flag("sample", found),
    )  # fmt: skip


def _flag(name: str, found: Mapping[str, Any]) -> bool:
    value = found.get(name, False)
    # SECURITY: a set of texts is no "true" that somebody forgot to look at.
    if not isinstance(value, bool):
        raise EngineFailure(Reason.OUTPUT, f"The rule {name} must be true or false.")
    return value


def _texts(name: str, value: Any) -> list[str]:
    """A set of texts; Rego v0 may give it as an object of which the keys count."""
    items = [key for key, kept in value.items() if kept is True] if isinstance(value, dict) else value
    if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
        raise EngineFailure(Reason.OUTPUT, f"The rule {name} must be a set of texts.")
    return items


def _by_space(value: Any) -> list[tuple[str, list[str]]]:
    if not isinstance(value, dict):
        raise EngineFailure(
            Reason.OUTPUT, "The rule roles must name roles for each space, as in “roles[space] contains role”."
        )
    return [(space, _texts("roles", roles)) for space, roles in value.items()]


def combine(verdicts: Iterable[Verdict]) -> Decision:
    """Deny beats everything; admins are let in; whom nothing lets in stays out."""
    found = list(verdicts)
    is_admin = any(row.admin for row in found) and not any(row.deny_admin for row in found)
    reasons = tuple(sorted({reason for row in found for reason in row.reasons}))
    if any(row.deny for row in found) or not (is_admin or any(row.allow for row in found)):
        return Decision(is_allowed=False, reasons=reasons)
    grants = frozenset[Grant]().union(*(row.grants for row in found))
    named = [row.teams for row in found if row.teams is not None]
    return Decision(
        is_allowed=True, is_admin=is_admin, grants=grants | {(ROOT_SLUG, ADMIN)} if is_admin else grants,
        teams=tuple(sorted(frozenset[str]().union(*named))) if named else None,
    )  # fmt: skip
