"""``/scim/v2/``: the doors of SCIM. They speak its errors, and know tokens only: no browser's session gets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import Context, Error, PatchOp, ResourceType, ResponseParameters, Schema, SearchRequest
from scim2_models.exceptions import InvalidSyntaxException, NotFoundException, SCIMException

from portal.accounts.addresses import client_address
from portal.accounts.subjects import Subject
from portal.api.authentication import bearer_of, subject_from_token
from portal.lib.errors import PortalError
from portal.limits.counting import take
from portal.scim import discovery, groups, querying, users
from portal.scim.models import Record
from portal.scim.policies import check_provision
from portal.scim.shapes import KINDS, RESOURCES, location, of

TYPE = "application/scim+json"
LARGEST = 2 * 1024 * 1024
_RECORDS = {"Users": users.records, "Groups": groups.records}
_CREATE = {"Users": users.create_user, "Groups": groups.create_group}
_UPDATE = {"Users": users.update_user, "Groups": groups.update_group}
_DELETE = {"Users": users.delete_user, "Groups": groups.delete_group}


def respond(body: dict[str, Any] | None, status: int = 200, **headers: str) -> HttpResponse:
    """An answer of SCIM's media type."""
    content = b"" if body is None else json.dumps(body).encode()
    return HttpResponse(content, status=status, content_type=TYPE, headers=headers)


def failed(status: int, detail: str, scim_type: str | None = None) -> HttpResponse:
    """An error as RFC 7644, 3.12 has it."""
    body = Error(status=status, detail=detail, scim_type=scim_type).model_dump()
    headers = {"WWW-Authenticate": 'Bearer realm="callboard"'} if status == 401 else {}
    return respond(body, status, **headers)


def door(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of SCIM: asks for the token, gives the subject, turns every error into SCIM's."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                subject = _subject(request)
                if subject is None:
                    return failed(401, "Send an API token: Authorization: Bearer cbp_….")
                check_provision(subject)
                if request.method not in methods:
                    return failed(405, f"{request.method} is not possible here; {', '.join(methods)} are.")
                return view(request, subject, **parts)
            except SCIMException as error:
                return failed(error.status or 400, error.detail or str(error), error.scim_type)
            except ValidationError as error:
                first = Error.from_validation_error(error.errors()[0])
                return failed(int(first.status or 400), first.detail or "The body is not valid.", first.scim_type)
            except PortalError as error:
                return failed(error.status, error.detail)

        return guarded

    return wrap


def _subject(request: HttpRequest) -> Subject | None:
    address = client_address(request)
    plain = bearer_of(request)
    subject = subject_from_token(plain, address) if plain else None
    if plain and subject is None:
        take("token", address)
    return subject


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise SCIMTooLarge
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="The body is not JSON.") from error
    if not isinstance(found, dict):
        raise InvalidSyntaxException(detail="The body is not an object.")
    if "\\u0000" in json.dumps(found):
        raise InvalidSyntaxException(detail="A NUL character can not be stored.")
    return found


class SCIMTooLarge(PortalError):
    """The body is larger than anything that SCIM needs."""

    code, status, title = "too_large", 413, "Too large"

    def __init__(self) -> None:
        super().__init__(f"The body is larger than {LARGEST // 2**20} MiB.")


def _parameters(request: HttpRequest, model: Any) -> ResponseParameters[Any]:
    names = {"attributes", "excludedAttributes"}
    asked = {name: request.GET[name].split(",") for name in names & set(request.GET)}
    found: ResponseParameters[Any] = of(ResponseParameters, model).model_validate(asked)
    return found


def _shown(kind: str, record: Record, context: Context, request: HttpRequest, status: int = 200) -> HttpResponse:
    fresh = Record.objects.select_related("user", "group").get(pk=record.pk)
    body = RESOURCES[kind](fresh).model_dump(scim_ctx=context, response_parameters=_parameters(request, KINDS[kind]))
    return respond(body, status, ETag=fresh.etag, Location=location(kind, fresh.uid))


def _one(kind: str, subject: Subject, uid: str) -> Record:
    record = _RECORDS[kind](subject).filter(uid=uid).first()
    if record is None:
        raise NotFoundException(detail=f"There is no {kind[:-1].lower()} {uid}.")
    return record


