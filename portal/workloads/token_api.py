"""``POST /api/v1/workload-tokens``: token exchange as in RFC 8693, for jobs that nobody gave a secret."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.accounts.middleware import client_address
from portal.limits.counting import take
from portal.limits.errors import TooManyRequests
from portal.workloads.errors import InvalidRequest, Refusal, UnsupportedGrant
from portal.workloads.exchange import exchange_token
from portal.workloads.serializers import ExchangedSerializer, ExchangeErrorSerializer, ExchangeSerializer

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPES = "urn:ietf:params:oauth:token-type:"
ACCESS_TOKEN = f"{_TYPES}access_token"
PRESENTED = {f"{_TYPES}jwt", f"{_TYPES}id_token"}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
# The characters that an error's description may have (RFC 6749, section 5.2).
_NOT_PLAIN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class WorkloadTokenViewSet(ViewSet):
    """The exchange. The presented token is all that it asks for, so nobody is signed in here."""

    # SECURITY: sessions and API tokens that come along mean nothing, so that no site can use a browser's.
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (FormParser, JSONParser)

    @extend_schema(
        operation_id="workload_tokens_exchange",
        request={_FORM: ExchangeSerializer, _JSON: ExchangeSerializer},
        responses={
            200: ExchangedSerializer, 400: ExchangeErrorSerializer, 415: ExchangeErrorSerializer,
            429: ExchangeErrorSerializer, 503: ExchangeErrorSerializer,
        },
        auth=[],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Exchange a token that a CI system signed for its job against a short-lived API token."""
        try:
            asked = _parameters(request.data)
            _check_kinds(asked)
            issued = exchange_token(
                text=asked["subject_token"], trust_uid=asked.get("trust", ""), address=client_address(request._request)
            )
        except (Refusal, exceptions.ParseError, exceptions.UnsupportedMediaType) as error:
            return self._refused(request, error)
        body = {
            "access_token": issued.plain, "issued_token_type": ACCESS_TOKEN, "token_type": "Bearer",
            "expires_in": issued.seconds, "scope": "",
        }  # fmt: skip
        return Response(body, headers=NO_STORE)

    def _refused(self, request: Request, error: Refusal | exceptions.APIException) -> Response:
        try:
            take("token", client_address(request._request))
        except TooManyRequests as many:
            return _answer("slow_down", many.detail, many.status, {"Retry-After": str(many.data["retry_after"])})
        if isinstance(error, Refusal):
            return _answer(error.code, error.detail, error.status)
        return _answer("invalid_request", str(error.detail), error.status_code)


def _answer(code: str, words: str, status: int, headers: dict[str, str] | None = None) -> Response:
    plain = _NOT_PLAIN.sub("?", words.translate(str.maketrans('“”"\\’', "'''/'")))
    return Response({"error": code, "error_description": plain}, status=status, headers=NO_STORE | (headers or {}))


def _parameters(data: Any) -> dict[str, str]:
    """The parameters by name, each given once."""
    if isinstance(data, QueryDict):
        # RFC 6749, section 3.2: none may be given twice, as nobody knows which one counts.
        if twice := [name for name, values in data.lists() if len(values) > 1]:
            raise InvalidRequest(f"The parameter “{twice[0][:60]}” is given more than once.")
        return {name: str(value) for name, value in data.items()}
    if not isinstance(data, dict):
        raise InvalidRequest("The body is neither a form nor a JSON object.")
    if wrong := [name for name, value in data.items() if not isinstance(value, str)]:
        raise InvalidRequest(f"The parameter “{wrong[0][:60]}” is no text.")
    return data


def _check_kinds(asked: dict[str, str]) -> None:
    if missing := [name for name in ("grant_type", "subject_token", "subject_token_type") if not asked.get(name)]:
        raise InvalidRequest(f"The parameter “{missing[0]}” is missing.")
    if asked["grant_type"] != GRANT:
        raise UnsupportedGrant(f"The grant_type must be {GRANT}.")
    if asked["subject_token_type"] not in PRESENTED:
        raise InvalidRequest(f"The subject_token_type must be {' or '.join(sorted(PRESENTED))}.")
    if asked.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequest(f"The requested_token_type can be {ACCESS_TOKEN} only.")
    if asked.get("actor_token"):
        raise InvalidRequest("Tokens of actors (actor_token) are not taken: jobs act for themselves.")
