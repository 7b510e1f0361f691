"""The page of the audit trail."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.audit.exports import answer
from portal.audit.models import AuditEvent
from portal.audit.policies import STREAM
from portal.audit.querysets import filtered, known_actions, trail_for
from portal.audit.requests import asked_for
from portal.lib.errors import Invalid, NotFound
from portal.spaces import access
from portal.spaces.permissions import Permission
from portal.ui.components.lists import link_with
from portal.ui.fields import PlainField
from portal.ui.keyset import keyset_page
from portal.ui.spaces import narrow

_WORDS = {
    "actor": "by", "since": "from", "until": "until", "q": "on", "object_id": "object", "address": "from address",
    "role": "as",
}  # fmt: skip


@login_required
@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Who did what, when and where, narrowed by the address."""
    subject = subject_of(request)
    trail = _trail(subject)
    problem = ""
    try:
        # The space is the header's choice, which every list honours.
        found = filtered(narrow(request, trail), **{**asked_for(request.GET), "space": ""})
    except Invalid as error:
        found, problem = trail.none(), error.detail
    values = {
        "crumbs": [("Audit", "")], "page": keyset_page(request, found), "problem": problem, "chips": _chips(request),
        "actions": [{"value": name} for name in known_actions(trail)],
        "fields": _fields(request.GET), "streams": access.reach(subject, STREAM).everywhere,
        "export_query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "portal/audit/events.html", values)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """What the page shows, as a file of all of it."""
    subject = subject_of(request)
    asked = asked_for(request.GET)
    found = filtered(narrow(request, _trail(subject)), **{**asked, "space": ""})
    return answer(subject=subject, events=found, form=request.GET.get("form", "csv"), asked=asked)


def _trail(subject: Subject) -> QuerySet[AuditEvent]:
    if not access.reach(subject, Permission.AUDIT_READ):
        raise NotFound("There is no such page, or you may not see it. Reading the audit trail needs an admin role.")
    return trail_for(subject)


def _fields(query: QueryDict) -> list[PlainField]:
    return [
        PlainField("actor", "Who", value=query.get("actor", ""), placeholder="Who"),
        PlainField("address", "Address", value=query.get("address", ""), placeholder="Address or network"),
        PlainField("since", "From", "date", value=query.get("since", "")),
        PlainField("until", "Until", "date", value=query.get("until", "")),
    ]


def _chips(request: HttpRequest) -> list[tuple[str, str]]:
    """The filters that are on, in words, each with the address without it."""
    on = [
        (f"{words} {request.GET[name]}", link_with(request, **{name: None}))
        for name, words in _WORDS.items()
        if request.GET.get(name)
    ]
    actions = request.GET.getlist("action")
    return on + [
        (name, link_with(request, action=[other for other in actions if other != name])) for name in actions if name
    ]
