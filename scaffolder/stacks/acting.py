"""Stacks that act: roles in spaces for their runs, and the token through which a run has them.

As Spacelift has it: whoever gives a stack a role needs ``stack:manage`` where the stack lives and the right to give
roles where the role holds; the root space is for stacks that live in root. A stack can act in a sibling's space.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import ApiToken, Workload
from portal.accounts.subjects import Subject, system
from portal.audit import services as audit
from portal.lib.errors import Forbidden, NotFound
from portal.spaces import access
from portal.spaces.bindings import bind_role
from portal.spaces.models import Binding, Role, Space
from portal.spaces.tokens import issue_token
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission


def roles_of_stack(subject: Subject, stack: Stack) -> QuerySet[Binding]:
    """The live roles of a stack, in the spaces that the subject may see."""
    found = Binding.objects.live().filter(workload__isnull=False, workload=stack.workload)
    return access.visible_to(subject, found.select_related("role", "space", "workload", "created_by")).order_by("pk")


@transaction.atomic
def give_role(
    *, subject: Subject, stack: Stack, role: Role, space: Space, expires_at: datetime | None = None
) -> Binding:
    """Let runs of a stack have a role in a space. Raises ``Forbidden`` with what is missing."""
    access.check(subject, Permission.STACK_MANAGE, stack)
    # Fresh and locked: two who give at once must not make two workloads.
    fresh = Stack.objects.select_for_update(of=("self",)).select_related("workload").get(pk=stack.pk)
    if fresh.workload is None:
        fresh.workload = Workload.objects.create(kind=Workload.Kind.STACK, name=fresh.slug)
        fresh.save(update_fields=["workload"])
    binding = bind_role(subject=subject, space=space, role=role, workload=fresh.workload, expires_at=expires_at)
    stack.workload = fresh.workload
    return binding


def guard(subject: Subject, workload: Workload, space: Space) -> None:
    """Who may give, change and prolong roles of a stack; asked for every binding of one."""
    stack = Stack.objects.select_related("space").filter(workload=workload).first()
    if stack is None:
        raise NotFound("There is no such stack any more.")
    access.check(subject, Permission.STACK_MANAGE, stack)
    if space.is_root and not stack.space.is_root:
        raise Forbidden(f"Only a stack that lives in the root space can act there; “{stack.slug}” does not.")


def name_of_token(run_uid: object) -> str:
    """What the token of a run is called."""
    return f"run {run_uid}"


def token_for_run(stack: Stack, run_uid: object) -> str:
    """A fresh token with the stack's roles, in plain text; empty where it has none. The run's end takes it back."""
    workload = stack.workload
    if workload is None or not Binding.objects.live().filter(workload=workload).exists():
        return ""
    ends = timezone.now() + timedelta(seconds=settings.RUN_DEADLINE_SECONDS + 300)
    name = name_of_token(run_uid)
    _, plain = issue_token(subject=system(name), owner=workload, name=name, expires_at=ends)
    return plain


def take_back_tokens(stack_id: int, run_uid: object) -> None:
    """End the tokens of a run."""
    ApiToken.objects.filter(workload__stack=stack_id, name=name_of_token(run_uid)).delete()


def retire(subject: Subject, stack: Stack) -> None:
    """Take the roles and tokens of a stack that goes, each with its audit row."""
    if stack.workload is None:
        return
    for binding in Binding.objects.filter(workload=stack.workload).select_related("role", "space", "workload"):
        audit.record(
            subject=subject, action="binding.delete", obj=binding, role=binding.role.slug, bound=str(binding.bound)
        )
    stack.workload.delete()
