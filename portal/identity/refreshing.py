"""Asking a provider again about somebody who is signed in: is the account still good, which groups now?"""

from __future__ import annotations

from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.utils import timezone

from portal.accounts.subjects import person
from portal.audit import services as audit
from portal.identity import groups
from portal.identity.claims import values_at
from portal.identity.configured import OIDC_WAY, way_of
from portal.identity.gates import SignIn, ask_gates
from portal.identity.github import client as github
from portal.identity.models import IdentityProvider, ProviderSession
from portal.identity.oidc import client as oidc
from portal.lib.errors import PortalError


class NoLonger(Exception):
    """The session must end: the provider refuses its token, a gate refuses, or the account was disconnected."""


def look_again(row: ProviderSession, provider: IdentityProvider, *, address: str | None) -> None:
    """Renew what is known and let groups follow. Raises ``NoLonger``; other errors mean: later."""
    account = SocialAccount.objects.filter(provider=provider.key, uid=row.account_uid, user=row.user).first()
    if account is None or not row.user.is_active:
        raise NoLonger("the account is no longer connected")
    claims = _oidc_claims(row, provider) if way_of(provider) == OIDC_WAY else _github_claims(row, provider, account)
    values = values_at(claims, provider.groups_claim)
    sign_in = SignIn(
        user=row.user, provider=provider.key, claims=claims, address=address,
        groups=None if values is None else groups.names_for(provider.key, values),
    )  # fmt: skip
    try:
        found = ask_gates(sign_in)
    except PortalError as error:
        raise NoLonger(error.detail) from error
    if found.groups is not None:
        joined, left = groups.follow(row.user, provider.key, found.groups, values or ())
        if joined or left:
            audit.record(
                subject=person(row.user, address=address), action="user.follow_groups", obj=row.user,
                via=provider.key, joined=joined, left=left,
            )  # fmt: skip
    row.looked_at = timezone.now()
    row.look_again_at = (
        row.looked_at + timedelta(minutes=provider.recheck_minutes) if provider.recheck_minutes else None
    )
    row.save(update_fields=["looked_at", "look_again_at", "refresh_token", "access_token", "id_token"])


def _oidc_claims(row: ProviderSession, provider: IdentityProvider) -> dict[str, object]:
    config = oidc.discover(provider)
    found = oidc.refresh(provider, config, row.refresh_token)
    if found is None:
        raise NoLonger("the provider refuses the refresh token")
    row.access_token = str(found.get("access_token") or "")
    # A provider that turns refresh tokens over takes the old one no more.
    row.refresh_token = str(found.get("refresh_token") or row.refresh_token)
    claims: dict[str, object] = {}
    if isinstance(found.get("id_token"), str):
        claims = oidc.verify(config, found["id_token"], provider.client_id)
        if claims["sub"] != row.account_uid:
            raise OAuth2Error("The provider renewed the tokens of somebody else.")
        row.id_token = found["id_token"]
    claims = oidc.with_graph_groups(provider, claims, row.access_token)
    return {**claims, **oidc.userinfo(config, row.access_token, row.account_uid)}


def _github_claims(row: ProviderSession, provider: IdentityProvider, account: SocialAccount) -> dict[str, object]:
    found = github.groups_now(provider, row.access_token)
    if found is None:
        raise NoLonger("GitHub no longer takes the token")
    return {**account.extra_data, "groups": found}
