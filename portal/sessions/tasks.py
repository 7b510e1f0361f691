"""What happens to sessions by the clock."""

from celery import shared_task

from portal.sessions.store import SessionStore


@shared_task(name="portal.sessions.clear_expired", ignore_result=True)
def clear_expired() -> None:
    """Forget sessions that have ended."""
    SessionStore.clear_expired()
