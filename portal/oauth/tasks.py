"""What happens to keys and tokens by the clock."""

from allauth.idp.oidc.models import Token
from celery import shared_task

from portal.oauth import keys


@shared_task(name="portal.oauth.tend", ignore_result=True)
def tend_task() -> None:
    """Renew the signing key in time; forget tokens that are over."""
    keys.tend()
    Token.objects.expired().delete()
