"""The roles of a stack's runs, on its settings page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.lib.errors import Forbidden, Invalid
from portal.spaces import access
from portal.spaces.models import Role, Space
from portal.spaces.permissions import Permission as Ground
from scaffolder.stacks import acting
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission
from scaffolder.stacks.queries import get_stack_for


class StackRoleForm(forms.Form):
    """A role, and the space where it holds."""

    role = forms.ModelChoiceField(Role.objects.all(), to_field_name="slug", empty_label=None)
    space = forms.ModelChoiceField(Space.objects.none(), to_field_name="slug", empty_label=None)

    def __init__(self, *args: Any, spaces: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["space"].queryset = spaces  # type: ignore[attr-defined]


def role_values(request: HttpRequest, stack: Stack) -> dict[str, Any]:
    """What the card of the settings page shows."""
    subject = subject_of(request)
    may = access.can(subject, Permission.STACK_MANAGE, stack)
    spaces = access.spaces_with(subject, Ground.BINDING_MANAGE).order_by("name")
    return {
        "roles": acting.roles_of_stack(subject, stack),
        "role_form": StackRoleForm(spaces=spaces) if may else None,
        "role_refusal": "" if may else access.refusal(Permission.STACK_MANAGE, stack.space),
    }


@login_required
@require_POST
@fresh_only
def stack_role_give(request: HttpRequest, slug: str) -> HttpResponse:
    """Let runs of the stack have a role in a space."""
    subject = subject_of(request)
    stack = get_stack_for(subject, slug, Permission.STACK_MANAGE)
    form = StackRoleForm(request.POST, spaces=access.spaces_with(subject, Ground.BINDING_MANAGE))
    if not form.is_valid():
        messages.error(request, "Choose a role, and a space where you give roles.")
        return redirect("stacks:settings", slug)
    try:
        made = acting.give_role(subject=subject, stack=stack, **form.cleaned_data)
    except (Forbidden, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Runs of “{stack}” are {made.role} in “{made.space}” from now on.")
    return redirect("stacks:settings", slug)
