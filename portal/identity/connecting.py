"""Connecting providers to an account and taking them off: what allauth does by itself, recorded and cleaned up."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.http import HttpRequest

from portal.accounts.middleware import subject_of
from portal.audit import services as audit
from portal.identity.groups import leave_as
from portal.identity.models import ProviderSession


def forget_account(sender: Any, request: HttpRequest, socialaccount: SocialAccount, **facts: Any) -> None:
    """allauth's signal: somebody disconnected a provider, so what it gave them goes, and so do its sessions."""
    user = socialaccount.user
    leave_as(user, socialaccount.provider)
    ProviderSession.objects.filter(provider_key=socialaccount.provider, account_uid=socialaccount.uid).delete()
    audit.record(subject=subject_of(request), action="user.disconnect", obj=user, via=socialaccount.provider)


def remember_account(sender: Any, request: HttpRequest, sociallogin: SocialLogin, **facts: Any) -> None:
    """allauth's signal: somebody connected a provider to the account that they are signed in to."""
    audit.record(
        subject=subject_of(request), action="user.connect", obj=sociallogin.user, via=sociallogin.account.provider
    )
