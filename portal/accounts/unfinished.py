"""What somebody had sent when they were asked to confirm that it is them: kept in their session, sent again by them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from django.http import HttpRequest

KEY = "unfinished"
LONGEST = 32 * 1024
KEPT_SECONDS = 15 * 60
_SECRET = re.compile(r"pass|secret|token|credential|code|key", re.IGNORECASE)


@dataclass(frozen=True)
class Unfinished:
    """A form that was posted: where to, and its fields in their order."""

    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest) -> bool:
    """Keep the posted form; False where it can not be kept: it holds files, secrets or too much."""
    fields = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    # SECURITY: passwords and tokens are never written to a session, so such forms are filled in again.
    has_secret = any(_SECRET.search(name) and value for name, value in fields)
    path = request.get_full_path()
    size = sum(len(name) + len(value) for name, value in fields)
    if has_secret or size > LONGEST or request.FILES or path.startswith("//"):
        return False
    request.session[KEY] = {"path": path, "fields": fields, "at": time.time()}
    return True


def kept(request: HttpRequest) -> Unfinished | None:
    """The form that waits in this session, or None where there is none or it has waited too long."""
    found = request.session.get(KEY)
    if not found or time.time() - found["at"] > KEPT_SECONDS:
        return None
    return Unfinished(found["path"], [(name, value) for name, value in found["fields"]])


def forget(request: HttpRequest) -> None:
    """Nothing waits any more."""
    request.session.pop(KEY, None)
