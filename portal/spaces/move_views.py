"""The page that moves a space: where to, what stands against it, then the move."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.lib.errors import Conflict, Forbidden
from portal.spaces import access
from portal.spaces.models import Space
from portal.spaces.moves import checks_of_move, destinations_for, move_space
from portal.spaces.permissions import Permission
from portal.spaces.querysets import bindings_gained_and_lost


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@fresh_only
def space_move(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose with ``?to=``, look at every check, then post."""
    subject = subject_of(request)
    space = access.get_for(subject, Space.objects.select_related("parent"), Permission.SPACE_UPDATE, slug=slug)
    chosen = request.POST.get("to") or request.GET.get("to", "")
    parent = access.visible_to(subject, Space.objects.filter(slug=chosen)).first()
    if request.method == "POST" and parent is not None:
        try:
            move_space(subject=subject, space=space, parent=parent)
        except (Conflict, Forbidden) as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"“{space.name}” lies in “{parent.name}” now.")
            return redirect("spaces:detail", slug)
    checks = checks_of_move(subject, space, parent) if parent is not None else []
    gained, lost = bindings_gained_and_lost(space, parent) if parent is not None else ([], [])
    values = {
        "crumbs": [("Spaces", "/spaces/"), (space.name, reverse("spaces:detail", args=[slug])), ("Move", "")],
        "space": space, "destinations": destinations_for(subject, space), "parent": parent, "checks": checks,
        "holds": bool(checks) and all(check.holds for check in checks), "gained": gained, "lost": lost,
        "problem": f"There is no space “{chosen[:63]}”, or you may not see it." if chosen and parent is None else "",
    }  # fmt: skip
    return render(request, "portal/spaces/move.html", values, status=422 if request.method == "POST" else 200)
