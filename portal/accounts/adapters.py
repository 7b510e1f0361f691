"""How people from outside become users here. The one place that knows allauth's hooks."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest

from portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts are made by admins, not by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts are made at the first single sign-on; groups follow the provider's claim at every sign-in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """The identity provider decides who gets in."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Name and e-mail from the provider's claims."""
        user: User = super().populate_user(request, sociallogin, data)
        claims = claims_of(sociallogin)
        user.username = str(claims.get("preferred_username") or user.username or claims.get("sub", ""))[:150]
        user.display_name = str(claims.get("name") or "")[:200]
        return user


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """The claims of the ID token and the userinfo answer in one dictionary."""
    extra = sociallogin.account.extra_data or {}
    if "userinfo" in extra or "id_token" in extra:
        return {**(extra.get("id_token") or {}), **(extra.get("userinfo") or {})}
    return dict(extra)


def sync_groups(user: User, claims: dict[str, Any]) -> None:
    """Make the user's membership of provider groups equal the claim; hand-made groups stay as they are.

    Groups that a provider named once are remembered by the prefix ``sso:`` of their name.
    """
    named = claims.get(settings.OIDC_GROUPS_CLAIM)
    if named is None:
        return
    names = [named] if isinstance(named, str) else [name for name in named if isinstance(name, str)]
    wanted = [Group.objects.get_or_create(name=f"sso:{name}"[:150])[0] for name in names]
    stale = user.groups.filter(name__startswith="sso:").exclude(pk__in=[group.pk for group in wanted])
    user.groups.remove(*stale)
    user.groups.add(*wanted)
