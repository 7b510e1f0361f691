"""Named reads of stacks, each by the rights of who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from catalog.resources.models import Resource
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import SpaceLink
from scaffolder.runs.models import Run
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission

NO_RUN = "none"
_ANNOTATED: Any = ("last_state",)
SORTS = {"name": "name", "space": "space__name", "tool": "tool", "changed": "updated_at"}


def stacks_for(subject: Subject) -> QuerySet[Stack]:
    """The stacks that ``subject`` may see, without their bundles; ``is_token_set`` instead of the token itself."""
    is_set = ExpressionWrapper(~Q(repository_token=""), output_field=BooleanField())
    rows = Stack.objects.select_related("space").defer("bundle", "repository_token").annotate(is_token_set=is_set)
    return access.visible_to(subject, rows)


def get_stack_for(subject: Subject, slug: str, permission: str = Permission.STACK_READ) -> Stack:
    """One stack by its slug, with the right to ``permission`` on it."""
    rows = Stack.objects.select_related("space", "created_by").defer("bundle")
    return access.get_for(subject, rows, permission, slug=slug)


def with_last_run(stacks: QuerySet[Stack]) -> QuerySet[Stack]:
    """Stacks with ``last_state``, ``last_run_uid``, ``last_run_number``, ``last_run_at`` and ``resource_count``."""
    newest = Run.objects.filter(stack=OuterRef("pk")).exclude(type="proposed").order_by("-pk")
    found = Resource.objects.filter(stack_uid=OuterRef("uid")).order_by().values("stack_uid")
    counted = found.annotate(number=Count("pk")).values("number")
    return stacks.annotate(
        last_state=Subquery(newest.values("state")[:1]),
        last_run_uid=Subquery(newest.values("uid")[:1]),
        last_run_number=Subquery(newest.values("number")[:1]),
        last_run_at=Subquery(newest.values("created_at")[:1]),
        resource_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
    )


def filtered(stacks: QuerySet[Stack], asked: Mapping[str, Any]) -> QuerySet[Stack]:
    """``stacks`` (with their last run) narrowed by ``q``, ``space`` (and below), ``tools``, ``states``, ``label`` and
    ``entity``."""
    if text := asked.get("q"):
        names = ("name", "slug", "description", "repository")
        stacks = stacks.filter(reduce(or_, (Q(**{f"{name}__icontains": text}) for name in names)))
    if asked.get("space"):
        below = SpaceLink.objects.filter(ancestor__slug=asked["space"]).values("descendant_id")
        stacks = stacks.filter(space_id__in=below)
    if asked.get("tools"):
        stacks = stacks.filter(tool__in=asked["tools"])
    if asked.get("label"):
        stacks = stacks.filter(labels__contains=[asked["label"]])
    if asked.get("entity"):
        stacks = stacks.filter(entity_ref=asked["entity"])
    return _in_states(stacks, asked.get("states") or [])


def _in_states(stacks: QuerySet[Stack], states: Iterable[str]) -> QuerySet[Stack]:
    wanted = list(states)
    if not wanted:
        return stacks
    condition = Q(last_state__in=wanted)
    return stacks.filter(condition | Q(last_state__isnull=True) if NO_RUN in wanted else condition)


def state_counts(stacks: QuerySet[Stack]) -> dict[str, int]:
    """How many of these stacks (with their last run) are in which state; ``none`` where nothing ever ran."""
    # Typed as Any: the annotation of ``with_last_run`` is not in the model.
    states: Any = stacks.order_by().values_list(*_ANNOTATED, flat=True)
    return dict(Counter(state or NO_RUN for state in states))
