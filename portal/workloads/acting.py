"""The roles of a trust's jobs. Whoever gives one needs the right to give roles where it holds and where the trust
lives; whoever changes whom the trust believes gives all of its roles anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import Workload
from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, NotFound
from portal.spaces import access
from portal.spaces.bindings import bind_role, check_may_give
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import Permission
from portal.workloads.models import Trust


def roles_of_trust(subject: Subject, trust: Trust) -> QuerySet[Binding]:
    """The live roles of a trust's jobs, in the spaces that the subject may see."""
    rows = Binding.objects.live().filter(workload=trust.workload)
    return access.visible_to(subject, rows.select_related("role", "space", "workload", "created_by")).order_by("pk")


@transaction.atomic
def give_role(
    *, subject: Subject, trust: Trust, role: Role, space: Space, expires_at: datetime | None = None
) -> Binding:
    """Let jobs of a trust have a role in a space. Raises ``Forbidden`` with what is missing."""
    return bind_role(subject=subject, space=space, role=role, workload=trust.workload, expires_at=expires_at)


def guard(subject: Subject, workload: Workload, space: Space) -> None:
    """Who may give, change and prolong roles of CI jobs; asked for every binding of one."""
    trust = Trust.objects.filter(workload=workload).first()
    if trust is None:
        raise NotFound("There is no such workload trust any more.")
    access.check(subject, Permission.BINDING_MANAGE, trust)


def check_may_give_all(subject: Subject, trust: Trust) -> None:
    """Raise ``Forbidden`` where the trust has a role that the subject may not give.

    SECURITY: else an admin of the space where the trust lives would have it believe jobs of their own, and so get
    roles that were given to it elsewhere.
    """
    for binding in Binding.objects.filter(workload=trust.workload).select_related("role", "space"):
        try:
            check_may_give(subject, binding.role, binding.space)
        except (NotFound, Forbidden) as error:
            raise Forbidden(
                "These jobs have a role that you may not give, so you can not change whom the trust believes or "
                "switch it on. Ask whoever gave the role, or make a trust of your own."
            ) from error
