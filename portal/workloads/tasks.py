"""What happens to tokens of CI jobs by the clock."""

from celery import shared_task

from portal.workloads.cleaning import remove_old_tokens


@shared_task(name="portal.workloads.remove_old_tokens", ignore_result=True)
def remove_old_tokens_task() -> None:
    """Tokens that are over for a day only take room."""
    remove_old_tokens()
