"""Trying a policy out before it is saved: nothing is written, nobody is let in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.identity.gates import PASSWORD, SignIn
from portal.login_policies.asking import PolicyFailed, verdict_of
from portal.login_policies.bindings import is_root_admin
from portal.login_policies.decisions import Decision, combine
from portal.login_policies.documents import document, teams_of
from portal.login_policies.gate import is_exempt
from portal.login_policies.models import LoginPolicy
from portal.login_policies.policies import check_manage


@dataclass(frozen=True, slots=True)
class Trial:
    """What would happen. ``alone`` and ``together`` are None where a policy failed; ``failures`` say which and why.

    ``together`` is the decision with the other enabled policies. ``is_exempt``: this person would not be asked about.
    """

    document: dict[str, Any]
    alone: Decision | None
    together: Decision | None
    failures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_exempt: bool = False

    @property
    def pretty_document(self) -> str:
        """What was asked, as people read it."""
        return json.dumps(self.document, indent=2, ensure_ascii=False)


def try_policy(*, subject: Subject, policy: LoginPolicy, input: dict[str, Any], is_exempt: bool = False) -> Trial:
    """Ask ``policy``, which need not be saved, and the other enabled ones about ``input``."""
    check_manage(subject)
    others = list(LoginPolicy.objects.filter(is_enabled=True).exclude(uid=policy.uid))
    verdicts, failures, alone = [], [], None
    for row in [policy, *others]:
        try:
            verdicts.append(verdict_of(row, input))
        except PolicyFailed as error:
            failures.append(f"{row.name or 'This policy'}: {error.cause}")
        else:
            alone = combine(verdicts) if row is policy else alone
    together = None if failures else combine(verdicts)
    return Trial(input, alone, together, tuple(failures), tuple(row.name for row in others), is_exempt)


def input_for(
    *, login: str, provider: str = PASSWORD, teams: list[str] | None = None, address: str = ""
) -> tuple[dict[str, Any], bool]:
    """The document of a sign-in that is only thought of, and whether the policies would not be asked about it.

    Without ``teams`` the person has the groups that they have now; somebody unknown is a newcomer.
    """
    user = User.objects.filter(username=login).first()
    if user is None:
        found = document(login=login, newcomer=True, teams=teams or [], provider=provider, address=address)
        return found, False
    sign_in = SignIn(user=user, provider=provider, address=address)
    found = document(
        login=user.username, name=str(user), email=user.email, member=user.is_active, admin=is_root_admin(user),
        teams=teams_of(sign_in) if teams is None else teams, provider=provider, address=address,
    )  # fmt: skip
    return found, is_exempt(sign_in)
