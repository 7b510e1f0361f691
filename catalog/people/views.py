"""The page of links: who is linked to what, what clashes, what is left over, and the rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.entities.linking import linked, visible_labels
from catalog.people.forms import RulesForm
from catalog.people.policies import check_manage
from catalog.people.reading import GROUP, USER
from catalog.people.rules import current_rules, is_default, reset_rules, set_rules
from catalog.people.shown import ALONE, CLASH, LINKED, Shown, holder_url, rows_for
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.lib.errors import Invalid

_PAGE = 50
_STATES = ((CLASH, "Ambiguous"), (LINKED, "Linked"), (ALONE, "Without a match"))


@login_required
@require_safe
def link_list(request: HttpRequest) -> HttpResponse:
    """Accounts and User entities, or with ``?kind=group`` groups and Group entities."""
    subject = subject_of(request)
    kind = GROUP if request.GET.get("kind") == GROUP else USER
    rows = rows_for(subject, kind)
    states = [
        {"value": state, "label": label, "count": sum(row.state == state for row in rows)} for state, label in _STATES
    ]
    page = Paginator(_narrowed(request, rows), _PAGE).get_page(request.GET.get("page"))
    rules = current_rules()
    values = {
        "crumbs": [("Catalog links", "")], "kind": kind, "states": states, "page": page,
        "rows": _linked_rows(subject, page.object_list), "rules": rules, "form": RulesForm(rules=rules),
        "is_default": is_default(),
    }  # fmt: skip
    return render(request, "catalog/people/links.html", values)


def _narrowed(request: HttpRequest, rows: list[Shown]) -> list[Shown]:
    states = set(request.GET.getlist("state")) & {state for state, _ in _STATES}
    text = request.GET.get("q", "").strip().lower()
    return [row for row in rows if (not states or row.state in states) and (not text or row.fits(text))]


def _linked_rows(subject: Subject, rows: Any) -> list[dict[str, Any]]:
    labels = visible_labels(subject, [ref for row in rows for ref in row.refs])
    return [
        {
            "row": row, "entities": [linked(ref, labels) for ref in row.refs],
            "holders": [(holder, holder_url(holder)) for holder in row.holders],
        }
        for row in rows
    ]  # fmt: skip


@login_required
@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """Set the order of the rules."""
    subject = subject_of(request)
    check_manage(subject)
    form = RulesForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid("Choose a rule for each place, or none.")
        set_rules(subject=subject, rules=form.rules())
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "Links follow these rules from now on.")
    return redirect("catalog_links:list")


@login_required
@require_POST
def rules_reset(request: HttpRequest) -> HttpResponse:
    """Go back to the rules of the settings."""
    reset_rules(subject=subject_of(request))
    messages.success(request, "Links follow the rules of the settings again.")
    return redirect("catalog_links:list")
