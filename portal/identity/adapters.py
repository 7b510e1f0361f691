"""allauth's hooks: every way of signing in passes here, and people from outside become users here."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts import unfinished
from portal.accounts.local_sign_in import LocalSignIn
from portal.accounts.middleware import client_address, subject_of
from portal.accounts.models import User
from portal.accounts.subjects import Subject, person
from portal.audit import services as audit
from portal.identity import guard
from portal.identity.claims import claims_of
from portal.identity.configured import app_of, enabled_providers, provider_with
from portal.identity.joining import MayNotJoin, check_join
from portal.identity.leaving import sign_out_url
from portal.identity.profiles import display_name_of, fitting_username, free_username, has_owner
from portal.identity.sessions import of_request
from portal.identity.signing_in import admit
from portal.lib.errors import PortalError
from portal.sessions.store import SIGNED_IN_AT

_CONFIRMS = "_identity_confirms"
_KEPT = (unfinished.KEY, SIGNED_IN_AT)


class AccountAdapter(LocalSignIn):
    """Local accounts are made by admins, not by visitors. Signing in, failing to and signing out leave audit rows."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """An identity is proven: ask the gates, let groups and fields follow. Returns a page where it is refused."""
        response: HttpResponse | None = super().pre_login(request, user, **facts)
        if response is not None:
            return response
        login = (facts.get("signal_kwargs") or {}).get("sociallogin")
        try:
            admit(request, user, login, is_newcomer=bool(facts.get("signup")))
        except PortalError as error:
            answer = refused(request, error, user=user, via=_way_in(login))
            if facts.get("signup"):
                # Made a moment ago by this very sign-in: whoever is not let in leaves no account behind.
                user.delete()
            return answer
        return None

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """Somebody is in: record it."""
        login = (facts.get("signal_kwargs") or {}).get("sociallogin")
        audit.record(
            subject=person(user, address=client_address(request)), action="session.create", obj=user,
            via=_way_in(login),
        )  # fmt: skip
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

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Out of the provider's session too, where it offers that; allauth asks before the session here has ended."""
        default: str = super().get_logout_redirect_url(request)
        return sign_out_url(request) or default

    def logout(self, request: HttpRequest) -> None:
        """Record who leaves, then end the session.

        allauth also ends it before the same person comes back from their provider to confirm that it is them: then
        what they had begun stays, and so does the time from which the session's longest life counts.
        """
        subject = subject_of(request)
        is_confirming = getattr(request, _CONFIRMS, False)
        kept = {name: request.session[name] for name in _KEPT if is_confirming and name in request.session}
        if subject.user is not None and not is_confirming:
            audit.record(subject=subject, action="session.delete", obj=subject.user)
        if (row := of_request(request)) is not None and row.user == subject.user:
            row.delete()
        super().logout(request)
        request.session.update(kept)


def _way_in(login: SocialLogin | None) -> str:
    return str(login.account.provider) if login is not None else "password"


def refused(request: HttpRequest, error: PortalError, *, user: User | None, via: str) -> HttpResponse:
    """The page of somebody who is who they say, and is not let in; an audit row stays."""
    audit.record(
        subject=Subject(address=client_address(request)), action="session.refuse", obj=user, via=via, error=error.detail
    )
    return render(request, "portal/identity/refused.html", {"error": error}, status=error.status)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts are made at the first sign-in from outside, and never take over an account that is there already."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "disconnect_last": "This is your last way in. Connect another provider or get a password first.",
        "no_password": "This is your last way in. Connect another provider or get a password first.",
    }

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Enabled providers as allauth wants them. Its own table is not read: it keeps secrets in clear."""
        apps = [app_of(row) for row in enabled_providers()]
        if provider:
            apps = [app for app in apps if provider in (app.provider, app.provider_id)]
        return [app for app in apps if not client_id or app.client_id == client_id]

    def list_providers(self, request: HttpRequest) -> list[Any]:
        """In the order in which the sign-in page shows them."""
        registry.load()
        return [registry.get_class(app.provider)(request, app=app) for app in self.list_apps(request)]

    def get_requests_session(self) -> Any:
        """allauth's own requests reach configured providers only."""
        return guard.session()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """The join rules decide; who is refused reads why."""
        provider = provider_with(sociallogin.account.provider, enabled_only=True)
        if provider is None:
            return False
        try:
            check_join(provider, sociallogin)
        except MayNotJoin as error:
            raise ImmediateHttpResponse(refused(request, error, user=None, via=provider.key)) from error
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Name and e-mail from the provider's claims."""
        user: User = super().populate_user(request, sociallogin, data)
        claims = claims_of(sociallogin)
        user.username = fitting_username(
            str(claims.get("preferred_username") or user.username or claims.get("sub") or "")
        )
        user.display_name = str(data.get("name") or display_name_of(sociallogin))[:200]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A newcomer whose address belongs to somebody here already comes in without the address, as somebody new.

        allauth would stop them at a form. Joining both accounts is for the person themselves, signed in to the old one.
        """
        # SECURITY: what follows may put the sign-in into the session, where tokens have no business.
        sociallogin.token = None
        # SECURITY: for the same person only; whoever comes instead of them gets nothing of theirs.
        setattr(request, _CONFIRMS, sociallogin.is_existing and sociallogin.user == request.user)
        is_connecting = sociallogin.state.get("process") == AuthProcess.CONNECT
        if sociallogin.is_existing or is_connecting or not sociallogin.email_addresses:
            return
        if any(has_owner(row.email) for row in sociallogin.email_addresses):
            sociallogin.user.email = ""
            messages.warning(
                request,
                "An account with your e-mail address exists already, so this is a new one without the address. If the"
                " old one is yours, sign in to it and connect single sign-on there, or ask an admin.",
            )

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Always; by now the join rules have seen the addresses, and those of others go."""
        mine = [row for row in sociallogin.email_addresses if not has_owner(row.email)]
        sociallogin.email_addresses = mine if len(mine) == len(sociallogin.email_addresses) else []
        if not sociallogin.email_addresses:
            sociallogin.user.email = ""
        return True

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

    def validate_disconnect(self, account: SocialAccount, accounts: Any) -> None:
        """Raise where nothing would be left to sign in with."""
        enabled = {row.key for row in enabled_providers()} | {"ldap", "proxy"}
        others = [row for row in accounts if row.pk != account.pk and row.provider in enabled]
        if not others and not account.user.has_usable_password():
            raise self.validation_error("disconnect_last")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **facts: Any) -> None:
        """Record a sign-in that the provider, or our check of its answer, refused."""
        app = getattr(provider, "app", None)
        audit.record(
            subject=Subject(address=client_address(request)), action="session.refuse",
            via=getattr(app, "provider_id", "") or getattr(provider, "id", ""),
            error=str(facts.get("exception") or facts.get("error") or "unknown"),
        )  # fmt: skip