@door("GET", "POST")
def many(request: HttpRequest, subject: Subject, kind: str) -> HttpResponse:
    """List resources, or make one."""
    model = KINDS[kind]
    if request.method == "GET":
        asked = {name: request.GET[name] for name in request.GET}
        for name in {"attributes", "excludedAttributes"} & set(asked):
            asked[name] = asked[name].split(",")  # type: ignore[assignment]
        return _list(request, subject, kind, asked)
    resource = model.model_validate(_body(request), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    record = _CREATE[kind](subject, resource)
    return _shown(kind, record, Context.RESOURCE_CREATION_RESPONSE, request, 201)


@door("POST")
def search(request: HttpRequest, subject: Subject, kind: str) -> HttpResponse:
    """The same list, asked for in the body (RFC 7644, 3.4.3)."""
    return _list(request, subject, kind, _body(request))


def _list(request: HttpRequest, subject: Subject, kind: str, asked: dict[str, Any]) -> HttpResponse:
    model = KINDS[kind]
    wanted = of(SearchRequest, model).model_validate(asked, scim_ctx=Context.SEARCH_REQUEST)
    found = querying.listed(kind, _RECORDS[kind](subject), wanted)
    shown = {name: asked[name] for name in ("attributes", "excludedAttributes") if name in asked}
    parameters = of(ResponseParameters, model).model_validate(shown)
    return respond(found.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters))


@door("GET", "PUT", "PATCH", "DELETE")
def one(request: HttpRequest, subject: Subject, kind: str, uid: str) -> HttpResponse:
    """Read, replace, change or delete a resource; ``If-Match`` and ``If-None-Match`` are honoured."""
    record = _one(kind, subject, uid)
    if request.method == "GET":
        if request.headers.get("If-None-Match") == record.etag:
            return respond(None, 304, ETag=record.etag)
        return _shown(kind, record, Context.RESOURCE_QUERY_RESPONSE, request)
    wanted = request.headers.get("If-Match")
    if wanted and wanted not in ("*", record.etag):
        return failed(412, f"The resource has changed: it is {record.etag} now. Read it again.")
    if request.method == "DELETE":
        _DELETE[kind](subject, record)
        return respond(None, 204)
    model, before = KINDS[kind], RESOURCES[kind](record)
    if request.method == "PUT":
        resource = model.model_validate(_body(request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
        resource.replace(before)
        context = Context.RESOURCE_REPLACEMENT_RESPONSE
        is_changed = True
    else:
        patch = of(PatchOp, model).model_validate(_body(request), scim_ctx=Context.RESOURCE_PATCH_REQUEST)
        resource, context = before, Context.RESOURCE_PATCH_RESPONSE
        is_changed = patch.patch(resource)
    if is_changed:
        record = _UPDATE[kind](subject, record, resource)
    return _shown(kind, record, context, request)


@door("GET")
def service_config(request: HttpRequest, subject: Subject) -> HttpResponse:
    """What is served."""
    return respond(discovery.config().model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@door("GET")
def described(request: HttpRequest, subject: Subject, what: str, name: str = "") -> HttpResponse:
    """Resource types or schemas, all or one."""
    if "filter" in request.GET:
        return failed(403, "Descriptions are not filtered (RFC 7644, 4).")
    rows: list[Any] = discovery.resource_types() if what == "ResourceTypes" else discovery.schemas()
    if not name:
        model: Any = ResourceType if what == "ResourceTypes" else Schema
        found = querying.answer(model, rows, len(rows))
        return respond(found.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    for row in rows:
        if name in (str(row.id), str(row.name)):
            return respond(row.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    raise NotFoundException(detail=f"There is no {name}.")


@door("GET", "POST", "PUT", "PATCH", "DELETE")
def missing(request: HttpRequest, subject: Subject, rest: str = "") -> HttpResponse:
    """What is not served: bulk operations, ``/Me`` and whatever does not exist."""
    if rest.strip("/") in ("Me", "Bulk", ".search"):
        return failed(501, f"/{rest.strip('/')} is not served; see /ServiceProviderConfig.")
    return failed(404, f"There is nothing at /scim/v2/{rest}.")
