"""What our rules add to allauth's account adapter: limits, addresses, mails, and how people confirm that it is them."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.addresses import client_address
from portal.accounts.stepping_up import is_fresh
from portal.limits.counting import give_back, take

DIRECTORY = "ldap"
PROXY = "proxy"
_NO_PROVIDERS = (DIRECTORY, PROXY)


class LocalSignIn(DefaultAccountAdapter):  # type: ignore[misc]
    """The part of the account adapter that is about passwords, factors and freshness."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere else; what can not be told is nowhere."""
        return client_address(request) or "0.0.0.0"  # noqa: S104 (an address that is none, nothing listens on it)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try, before any password is looked at, for the address and for the account."""
        take("sign_in_address", client_address(request))
        take("sign_in_account", _account_of(credentials))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person with these credentials, or None; good ones do not count."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            give_back("sign_in_address", client_address(request))
            give_back("sign_in_account", _account_of(credentials))
        return user

    def is_reauthentication_required(self, *, app: str, **facts: Any) -> bool:
        """allauth's own pages ask for the same freshness as ours."""
        return not is_fresh(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """allauth's ways, the password of the directory, and the provider for those who come from one."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not user.is_authenticated:
            return methods
        providers = set(user.socialaccount_set.values_list("provider", flat=True))
        known = {method["id"] for method in methods}
        if DIRECTORY in providers and "reauthenticate" not in known:
            url = reverse("account_reauthenticate")
            methods.insert(0, {"id": "reauthenticate", "description": "Use your password", "url": url})
        if providers.difference(_NO_PROVIDERS):
            url = reverse("account_reauthenticate_elsewhere")
            methods.append({"id": "elsewhere", "description": "Sign in once more where you sign in", "url": url})
        return methods

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Is it the person's password: the one here, or the one of the directory that they come from?"""
        link = user.socialaccount_set.filter(provider=DIRECTORY).first()
        if link is None:
            return bool(super().reauthenticate(user, password))
        found = self.authenticate(context.request, username=link.extra_data["username"], password=password)
        return found is not None and found.pk == user.pk

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the mail, at the address that operators state."""
        # SECURITY: never from the request's Host header, which whoever asks for the mail can choose.
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL + path.replace("UID-KEY", key)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The link of the mail, at the address that operators state."""
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it where mail is configured; else nobody was promised one."""
        if settings.MAIL_IS_CONFIGURED:
            super().send_mail(template_prefix, email, context | {"base_url": settings.BASE_URL})


def _account_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()
