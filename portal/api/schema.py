"""The OpenAPI document: the error answers that every operation can give."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_WORDS = {
    "400": "The input is not valid",
    "401": "Sign in first",
    "403": "You may not do this",
    "404": "Not found, or not visible",
    "409": "This conflicts with the present state",
}


class PortalSchema(AutoSchema):
    """Adds problem+json answers to each operation that does not describe them itself."""

    def get_summary(self) -> str | None:
        """The first line of the action's docstring, where nobody wrote a summary."""
        summary: str | None = super().get_summary()
        first = str(self.get_description() or "").strip().partition("\n")[0]
        return summary or first.replace("``", "").rstrip(".") or None

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code, words in _WORDS.items():
            bodies.setdefault(
                code, {"description": words, "content": {"application/problem+json": {"schema": _PROBLEM_SCHEMA}}}
            )
        return bodies


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes API tokens."""

    target_class = "portal.api.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """An HTTP bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cbp_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes the browser's session."""

    target_class = "portal.api.authentication.PortalSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The session cookie, with a CSRF header on writes."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
