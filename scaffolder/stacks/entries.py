"""What stacks and runs hang into the shell: navigation, a card on the first page, a card of spaces, search."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse

from catalog.resources.models import Resource
from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.registry import NavItem, Panel, SearchHit, SearchSource, add_nav, add_panel, add_search_source
from scaffolder.runs.models import Run, RunState, RunType
from scaffolder.runs.policies import Permission as RunPermission
from scaffolder.runs.queries import runs_for
from scaffolder.stacks.policies import Permission
from scaffolder.stacks.queries import stacks_for

MOST_SHOWN = 6


def register() -> None:
    """Add the entries; called once when the apps are ready."""
    add_nav(NavItem("Stacks", "stacks:list", "layers", order=40, permission=Permission.STACK_READ, badge=waiting_count))
    add_panel(
        "home_card", Panel("waiting-runs", "Waits for you", "scaffolder/stacks/_home_card.html", home_card, "hand", 20)
    )
    add_panel("space_card", Panel("stacks", "Stacks", "scaffolder/stacks/_space_card.html", space_card, "layers", 40))
    add_search_source(SearchSource("stacks", "Stacks", find_stacks, order=30))


def waiting_runs(request: HttpRequest) -> Any:
    """Runs whose plan the subject may confirm."""
    mine = access.visible_to(subject_of(request), Run.objects.all(), RunPermission.RUN_CONFIRM).values("pk")
    return runs_for(subject_of(request)).filter(state=RunState.UNCONFIRMED, pk__in=mine)


def waiting_count(request: HttpRequest) -> int:
    """How many plans wait for the subject."""
    return int(waiting_runs(request).count())


def home_card(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Plans that wait for the subject, and stacks whose last run failed."""
    waiting = list(waiting_runs(request)[:MOST_SHOWN])
    newer = Run.objects.filter(stack=OuterRef("stack"), pk__gt=OuterRef("pk")).exclude(type=RunType.PROPOSED)
    latest = runs_for(subject_of(request)).filter(~Exists(newer), state=RunState.FAILED)
    failed = list(latest.exclude(type=RunType.PROPOSED)[: MOST_SHOWN - len(waiting)])
    return {"waiting": waiting, "failed": failed} if waiting or failed else None


def space_card(request: HttpRequest, space: Any) -> dict[str, Any] | None:
    """The stacks of a space."""
    found = stacks_for(subject_of(request)).filter(space=space)
    total = found.count()
    return {"stacks": list(found[:MOST_SHOWN]), "total": total, "space": space} if total else None


def find_stacks(request: HttpRequest, text: str, limit: int) -> list[SearchHit]:
    """Visible stacks whose name or slug contains the text."""
    found = stacks_for(subject_of(request)).filter(Q(name__icontains=text) | Q(slug__icontains=text))[:limit]
    return [
        SearchHit(row.name, reverse("stacks:detail", args=[row.slug]), "stack", "layers", row.space.name)
        for row in found
    ]


def stack_url(resource: Resource) -> str:
    """The page of the stack that manages a resource."""
    return reverse("stacks:detail", args=[resource.stack_slug])


def run_url(resource: Resource) -> str:
    """The page of the run that last changed a resource."""
    return reverse("runs:detail", args=[resource.last_run_uid])
