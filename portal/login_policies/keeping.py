"""What stays of decisions: notices for admins, and samples where a policy wants them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.audit.services import sanitize
from portal.login_policies.decisions import Decision, Grant, Verdict
from portal.login_policies.models import SAMPLE_AGE, SAMPLES_KEPT, LoginPolicy, PolicyNotice, PolicySample

NOTICES_KEPT = 100


@transaction.atomic
def note(policy: LoginPolicy, kind: str, message: str, person: str) -> None:
    """Keep that something went wrong; the same again is counted, and the oldest go when there are many."""
    message, now = message.replace("\x00", "")[:500], timezone.now()
    row, is_new = PolicyNotice.objects.get_or_create(
        policy=policy, kind=kind, message=message, defaults={"person": person[:200]}
    )
    if not is_new:
        changes = {"number": F("number") + 1, "last_at": now, "person": person[:200]}
        PolicyNotice.objects.filter(pk=row.pk).update(**changes)
        return
    kept = list(PolicyNotice.objects.filter(policy=policy).values_list("pk", flat=True)[:NOTICES_KEPT])
    PolicyNotice.objects.filter(policy=policy).exclude(pk__in=kept).delete()


def note_unknown_grants(verdicts: list[tuple[LoginPolicy, Verdict]], unknown: list[Grant], person: str) -> None:
    """Tell each policy's page which of the roles that it names could not be given."""
    for policy, verdict in verdicts:
        for space, role in sorted(verdict.grants & set(unknown)):
            message = f"There is no space “{space}” or no role “{role}”, so that nothing was given."
            note(policy, PolicyNotice.Kind.UNKNOWN, message, person)


def note_unknown_teams(verdicts: list[tuple[LoginPolicy, Verdict]], unknown: set[str], person: str) -> None:
    """Tell each policy's page which of the groups that it names are not there."""
    for policy, verdict in verdicts:
        for name in sorted((verdict.teams or frozenset()) & unknown):
            note(policy, PolicyNotice.Kind.UNKNOWN, f"There is no group “{name}”, so that nobody joined it.", person)


@transaction.atomic
def keep_samples(
    verdicts: list[tuple[LoginPolicy, Verdict]], document: dict[str, Any], decision: Decision, person: str
) -> None:
    """Keep the decision for each policy that asks for it."""
    for policy, verdict in verdicts:
        if not verdict.sample:
            continue
        PolicySample.objects.create(
            policy=policy, person=person[:200], body=policy.body, version=policy.version,
            input=_without_zeros(sanitize(document)), outcome=_without_zeros(decision.as_json()),
        )  # fmt: skip
        kept = list(PolicySample.objects.filter(policy=policy).values_list("pk", flat=True)[:SAMPLES_KEPT])
        PolicySample.objects.filter(policy=policy).exclude(pk__in=kept).delete()


def remove_old_samples() -> int:
    """Delete what is too old; how many."""
    number, _ = PolicySample.objects.filter(at__lte=timezone.now() - SAMPLE_AGE).delete()
    return number


def _without_zeros(value: Any) -> Any:
    """PostgreSQL keeps no zero characters."""
    if isinstance(value, dict):
        return {str(key).replace("\x00", ""): _without_zeros(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_zeros(item) for item in value]
    return value.replace("\x00", "") if isinstance(value, str) else value
