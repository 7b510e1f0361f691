"""``/api/v1/stacks/{slug}/state``: the HTTP state backend of OpenTofu and Terraform.

Runs sign in by HTTP basic authentication with a password of their own; people with an API token may read.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from portal.accounts.middleware import client_address
from portal.api.authentication import bearer_of, subject_from_token
from portal.api.errors import PROBLEM, problem
from portal.lib.errors import Invalid, PortalError, TooLarge, Unauthenticated
from portal.spaces import access
from scaffolder.stacks import state
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission
from scaffolder.stacks.state import StateHolder

METHODS = ("GET", "HEAD", "POST", "DELETE", "LOCK", "UNLOCK")
MOST_LOCK_BYTES = 64 * 1024


@csrf_exempt
def stack_state(request: HttpRequest, slug: str) -> HttpResponse:
    """One endpoint for all methods of the protocol."""
    if request.method not in METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(METHODS)})
    try:
        return _answer(request, slug)
    except state.StateLocked as error:
        return JsonResponse(error.data["lock"], status=423)
    except PortalError as error:
        answer = JsonResponse(
            problem(error.code, error.status, error.title, error.detail), status=error.status, content_type=PROBLEM
        )
        if isinstance(error, Unauthenticated):
            answer["WWW-Authenticate"] = 'Basic realm="callboard state"'
        return answer


def _answer(request: HttpRequest, slug: str) -> HttpResponse:
    username, password = _basic(request)
    holder = state.holder_of(slug, username, password) if username.startswith(state.USER_PREFIX) else None
    if holder is not None:
        return _ACTIONS[str(request.method)](request, holder)
    if request.method not in ("GET", "HEAD"):
        raise Unauthenticated("Only a run that is at work may change the state, with the password made for it.")
    return _read(_stack_for_token(request, slug, bearer_of(request) or password))


def _basic(request: HttpRequest) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return username, password


def _stack_for_token(request: HttpRequest, slug: str, token: str) -> Stack:
    """The stack that the owner of an API token may read the state of."""
    subject = subject_from_token(token, client_address(request)) if token else None
    if subject is None:
        raise Unauthenticated("Sign in with the password of a run, or with an API token.")
    return access.get_for(subject, Stack.objects.all(), Permission.STACK_STATE_READ, slug=slug)


def _read(stack: Stack) -> HttpResponse:
    version = state.current_version(stack)
    if version is None:
        return HttpResponse(status=204)
    data = state.content_of(version)
    digest = base64.b64encode(bytes.fromhex(version.md5)).decode()
    return HttpResponse(
        data, content_type="application/json", headers={"Content-MD5": digest, "Cache-Control": "no-store"}
    )


def _get(request: HttpRequest, holder: StateHolder) -> HttpResponse:
    return _read(holder.stack)


def _post(request: HttpRequest, holder: StateHolder) -> HttpResponse:
    data = _body(request, state.MOST_STATE_BYTES)
    state.store_state(holder, data, lock_id=request.GET.get("ID", ""), md5=request.headers.get("Content-MD5", ""))
    return HttpResponse(status=200)


def _delete(request: HttpRequest, holder: StateHolder) -> HttpResponse:
    state.delete_state(holder, lock_id=request.GET.get("ID", ""))
    return HttpResponse(status=200)


def _lock(request: HttpRequest, holder: StateHolder) -> HttpResponse:
    state.lock_state(holder, _lock_info(request))
    return HttpResponse(status=200)


def _unlock(request: HttpRequest, holder: StateHolder) -> HttpResponse:
    state.release_state(holder, _lock_info(request))
    return HttpResponse(status=200)


_ACTIONS: dict[str, Callable[[HttpRequest, StateHolder], HttpResponse]] = {
    "GET": _get,
    "HEAD": _get,
    "POST": _post,
    "DELETE": _delete,
    "LOCK": _lock,
    "UNLOCK": _unlock,
}


def _body(request: HttpRequest, most: int) -> bytes:
    """The body, read here because Django's own limit for forms is lower than that of states."""
    data = request.read(most + 1)
    if len(data) > most:
        raise TooLarge(f"The body is larger than {most} bytes.")
    return bytes(data)


def _lock_info(request: HttpRequest) -> dict[str, Any]:
    raw = _body(request, MOST_LOCK_BYTES)
    try:
        info = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid("The lock is no JSON document.") from error
    if not isinstance(info, dict):
        raise Invalid("The lock is no JSON object.")
    return info
