"""Between a proven identity and its session: gates, groups, fields, and what the session will know of its provider."""

from __future__ import annotations

from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.http import HttpRequest

from portal.accounts.middleware import client_address
from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.audit import services as audit
from portal.identity import groups
from portal.identity.claims import claims_of, values_at
from portal.identity.configured import provider_with
from portal.identity.gates import Facts, SignIn, ask_gates, noted_facts
from portal.identity.models import IdentityProvider
from portal.identity.profiles import display_name_of, update_profile
from portal.identity.sessions import SESSION, begin
from portal.identity.tokens import carried_by
from portal.lib.errors import Forbidden


def admit(request: HttpRequest, user: User, login: SocialLogin | None, *, is_newcomer: bool) -> None:
    """Let somebody in, or raise what refuses them. Nothing of the account has changed when it raises."""
    # SECURITY: what an earlier sign-in in this browser left must not become this one's.
    request.session.pop(SESSION, None)
    provider = _provider_of(login)
    facts = noted_facts(request) if login is None or provider is None else _facts_of(login, provider)
    sign_in = ask_gates(
        SignIn(
            user=user, provider=facts.provider, claims=facts.claims, address=client_address(request),
            groups=None if facts.groups is None else groups.names_for(facts.provider, facts.groups),
            is_newcomer=is_newcomer,
        )
    )  # fmt: skip
    with transaction.atomic():
        if sign_in.groups is not None:
            _follow(request, sign_in, facts)
        if login is not None and provider is not None:
            update_profile(user, login, display_name_of(login))
            begin(request, user, provider, login.account.uid, carried_by(request))


def _provider_of(login: SocialLogin | None) -> IdentityProvider | None:
    if login is None:
        return None
    provider = provider_with(login.account.provider, enabled_only=True)
    if provider is None:
        raise Forbidden("This identity provider is not in use here any more.")
    return provider


def _facts_of(login: SocialLogin, provider: IdentityProvider) -> Facts:
    claims = claims_of(login)
    return Facts(provider.key, claims, values_at(claims, provider.groups_claim))


def _follow(request: HttpRequest, sign_in: SignIn, facts: Facts) -> None:
    joined, left = groups.follow(sign_in.user, sign_in.provider, sign_in.groups or (), facts.groups or ())
    if joined or left:
        audit.record(
            subject=person(sign_in.user, address=sign_in.address), action="user.follow_groups", obj=sign_in.user,
            via=sign_in.provider, joined=joined, left=left,
        )  # fmt: skip
