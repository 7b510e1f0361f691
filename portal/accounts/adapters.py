"""How people sign in and how people from outside become users here. The one place that knows allauth's hooks."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from portal.accounts.middleware import client_address, subject_of
from portal.accounts.models import User
from portal.accounts.subjects import Subject, person
from portal.audit import services as audit

SSO_PREFIX = "sso:"
_UNFIT = re.compile(r"[^\w.@+-]+")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts are made by admins, not by visitors. Signing in, failing to and signing out leave audit rows."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """Somebody is in: let groups follow the provider's claim, then record it."""
        login = (facts.get("signal_kwargs") or {}).get("sociallogin")
        with transaction.atomic():
            if login is not None:
                sync_groups(user, claims_of(login))
            via = login.account.provider if login is not None else "password"
            audit.record(
                subject=person(user, address=client_address(request)), action="session.create", obj=user, via=via
            )
        response: HttpResponse = super().post_login(request, user, **facts)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that somebody did not get in."""
        # SECURITY: people type passwords into the wrong field, so only names that exist are kept.
        named = credentials.get("username") or credentials.get("email") or ""
        user = User.objects.filter(username__iexact=named).first() or User.objects.filter(email__iexact=named).first()
        known = user if named else None
        audit.record(
            subject=Subject(address=client_address(request)),
            action="session.refuse",
            obj=known,
            is_known=known is not None,
        )

    def logout(self, request: HttpRequest) -> None:
        """Record who leaves, then end the session."""
        subject = subject_of(request)
        if subject.user is not None:
            audit.record(subject=subject, action="session.delete", obj=subject.user)
        super().logout(request)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts are made at the first single sign-on, and never take over an account that is there already."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """The identity provider decides who gets in."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Name and e-mail from the provider's claims."""
        user: User = super().populate_user(request, sociallogin, data)
        claims = claims_of(sociallogin)
        user.username = fitting_username(
            str(claims.get("preferred_username") or user.username or claims.get("sub") or "")
        )
        user.display_name = str(claims.get("name") or "")[:200]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A newcomer whose address belongs to somebody here already comes in without the address, as somebody new.

        allauth would stop them at a form. Joining both accounts is for the person themselves, signed in to the old one.
        """
        if sociallogin.is_existing or not sociallogin.email_addresses:
            return
        if has_owner(sociallogin.email_addresses[0].email):
            sociallogin.email_addresses = []
            sociallogin.user.email = ""
            messages.warning(
                request,
                "An account with your e-mail address exists already, so this is a new one without the address. If the"
                " old one is yours, sign in to it and connect single sign-on there, or ask an admin.",
            )

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Save a newcomer under a name that nobody has."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.username'))")
            wanted = str(claims_of(sociallogin).get("preferred_username") or sociallogin.user.username or "")
            sociallogin.user.username = free_username(wanted)
            user: User = super().save_user(request, sociallogin, form)
            audit.record(
                subject=person(user, address=client_address(request)), action="user.create", obj=user,
                via=sociallogin.account.provider,
            )  # fmt: skip
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **facts: Any) -> None:
        """Record a sign-in that the provider, or our check of its answer, refused."""
        audit.record(
            subject=Subject(address=client_address(request)), action="session.refuse",
            via=getattr(provider, "id", ""), error=str(facts.get("error") or "unknown"),
        )  # fmt: skip


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """The claims of the ID token and the userinfo answer in one dictionary."""
    extra = sociallogin.account.extra_data or {}
    if "userinfo" in extra or "id_token" in extra:
        return {**(extra.get("id_token") or {}), **(extra.get("userinfo") or {})}
    return dict(extra)


def has_owner(email: str) -> bool:
    """Somebody here has this address, confirmed or not, whatever the case of its letters."""
    confirmed = EmailAddress.objects.filter(email__iexact=email)
    return confirmed.exists() or User.objects.filter(email__iexact=email).exists()


def fitting_username(wanted: str) -> str:
    """``wanted`` with what a username may not hold replaced by hyphens."""
    return _UNFIT.sub("-", wanted).strip("-.")[:140] or "person"


def free_username(wanted: str) -> str:
    """``wanted``, or ``wanted-2``, ``wanted-3`` … where somebody has it, whatever the case of its letters."""
    base = fitting_username(wanted)
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=base).values_list("username", flat=True)
    }
    if base.lower() not in taken:
        return base
    number = 2
    while f"{base}-{number}".lower() in taken:
        number += 1
    return f"{base}-{number}"


def sync_groups(user: User, claims: dict[str, Any]) -> None:
    """Make the user's membership of provider groups equal the claim; hand-made groups stay as they are.

    Groups that a provider named once are remembered by the prefix ``sso:`` of their name. Without the claim nothing
    changes; an empty claim takes all of them away.
    """
    named = claims.get(settings.OIDC_GROUPS_CLAIM)
    if not isinstance(named, str | list | tuple):
        return
    names = [named] if isinstance(named, str) else [name for name in named if isinstance(name, str) and name]
    wanted = [Group.objects.get_or_create(name=f"{SSO_PREFIX}{name}"[:150])[0] for name in dict.fromkeys(names)]
    stale = user.groups.filter(name__startswith=SSO_PREFIX).exclude(pk__in=[group.pk for group in wanted])
    user.groups.remove(*stale)
    user.groups.add(*wanted)
