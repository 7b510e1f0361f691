"""Every error of ``/api/v1`` as problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.lib.errors import Invalid, PortalError

PROBLEM = "application/problem+json"


def problem(code: str, http_status: int, title: str, detail: str, **data: Any) -> dict[str, Any]:
    """The body of a problem answer; ``data`` are further members."""
    return {"type": f"urn:callboard:problem:{code}", "title": title, "status": http_status, "detail": detail} | data


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: portal errors and DRF's own in one shape; anything else is a bug and goes on."""
    if isinstance(error, PortalError):
        body = problem(error.code, error.status, error.title, error.detail, **error.data)
        wait = error.data.get("retry_after")
        headers = {"Retry-After": str(wait)} if wait else None
        return Response(body, status=error.status, content_type=PROBLEM, headers=headers)
    if isinstance(error, exceptions.ValidationError):
        return problem_json(Invalid("Some fields are not right.", errors=_field_errors(error.detail)), context)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    code, title = _named(error)
    detail = answer.data.get("detail", title) if isinstance(answer.data, dict) else title
    answer.data = problem(code, answer.status_code, title, str(detail))
    answer.content_type = PROBLEM
    return answer


def _named(error: Exception) -> tuple[str, str]:
    if isinstance(error, Http404 | exceptions.NotFound):
        return "not_found", "Not found"
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return "forbidden", "You may not do this"
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        return "unauthenticated", "Sign in first"
    if isinstance(error, exceptions.APIException):
        return str(error.default_code), str(error.default_detail)
    return "error", status.__name__


def _field_errors(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested validation errors as flat {field, message} rows."""
    if isinstance(detail, dict):
        rows: list[dict[str, str]] = []
        for name, inner in detail.items():
            rows += _field_errors(inner, f"{path}.{name}" if path else str(name))
        return rows
    if isinstance(detail, list):
        rows = []
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            rows += _field_errors(inner, f"{path}[{index}]") if nested else [{"field": path, "message": str(inner)}]
        return rows
    return [{"field": path, "message": str(detail)}]
