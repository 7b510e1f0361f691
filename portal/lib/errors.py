"""Errors that a person can act on: a stable code, an HTTP status, and words that say what, where and what to do."""

from __future__ import annotations

from typing import Any, ClassVar


class PortalError(Exception):
    """Base of every error that the portal shows to people.

    ``detail`` is one or two sentences for the person; ``data`` are JSON-compatible facts for programs.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str = "", **data: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.data = data


class Invalid(PortalError):
    """The input breaks a rule; ``data["errors"]`` may list ``{"field", "message"}`` rows."""

    code = "invalid"
    status = 400
    title = "The input is not valid"


class Unauthenticated(PortalError):
    """Nobody is signed in, or the credentials are wrong or expired."""

    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class Forbidden(PortalError):
    """The subject sees the object but may not do this to it."""

    code = "forbidden"
    status = 403
    title = "You may not do this"


class NotFound(PortalError):
    """The object does not exist, or the subject may not know that it does."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(PortalError):
    """The object is in a state in which this cannot be done now."""

    code = "conflict"
    status = 409
    title = "This conflicts with the present state"


class TooLarge(PortalError):
    """The input exceeds a stated limit."""

    code = "too_large"
    status = 413
    title = "The input is too large"


class Unavailable(PortalError):
    """Something that this needs does not answer or is not installed."""

    code = "unavailable"
    status = 503
    title = "A part that this needs is not available"
