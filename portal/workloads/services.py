"""Verbs on trusts. All of them need ``binding:manage`` in the space where the trust lives."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal.accounts.models import ApiToken, Workload
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.spaces import access
from portal.spaces.models import Binding, Space
from portal.spaces.permissions import Permission
from portal.workloads.acting import check_may_give_all
from portal.workloads.models import Trust
from portal.workloads.shapes import check_shape


def get_trust_for(subject: Subject, uid: object) -> Trust:
    """A trust, for whoever may manage it."""
    return access.get_for(subject, Trust.objects.select_related("space", "workload", "created_by"), uid=uid)


@transaction.atomic
def create_trust(*, subject: Subject, space: Space, **values: Any) -> Trust:
    """Add a trust. Its jobs can do nothing until they are given roles."""
    access.check_in(subject, Permission.BINDING_MANAGE, space)
    trust = Trust(space=space, created_by=subject.user, **values)
    trust.workload = Workload.objects.create(
        kind=Workload.Kind.CI, name=trust.name[:200], is_active=trust.is_enabled
    )  # fmt: skip
    check_shape(trust)
    trust.save()
    audit.record(subject=subject, action="workload_trust.create", obj=trust, **_told(trust))
    return trust


@transaction.atomic
def update_trust(*, subject: Subject, trust: Trust, **values: Any) -> Trust:
    """Change a trust; what is not named stays. Tokens end where it believes others than before, or is switched off."""
    access.check(subject, Permission.BINDING_MANAGE, trust)
    # Fresh and locked, as exchanges lock it: none of them slips through between the check and the change.
    before = Trust.objects.select_for_update(no_key=True).get(pk=trust.pk)
    for field, value in values.items():
        setattr(trust, field, value)
    check_shape(trust)
    believes_others = trust.believed != before.believed
    if believes_others or (trust.is_enabled and not before.is_enabled):
        check_may_give_all(subject, trust)
    trust.save(update_fields=list(values))
    Workload.objects.filter(pk=trust.workload_id).update(name=trust.name, is_active=trust.is_enabled)
    ended = _end_tokens(trust) if believes_others or not trust.is_enabled else 0
    audit.record(subject=subject, action="workload_trust.update", obj=trust, **_told(trust), ended=ended)
    return trust


@transaction.atomic
def delete_trust(*, subject: Subject, trust: Trust) -> None:
    """Delete a trust with its roles and tokens, each role with its audit row."""
    access.check(subject, Permission.BINDING_MANAGE, trust)
    for binding in Binding.objects.filter(workload=trust.workload).select_related("role", "space", "workload"):
        audit.record(
            subject=subject, action="binding.delete", obj=binding, role=binding.role.slug, bound=str(binding.bound)
        )
    audit.record(subject=subject, action="workload_trust.delete", obj=trust, **_told(trust))
    trust.workload.delete()


def _end_tokens(trust: Trust) -> int:
    number, _ = ApiToken.objects.filter(workload=trust.workload_id).delete()
    return number


def _told(trust: Trust) -> dict[str, Any]:
    return {
        "name": trust.name, "issuer": trust.issuer, "audience": trust.audience, "sub": trust.subject_pattern,
        "claims": trust.claims, "minutes": trust.token_minutes, "is_enabled": trust.is_enabled,
    }  # fmt: skip
