"""The door for Git hosts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog.providers.webhooks.services import MOST_BYTES, hear
from portal.accounts.addresses import client_address
from portal.lib.errors import PortalError, TooLarge
from portal.ui.errors import api_error


@csrf_exempt
@require_POST
def git_webhook(request: HttpRequest, uid: UUID) -> HttpResponse:
    """``POST /webhooks/git/{uid}``: 202 for every delivery that is signed, whatever becomes of it."""
    try:
        body = _body(request)
        heard = hear(uid=uid, headers=request.headers, body=body, address=client_address(request))
    except PortalError as error:
        answer = api_error(error)
        if wait := error.data.get("retry_after"):
            answer["Retry-After"] = str(wait)
        return answer
    return JsonResponse({"result": heard.result, "locations": heard.locations}, status=202)


def _body(request: HttpRequest) -> bytes:
    body: bytes = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge(f"The delivery is larger than {MOST_BYTES // 1024 // 1024} MB.")
    return body
