"""Verbs on second factors."""

from __future__ import annotations

import logging

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.sessions.models import BrowserSession
from portal.spaces import people

log = logging.getLogger("portal.accounts")


@transaction.atomic
def reset_factors(*, subject: Subject, user: User) -> list[str]:
    """Take away all second factors of somebody, end their sessions and tell them; the kinds that were there.

    For people who lost them. Needs ``user:manage`` at root.
    """
    people.check_manage(subject)
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    Authenticator.objects.filter(user=user).delete()
    BrowserSession.objects.filter(user=user).delete()
    audit.record(subject=subject, action="user.reset_factors", obj=user, kinds=sorted(kinds))
    if kinds:
        transaction.on_commit(lambda: _tell(user))
    return kinds


def _tell(user: User) -> None:
    """By mail, where mail is configured and the person has an address."""
    if not settings.MAIL_IS_CONFIGURED or not user.email:
        return
    values = {"user": user, "base_url": settings.BASE_URL}
    subject = render_to_string("mfa/email/factors_reset_subject.txt", values).strip()
    try:
        send_mail(subject, render_to_string("mfa/email/factors_reset_message.txt", values), None, [user.email])
    except OSError:
        log.exception("the mail about reset second factors could not be sent")
