"""Which rules hold, in which order, and the verbs by which admins change that."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.people.models import Rule, RuleOrder
from catalog.people.policies import check_manage
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Invalid

_ROW = 1


def default_rules() -> tuple[Rule, ...]:
    """The rules of the installation's settings."""
    return tuple(Rule(word) for word in settings.PEOPLE_RULES)


def current_rules() -> tuple[Rule, ...]:
    """The rules that hold now, the strongest first; empty where nothing is linked."""
    row = RuleOrder.objects.filter(pk=_ROW).first()
    return default_rules() if row is None else tuple(Rule(word) for word in row.rules)


def is_default() -> bool:
    """Nobody has set an order here, so that the settings hold."""
    return not RuleOrder.objects.filter(pk=_ROW).exists()


@transaction.atomic
def set_rules(*, subject: Subject, rules: Sequence[str]) -> tuple[Rule, ...]:
    """Link by these rules, in this order. Needs ``user:manage`` at root; raises ``Invalid`` for a rule named twice."""
    check_manage(subject)
    checked = _checked(rules)
    before = current_rules()
    values = {"rules": list(checked), "updated_at": timezone.now(), "updated_by": subject.user}
    row, _ = RuleOrder.objects.update_or_create(pk=_ROW, defaults=values)
    audit.record(subject=subject, action="people_rules.update", obj=row, rules=checked, before=before)
    return checked


@transaction.atomic
def reset_rules(*, subject: Subject) -> tuple[Rule, ...]:
    """Go back to the rules of the settings."""
    check_manage(subject)
    row = RuleOrder.objects.select_for_update().filter(pk=_ROW).first()
    found = default_rules()
    if row is not None:
        audit.record(subject=subject, action="people_rules.reset", obj=row, rules=found, before=row.rules)
        row.delete()
    return found


def _checked(rules: Sequence[str]) -> tuple[Rule, ...]:
    unknown = [word for word in rules if word not in Rule.values]
    message = ""
    if unknown:
        message = f"There is no rule “{unknown[0][:40]}”; there are {', '.join(Rule.values)}."
    elif len(set(rules)) < len(rules):
        message = "A rule can stand in the order only once."
    if message:
        raise Invalid(message, errors=[{"field": "rules", "message": message}])
    return tuple(Rule(word) for word in rules)
