"""What can go wrong on the way to another host: which host, why, and what an operator can do about it."""

from __future__ import annotations

from portal.lib.errors import Forbidden, Invalid, NotFound, TooLarge, Unavailable


class BadUrl(Invalid):
    """The text is no URL that may be fetched."""

    code = "bad_url"
    title = "The address cannot be used"


class HostNotAllowed(Forbidden):
    """The host is not on the operators' list; ``data["host"]`` names it."""

    code = "host_not_allowed"
    title = "This host may not be read from"


class AddressNotAllowed(Forbidden):
    """The host's name leads to an address inside the operators' network."""

    code = "address_not_allowed"
    title = "This host may not be read from"


class SourceRefused(Forbidden):
    """The other side wants credentials, or better ones."""

    code = "source_refused"
    title = "The source refuses access"


class SourceGone(NotFound):
    """The other side says that there is nothing at this address."""

    code = "source_gone"
    title = "The source does not exist"


class SourceTooLarge(TooLarge):
    """The answer is larger than its limit."""

    code = "source_too_large"
    title = "The source is too large"


class SourceUnavailable(Unavailable):
    """The other side cannot be reached, or its answer makes no sense."""

    code = "source_unavailable"
    title = "The source cannot be read now"


class SourceTimeout(SourceUnavailable):
    """The other side takes longer than the deadline."""

    code = "source_timeout"
    title = "The source takes too long"
