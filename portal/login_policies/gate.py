"""The gate of every sign-in: the enabled login policies decide."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.identity.gates import PASSWORD, SignIn
from portal.lib.errors import Forbidden
from portal.login_policies import keeping
from portal.login_policies.asking import PolicyFailed, verdicts_of
from portal.login_policies.bindings import follow, is_root_admin
from portal.login_policies.decisions import Decision, Verdict, combine
from portal.login_policies.documents import document_for
from portal.login_policies.models import LoginPolicy, PolicyNotice


class LoginRefused(Forbidden):
    """The policies do not let this person in; what they say is for admins."""

    code = "login_refused"
    title = "You may not sign in"


class LoginPolicyFailed(Forbidden):
    """A policy gave no answer. What went wrong is for admins."""

    code = "login_policy_failed"
    title = "A login policy failed"


def ask_policies(sign_in: SignIn) -> Iterable[str] | None:
    """Let somebody in as the policies say: roles follow, and groups where a policy names them.

    Without enabled policies every member is let in. Raises ``LoginRefused`` and ``LoginPolicyFailed``.
    """
    policies = list(LoginPolicy.objects.filter(is_enabled=True))
    if not policies:
        follow(sign_in.user, [])
        return None
    if is_exempt(sign_in):
        return None
    document = document_for(sign_in)
    try:
        verdicts = verdicts_of(policies, document)
    except PolicyFailed as error:
        _fail(sign_in, error)
        raise LoginPolicyFailed(
            "A login policy of this installation failed, so nobody is let in by it. Try again later, and tell an admin"
            " if it stays like this."
        ) from error
    decision = combine(verdict for _, verdict in verdicts)
    keeping.keep_samples(verdicts, document, decision, sign_in.user.username)
    if not decision.is_allowed:
        _refuse(sign_in, decision)
        raise LoginRefused("The login policies of this installation do not let you in. Ask an admin why.")
    return _let_in(sign_in, decision, verdicts)


def is_exempt(sign_in: SignIn) -> bool:
    """Admins of root who sign in with a password of this portal always get in: nobody is locked out for good."""
    return sign_in.provider == PASSWORD and sign_in.user.has_usable_password() and is_root_admin(sign_in.user)


@transaction.atomic
def _let_in(sign_in: SignIn, decision: Decision, verdicts: list[tuple[LoginPolicy, Verdict]]) -> tuple[str, ...] | None:
    person = sign_in.user.username
    keeping.note_unknown_grants(verdicts, follow(sign_in.user, decision.grants), person)
    if decision.teams is None:
        return None
    # Groups of the provider's own values are made when they are joined; all others must be there.
    named = set(decision.teams) - set(sign_in.groups or ())
    keeping.note_unknown_teams(verdicts, named - _groups_named(named), person)
    return decision.teams


def _groups_named(names: set[str]) -> set[str]:
    return set(Group.objects.filter(name__in=names).values_list("name", flat=True))


@transaction.atomic
def _refuse(sign_in: SignIn, decision: Decision) -> None:
    """What earlier decisions gave ends with this one."""
    follow(sign_in.user, [])
    audit.record(
        subject=Subject(address=sign_in.address), action="login_policy.refuse", obj=sign_in.user,
        via=sign_in.provider, reasons=list(decision.reasons),
    )  # fmt: skip


@transaction.atomic
def _fail(sign_in: SignIn, error: PolicyFailed) -> None:
    keeping.note(error.policy, PolicyNotice.Kind.FAILURE, str(error.cause), sign_in.user.username)
    audit.record(
        subject=Subject(address=sign_in.address), action="login_policy.fail", obj=error.policy,
        via=sign_in.provider, person=sign_in.user.username, reason=str(error.cause.reason), error=str(error.cause),
    )  # fmt: skip
