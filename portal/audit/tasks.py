"""What happens to the trail by the clock."""

from celery import shared_task

from portal.audit import chain, retention
from portal.audit.streaming import delivery


@shared_task(name="portal.audit.seal", ignore_result=True)
def seal() -> None:
    """Number what was written, then send it on; each destination is a task of its own."""
    chain.seal_all()
    for pk in delivery.due():
        deliver.apply_async((pk,), expires=60)


@shared_task(name="portal.audit.deliver", ignore_result=True)
def deliver(pk: int) -> None:
    """Bring one destination up to date."""
    delivery.deliver(pk)


@shared_task(name="portal.audit.prune", ignore_result=True)
def prune() -> None:
    """Keep to AUDIT_RETENTION_DAYS."""
    before = retention.limit_of_retention()
    if before is not None:
        retention.prune(before)
