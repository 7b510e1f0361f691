"""Where SAML providers send people, answers and sign-outs."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.decorators import login_not_required
from allauth.core.internal import httpkit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.base.utils import respond_to_login_on_get
from allauth.socialaccount.sessions import LoginSession
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from onelogin.saml2.auth import OneLogin_Saml2_Auth  # type: ignore[import-untyped]
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError  # type: ignore[import-untyped]
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request as Wish  # type: ignore[import-untyped]
from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML  # type: ignore[import-untyped]

from portal.identity.replay import use_once
from portal.identity.saml.config import auth_for, config
from portal.identity.saml.provider import SamlProvider, UnusableSubject
from portal.identity.sessions import end_sessions

log = logging.getLogger(__name__)
LONGEST_ANSWER = 512 * 1024


class Refused(Exception):
    """The provider's answer is not taken; says why, for the log and the audit trail."""


def provider_for(request: HttpRequest, key: str) -> SamlProvider:
    """The enabled SAML provider with this key, or 404."""
    try:
        app = get_adapter().get_app(request, provider=SamlProvider.id, client_id=key)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    return SamlProvider(request, app=app)


@never_cache
@login_not_required  # type: ignore[untyped-decorator]
def login(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Go to the provider."""
    provider = provider_for(request, organization_slug)
    response: HttpResponse | None = respond_to_login_on_get(request, provider)
    return response or provider.redirect_from_request(request)


@csrf_exempt
@login_not_required  # type: ignore[untyped-decorator]
@require_POST
def acs(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Take the provider's answer and look at it in a request of our own.

    The answer is posted by another site, so browsers send no session with it (SameSite); the redirect has one.
    """
    provider = provider_for(request, organization_slug)
    if len(request.POST.get("SAMLResponse", "")) > LONGEST_ANSWER:
        return _failed(request, provider, "The answer is too long.")
    response = HttpResponseRedirect(reverse("saml_finish_acs", kwargs={"organization_slug": organization_slug}))
    kept = LoginSession(request, "saml_acs_session", "saml-acs-session")
    kept.store.update({"request": httpkit.serialize_request(request)})
    kept.save(response)
    return response


@never_cache
@login_not_required  # type: ignore[untyped-decorator]
@require_safe
def finish_acs(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Check the answer and sign its subject in."""
    provider = provider_for(request, organization_slug)
    kept = LoginSession(request, "saml_acs_session", "saml-acs-session")
    stored = kept.store.get("request")
    kept.delete()
    if not stored:
        return _failed(request, provider, "No answer waits for this browser.")
    answered = httpkit.deserialize_request(stored, HttpRequest())
    try:
        social = _checked(request, answered, provider)
    except (Refused, UnusableSubject, PermissionDenied) as error:
        return _failed(request, provider, str(error) or "The answer fits no sign-in that this browser started.")
    response: HttpResponse = complete_social_login(request, social)
    return response


def _checked(request: HttpRequest, answered: HttpRequest, provider: SamlProvider) -> SocialLogin:
    """The sign-in that a good answer stands for; each check raises on its own."""
    path = reverse("saml_acs", kwargs={"organization_slug": provider.row.key})
    auth = auth_for(answered, provider.row, path)
    try:
        auth.process_response()
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, ValueError) as error:
        raise Refused(str(error)) from error
    except Exception as error:  # the library lets parser errors through as they are, of several libraries
        log.warning("a SAML answer could not be read", exc_info=error)
        raise Refused("The answer cannot be read.") from error
    if auth.get_errors() or not auth.is_authenticated():
        raise Refused(auth.get_last_error_reason() or "The provider did not sign anybody in.")
    asked = auth.get_last_response_in_response_to()
    # SECURITY: the answer's own word about whose request it answers is not signed; that of its assertion is.
    if _confirmed(auth) != ({asked} if asked else set()):
        raise Refused("The assertion was made for another request.")
    state = _state(request, answered, provider, asked)
    # SECURITY: after the state, so that nobody can use up an answer that is on its way to another browser.
    if not use_once(provider.row.key, auth.get_last_assertion_id(), auth.get_last_assertion_not_on_or_after()):
        raise Refused("The answer was used before.")
    social = provider.sociallogin_from_response(request, auth)
    social.state = state
    return social


def _confirmed(auth: OneLogin_Saml2_Auth) -> set[str]:
    """The requests that the signed assertion says it answers; empty for one that nobody asked for."""
    document = OneLogin_Saml2_XML.to_etree(auth.get_last_response_xml())
    found = OneLogin_Saml2_XML.query(document, "//saml:SubjectConfirmationData/@InResponseTo")
    return {str(value) for value in found}


def _state(request: HttpRequest, answered: HttpRequest, provider: SamlProvider, asked: str | None) -> dict[str, Any]:
    if asked:
        state: dict[str, Any] = provider.unstash_redirect_state(request, asked)
        return state
    if not provider.row.may_idp_initiate:
        raise Refused("Nobody asked for this answer, and the provider may not start sign-ins by itself.")
    state = {"process": AuthProcess.LOGIN}
    relay = answered.POST.get("RelayState", "")
    # SECURITY: only paths of our own; an address, even one that looks like ours, is no path.
    if relay.startswith("/") and url_has_allowed_host_and_scheme(relay, allowed_hosts=None):
        state["next"] = relay
    return state


def _failed(request: HttpRequest, provider: SamlProvider, why: str) -> HttpResponse:
    response: HttpResponse = render_authentication_error(
        request, provider, error=AuthError.UNKNOWN, exception=Refused(why)
    )
    return response


@never_cache
@csrf_exempt
@login_not_required  # type: ignore[untyped-decorator]
@require_safe
def sls(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Single logout: the provider's wish that somebody is signed out, or its answer to ours."""
    provider = provider_for(request, organization_slug)
    auth = auth_for(request, provider.row, request.path, signed_messages=True)
    try:
        target = auth.process_slo(keep_local_session=True)
    except (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, ValueError) as error:
        return _failed(request, provider, str(error))
    if auth.get_errors():
        return _failed(request, provider, auth.get_last_error_reason() or ", ".join(auth.get_errors()))
    if "SAMLRequest" in request.GET:
        _sign_out(request, provider, auth)
    return HttpResponseRedirect(target or reverse("account_login"))


def _sign_out(request: HttpRequest, provider: SamlProvider, auth: OneLogin_Saml2_Auth) -> None:
    text = auth.get_last_request_xml()
    name_id = Wish.get_nameid(text)
    for index in Wish.get_session_indexes(text) or [""]:
        end_sessions(provider.row.key, name_id=name_id, sid=index)
    if request.user.is_authenticated and request.session.get("identity_session"):
        get_account_adapter().logout(request)


@login_not_required  # type: ignore[untyped-decorator]
@require_safe
def metadata(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Who we are, for the provider's admin to read in."""
    provider = provider_for(request, organization_slug)
    found = OneLogin_Saml2_Settings(config(provider.row), sp_validation_only=True).get_sp_metadata()
    return HttpResponse(found, content_type="application/samlmetadata+xml")
