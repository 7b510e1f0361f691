"""What a caller hears who tried too often."""

from __future__ import annotations

from portal.lib.errors import PortalError


class TooManyRequests(PortalError):
    """A limit is reached; ``data["retry_after"]`` says after how many seconds to try again."""

    code = "too_many_requests"
    status = 429
    title = "Too many tries"
