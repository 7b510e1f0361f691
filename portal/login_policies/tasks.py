"""What happens to login policies by the clock."""

from celery import shared_task

from portal.login_policies.keeping import remove_old_samples


@shared_task(name="portal.login_policies.remove_old_samples", ignore_result=True)
def remove_old_samples_task() -> None:
    """Samples live for some days only."""
    remove_old_samples()
