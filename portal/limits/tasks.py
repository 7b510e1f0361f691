"""What happens to counters by the clock."""

from celery import shared_task

from portal.limits.counting import clear_old


@shared_task(name="portal.limits.clear_old", ignore_result=True)
def clear_old_counters() -> None:
    """Counters that count nothing any more only take room."""
    clear_old()
