"""GitHub.com and GitHub Enterprise Server by allauth, each with a key and addresses of its own."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.github.provider import GitHubProvider as BaseProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from portal.identity.github.client import groups_of, web_and_api
from portal.identity.keyed import Keyed
from portal.identity.tokens import Carried, carry


class GitHubAdapter(GitHubOAuth2Adapter):  # type: ignore[misc]
    """One exchange with one GitHub."""

    def __init__(self, request: HttpRequest, provider_id: str) -> None:
        self.provider_id = provider_id
        super().__init__(request)
        web, self.api_url = web_and_api(self.get_provider().app.callboard)
        self.access_token_url = f"{web}/login/oauth/access_token"
        self.authorize_url = f"{web}/login/oauth/authorize"
        self.profile_url = f"{self.api_url}/user"
        self.emails_url = f"{self.api_url}/user/emails"

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Where GitHub sends people back."""
        url: str = build_absolute_uri(request, reverse("github_callback", kwargs={"provider_id": self.provider_id}))
        return url

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who it is, with organisations and teams as groups."""
        login: SocialLogin = super().complete_login(request, app, token, **kwargs)
        login.account.extra_data = {**login.account.extra_data, "groups": groups_of(self.api_url, token.token)}
        carry(request, Carried(access_token=token.token))
        return login


class GitHubProvider(Keyed, BaseProvider):  # type: ignore[misc]
    """GitHub under the name of a way, so that “github” is free as a key."""

    id = "oauth_github"
    package = "portal.identity.github"
    oauth2_adapter_class = GitHubAdapter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = self.app.name

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        """Where the way to this GitHub starts."""
        url = reverse("github_login", kwargs={"provider_id": self.app.provider_id})
        return f"{url}?{urlencode(kwargs)}" if kwargs else url

    def get_callback_url(self) -> str:
        """Where it ends."""
        return reverse("github_callback", kwargs={"provider_id": self.app.provider_id})

    def get_oauth2_adapter(self, request: HttpRequest) -> GitHubAdapter:
        """The exchange with this GitHub."""
        return GitHubAdapter(request, self.app.provider_id)

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """SECURITY: links to our sign-in page do not decide what the provider is asked, but to ask again."""
        params: dict[str, str] = self.get_auth_params()
        return params | ({"prompt": "login"} if request.GET.get("auth_params") == "prompt=login" else {})

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """What was configured, whatever the link says."""
        scope: list[str] = self.get_scope()
        return scope
