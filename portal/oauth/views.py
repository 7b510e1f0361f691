"""The provider's endpoints: allauth's, with what this portal asks for beside it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.decorators import login_not_required
from allauth.idp.oidc import views as allauth_views
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params
from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from portal.accounts.addresses import client_address
from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.accounts.stepping_up import is_fresh, require_fresh, way_to_confirm
from portal.accounts.subjects import Subject, person
from portal.audit import services as audit
from portal.limits.counting import take
from portal.limits.errors import TooManyRequests
from portal.oauth import once
from portal.oauth.granting import give, grant_of, tokens_of
from portal.oauth.scopes import API, SCOPES
from portal.oauth.server import TokenServer
from portal.ui.middleware import POLICY

_FORMS = "form-action 'self'"
_PROOFS = ("code", "device_code", "refresh_token")


class _Refused(Exception):
    """Roll the tokens back: what they were asked for with had been used."""


def _origin(address: str) -> str:
    """What a content security policy calls the place of ``address``: its origin, or its scheme where it has no host."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _back(info: dict[str, Any], error: str, words: str) -> HttpResponse:
    """To the tool, with an error. Only for requests whose redirect address was found to be the tool's."""
    values = {"error": error, "error_description": words}
    if info.get("state"):
        values["state"] = info["state"]
    address = info["redirect_uri"]
    answer = HttpResponse(status=302)
    answer["Location"] = f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
    return answer


@method_decorator(never_cache, name="dispatch")
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(login_not_required, name="dispatch")
class Authorization(allauth_views.AuthorizationView):  # type: ignore[misc]
    """Asks a person whether a tool may act for them. POST checks CSRF where it is the person's answer."""

    template_name = "portal/oauth/authorize.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question, or the way back with what is wrong with it."""
        answer: HttpResponse = super().get(request, *args, **kwargs)
        info = getattr(self, "_request_info", None)
        # Somebody who has to sign in first, or a request that is wrong in itself.
        if info is None or "redirect_uri" not in info:
            return answer
        if info.get("response_type") != "code":
            return _back(info, "unsupported_response_type", "Only the code flow is supported.")
        if not info.get("code_challenge") or info.get("code_challenge_method") != "S256":
            return _back(info, "invalid_request", "A proof key is needed: code_challenge with S256 (RFC 7636).")
        if "none" in request.GET.get("prompt", "").split() and not self._was_granted(request, info["client_id"]):
            return _back(info, "consent_required", "The person has not let this client do that.")
        if API in self._scopes and not is_fresh(request):
            return way_to_confirm(request)
        # Browsers hold the policy's form-action against redirects, too, and the answer to this form is one.
        answer["Content-Security-Policy"] = POLICY.replace(_FORMS, f"{_FORMS} {_origin(info['redirect_uri'])}")
        return answer

    def _was_granted(self, request: HttpRequest, client_id: str) -> bool:
        # SECURITY: allauth asks what the person granted to any client; this asks for the one that wants it.
        grant = grant_of(request.user, client_id) if isinstance(request.user, User) else None
        return grant is not None and set(self._scopes) <= set(grant.scopes)

    def form_valid(self, form: Any) -> HttpResponse:
        """The person agreed: keep that, then hand out the code."""
        if API in form.cleaned_data["scopes"]:
            require_fresh(self.request)
        with transaction.atomic():
            client = Client.objects.get(pk=self._request_info["client_id"])
            give(subject=subject_of(self.request), client=client, scopes=form.cleaned_data["scopes"])
            answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page shows."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {"asked": scope_lines(self._scopes), "crumbs": [("Let a tool act for you", "")]}


def scope_lines(scopes: list[str]) -> list[dict[str, str]]:
    """Scopes with their words, in the order in which they are explained."""
    return [{"scope": name, "words": words} for name, words in SCOPES.items() if name in scopes]


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(login_not_required, name="dispatch")
class Tokens(allauth_views.TokenView):  # type: ignore[misc]
    """Codes and refresh tokens become tokens, once each; failures count against the caller's address."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """The token answer of RFC 6749 section 5."""
        address = client_address(request)
        proof = next((request.POST[name] for name in _PROOFS if request.POST.get(name)), "")
        try:
            with transaction.atomic():
                answer: HttpResponse = super().post(request)
                if answer.status_code == 200:
                    self._settle(request, answer, proof)
        except _Refused:
            answer = _error("invalid_grant", "This was used before.")
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Pragma", "no-cache")
        if answer.status_code != 200 and proof:
            self._end_stolen(proof, address)
        if answer.status_code in {400, 401} and _names(answer) not in {"authorization_pending", "slow_down"}:
            try:
                take("token", address)
            except TooManyRequests as error:
                answer = _error("slow_down", error.detail, status=429)
                answer["Retry-After"] = str(error.data.get("retry_after", 1))
        return answer

    def _settle(self, request: HttpRequest, answer: HttpResponse, proof: str) -> None:
        """Note that the proof is used up and who got what."""
        made = json.loads(answer.content)
        token = Token.objects.by_value(made["access_token"]).select_related("user", "client").get()
        if not once.use(proof, token.user_id, token.client_id):
            raise _Refused
        audit.record(
            subject=person(token.user, address=client_address(request)), action="oauth_token.create", obj=token.client,
            via=request.POST.get("grant_type", ""), scopes=token.get_scopes(),
        )  # fmt: skip

    def _end_stolen(self, proof: str, address: str | None) -> None:
        """What was used already came again, so somebody has it who should not: end all that came of it."""
        found = once.used_by(proof)
        if found is None:
            return
        user = User.objects.filter(pk=found[0]).first()
        if user is None:
            return
        with transaction.atomic():
            ended, _ = tokens_of(user, found[1]).delete()
            if ended:
                client = Client.objects.filter(pk=found[1]).first()
                audit.record(
                    subject=Subject(address=address), action="oauth_token.revoke", obj=client, number=ended,
                    why="a code or refresh token was used twice", bearer=user.username,
                )  # fmt: skip

    def _create_token_response(self, request: HttpRequest, *, user: Any = None, data: Any = None) -> HttpResponse:
        """allauth's, with our server."""
        server = TokenServer(pre_token=[lambda orequest: self._pre_token(orequest, user, data)])
        answer: HttpResponse = convert_response(*server.create_token_response(*extract_params(request)))
        if answer.status_code != 200:
            # Nothing of an answer that is none is kept.
            transaction.set_rollback(True)
        return answer


def _names(answer: HttpResponse) -> str:
    try:
        return str(json.loads(answer.content).get("error", ""))
    except ValueError:
        return ""


def _error(code: str, words: str, *, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": code, "error_description": words}, status=status)


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(login_not_required, name="dispatch")
class Revocation(allauth_views.RevokeView):  # type: ignore[misc]
    """A tool gives a token back (RFC 7009)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the token; unknown ones are fine, too."""
        token = Token.objects.by_value(request.POST.get("token", "")).select_related("user", "client").first()
        with transaction.atomic():
            answer: HttpResponse = super().post(request, *args, **kwargs)
            if token is not None and token.user is not None and not Token.objects.filter(pk=token.pk).exists():
                if token.type == Token.Type.REFRESH_TOKEN:
                    tokens_of(token.user, token.client_id).filter(created_at__gte=token.created_at).delete()
                audit.record(
                    subject=person(token.user, address=client_address(request)), action="oauth_token.revoke",
                    obj=token.client,
                )  # fmt: skip
        return answer


class SignOut(allauth_views.LogoutView):  # type: ignore[misc]
    """The person signs out of a tool, and here, if they like (RP-initiated logout)."""

    template_name = "portal/oauth/sign_out.html"
