"""What happens to bindings by the clock."""

from celery import shared_task

from portal.spaces.bindings import remove_expired


@shared_task(name="portal.spaces.remove_expired_bindings", ignore_result=True)
def remove_expired_bindings() -> None:
    """Take expired bindings away, each with its audit row."""
    remove_expired()
