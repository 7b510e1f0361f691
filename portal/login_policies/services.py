"""Verbs on login policies. All of them need ``login-policy:manage`` at root."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Invalid, NotFound
from portal.lib.rego import Module, Problem, Version, check
from portal.login_policies.bindings import take_from_all
from portal.login_policies.decisions import DECIDING
from portal.login_policies.models import LoginPolicy, PolicyNotice
from portal.login_policies.policies import check_manage
from portal.sessions.models import BrowserSession, digest_of
from portal.spaces.shapes import clean

# A change of one of these is a change of who gets in.
_DECISIVE = ("body", "version", "is_enabled")


def get_policy(subject: Subject, uid: str) -> LoginPolicy:
    """A policy, for whoever may manage them."""
    check_manage(subject)
    found = LoginPolicy.objects.filter(uid=uid).select_related("updated_by").first()
    if found is None:
        raise NotFound("There is no such login policy.")
    return found


def problems_of(body: str, version: str) -> list[Problem]:
    """What must be mended before the text can be saved."""
    outline = check(Module(body, Version(version)))
    if outline.problems or outline.rules & DECIDING:
        return list(outline.problems)
    wanted = ", ".join(sorted(DECIDING))
    return [Problem(0, 0, f"The policy decides nothing: it has none of the rules {wanted}.")]


@transaction.atomic
def create_policy(*, subject: Subject, keep: str | None = None, **values: Any) -> LoginPolicy:
    """Add a policy. ``keep`` is the key of the caller's own session, which goes on; all others end if it is enabled."""
    check_manage(subject)
    policy = LoginPolicy(**values, updated_by=subject.user)
    _save(policy)
    ended = _start_over(subject, keep) if policy.is_enabled else 0
    audit.record(subject=subject, action="login_policy.create", obj=policy, **_told(policy), sessions_ended=ended)
    return policy


@transaction.atomic
def update_policy(*, subject: Subject, policy: LoginPolicy, keep: str | None = None, **values: Any) -> LoginPolicy:
    """Change a policy; what is not named stays. All other sessions end where it changes who gets in."""
    check_manage(subject)
    before = {name: getattr(policy, name) for name in _DECISIVE}
    for field, value in values.items():
        setattr(policy, field, value)
    policy.updated_at, policy.updated_by = timezone.now(), subject.user
    _save(policy)
    is_in_force = before["is_enabled"] or policy.is_enabled
    has_changed = any(before[name] != getattr(policy, name) for name in _DECISIVE)
    ended = _start_over(subject, keep) if is_in_force and has_changed else 0
    audit.record(subject=subject, action="login_policy.update", obj=policy, **_told(policy), sessions_ended=ended)
    return policy


@transaction.atomic
def delete_policy(*, subject: Subject, policy: LoginPolicy, keep: str | None = None) -> None:
    """Delete a policy with its notices and samples; all other sessions end if it was enabled."""
    check_manage(subject)
    ended = _start_over(subject, keep) if policy.is_enabled else 0
    audit.record(subject=subject, action="login_policy.delete", obj=policy, **_told(policy), sessions_ended=ended)
    policy.delete()


@transaction.atomic
def clear_notices(*, subject: Subject, policy: LoginPolicy) -> None:
    """Take the notices of a policy away, once somebody has seen them."""
    check_manage(subject)
    number, _ = PolicyNotice.objects.filter(policy=policy).delete()
    audit.record(subject=subject, action="login_policy.clear_notices", obj=policy, number=number)


@transaction.atomic
def disable_all(*, subject: Subject) -> list[str]:
    """Switch every policy off, for operators whose policies let nobody in; the names of those that were on."""
    check_manage(subject)
    enabled = list(LoginPolicy.objects.filter(is_enabled=True))
    for policy in enabled:
        update_policy(subject=subject, policy=policy, is_enabled=False)
    return [policy.name for policy in enabled]


def _save(policy: LoginPolicy) -> None:
    policy.name = policy.name.strip()
    policy.body = policy.body.replace("\r\n", "\n")
    clean(policy)
    if problems := problems_of(policy.body, policy.version):
        rows = [{"field": "body", "message": str(problem)} for problem in problems]
        raise Invalid(" ".join(row["message"] for row in rows), errors=rows)
    policy.save()


def _start_over(subject: Subject, keep: str | None) -> int:
    """End all sessions but the caller's own and what policies gave, since the decisions behind them are over."""
    rows = BrowserSession.objects.filter(user__isnull=False)
    if keep:
        rows = rows.exclude(session_key=digest_of(keep))
    number, _ = rows.delete()
    take_from_all(but=subject.user)
    subject.memo.clear()
    return number


def _told(policy: LoginPolicy) -> dict[str, Any]:
    digest = hashlib.sha256(policy.body.encode()).hexdigest()
    return {"name": policy.name, "is_enabled": policy.is_enabled, "version": policy.version, "body_sha256": digest}
