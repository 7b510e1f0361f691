"""Groups in groups, on the page of the outer one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.accounts.middleware import subject_of
from portal.lib.errors import Conflict, Invalid, NotFound
from portal.spaces import people


@login_required
@require_POST
def group_nest(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a group, by its name, into this one."""
    subject = subject_of(request)
    parent = _group(request, pk)
    name = request.POST.get("child", "").strip()
    child = people.groups_for(subject).filter(name=name).first()
    if child is None:
        messages.error(request, f"There is no group called “{name[:150]}”.")
        return redirect("people:group", pk=pk)
    try:
        people.nest_group(subject=subject, child=child, parent=parent)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Whoever is in “{child.name}” has the roles of “{parent.name}” from now on.")
    return redirect("people:group", pk=pk)


@login_required
@require_POST
def group_unnest(request: HttpRequest, pk: int, child: int) -> HttpResponse:
    """Take a group out of this one."""
    parent, inner = _group(request, pk), _group(request, child)
    try:
        people.unnest_group(subject=subject_of(request), child=inner, parent=parent)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"“{inner.name}” is no longer in “{parent.name}”.")
    return redirect("people:group", pk=pk)


def _group(request: HttpRequest, pk: int) -> Group:
    found = people.groups_for(subject_of(request)).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such group, or you may not see it.")
    return found
