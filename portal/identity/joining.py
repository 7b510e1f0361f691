"""Who of a provider may become somebody new here."""

from __future__ import annotations

from fnmatch import fnmatchcase

from allauth.socialaccount.models import SocialLogin
from django.conf import settings

from portal.identity.claims import claims_of, values_at
from portal.identity.models import IdentityProvider, Join
from portal.lib.errors import Forbidden


class MayNotJoin(Forbidden):
    """The provider knows them, but the rules let nobody like them in."""

    code = "may_not_join"
    title = "You have no account here"


def check_join(provider: IdentityProvider, login: SocialLogin) -> None:
    """Raise ``MayNotJoin`` with the reason and whom to ask."""
    reason = _operators_reason(login) or _reason(provider, login)
    if reason:
        raise MayNotJoin(f"{reason} {whom_to_ask(provider)}")


def whom_to_ask(provider: IdentityProvider) -> str:
    """The last sentence of a refusal."""
    asked = provider.contact or settings.JOIN_CONTACT or "an admin of this portal"
    return f"To get an account, ask {asked}."


def verified_domains(login: SocialLogin) -> set[str]:
    """Domains of the addresses that the provider has verified.

    SECURITY: anybody can claim any address; only one that the provider has checked says where they belong.
    """
    return {row.email.rpartition("@")[2].lower() for row in login.email_addresses if row.verified}


def _operators_reason(login: SocialLogin) -> str:
    return _domain_reason(login, settings.JOIN_DOMAINS) if settings.JOIN_DOMAINS else ""


def _domain_reason(login: SocialLogin, domains: list[str]) -> str:
    allowed = {domain.lower().lstrip("@") for domain in domains}
    if verified_domains(login) & allowed:
        return ""
    if any(not row.verified for row in login.email_addresses):
        return "Your identity provider has not verified your e-mail address, so it does not count here."
    return f"Only people with a verified e-mail address of {', '.join(sorted(allowed)) or 'no domain'} may join."


def _reason(provider: IdentityProvider, login: SocialLogin) -> str:
    match provider.join:
        case Join.ANYBODY:
            return ""
        case Join.DOMAINS:
            return _domain_reason(login, provider.join_domains)
        case Join.GROUPS:
            values = values_at(claims_of(login), provider.groups_claim) or ()
            fits = any(fnmatchcase(value, pattern) for value in values for pattern in provider.join_groups)
            return "" if fits else f"You are in no group of {provider.name} whose members may join."
    return f"Nobody new may join through {provider.name}."
