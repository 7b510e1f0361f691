"""Reading people and groups out of a directory: allowed hosts only, over verified TLS, page by page."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from urllib3.util import Url

from catalog.providers.models import Provider
from catalog.providers.options import DirectoryOptions, Search, directory_server
from portal.accounts.ldap.connecting import DirectoryServer, connected
from portal.lib.errors import Forbidden, Invalid, TooLarge, Unavailable
from portal.lib.fetch import AllowList
from portal.lib.fetch.addresses import addresses_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3  # type: ignore[import-untyped]
    from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError  # type: ignore[import-untyped]

MOST_ENTRIES = 200_000
_PAGE = 500
_SECONDS = 20
_SUCCESS = 0
_SCOPES = {"sub": ldap3.SUBTREE, "one": ldap3.LEVEL, "base": ldap3.BASE}
Row = dict[str, Any]


class DirectoryRefused(Forbidden):
    """The directory does not let the portal in."""

    code = "directory_refused"
    title = "The directory refuses the portal's account"


class DirectoryUnreadable(Unavailable):
    """The directory cannot be read to its end."""

    code = "directory_unreadable"
    title = "The directory cannot be read"


def server_of(options: DirectoryOptions) -> DirectoryServer:
    """The server of a provider, if operators allow it.

    Raises ``HostNotAllowed`` and ``AddressNotAllowed``; the port has to stand in READING_ALLOW, as in ``host:636``.
    """
    scheme, host, port = directory_server(options.url)
    allow = AllowList(settings.READING_ALLOW, settings.READING_ALLOW_PRIVATE)
    url = Url(scheme="https", host=host, port=port, path="/")
    allow.check(url)
    # SECURITY: looked up once and judged, so that the name cannot lead elsewhere when the connection is made.
    found = addresses_of(host, port, _SECONDS, may_be_private=allow.may_be_private(url))
    # SECURITY: a password over a plain connection is everybody's password.
    if scheme == "ldap" and not options.is_starttls and options.bind_dn:
        raise Invalid("Without TLS the password would be sent in plain: use ldaps:// or StartTLS.")
    return DirectoryServer(
        options.url, options.is_starttls, ca_data=options.ca, addresses=tuple(found), timeout=_SECONDS
    )


def read_entries(provider: Provider, options: DirectoryOptions) -> tuple[list[Row], list[Row]]:
    """The entries of people and of groups.

    Raises ``DirectoryRefused`` and ``DirectoryUnreadable``; an answer that a limit of the server has cut is one, too,
    for nobody could tell what is gone from what was left out.
    """
    server = server_of(options)
    try:
        with connected(server, options.bind_dn, provider.secret if options.bind_dn else "") as connection:
            if connection is None:
                raise DirectoryRefused(f"The directory does not let {options.bind_dn or 'anybody'} in.")
            users = list(_entries(connection, options.users)) if options.users.dn else []
            groups = list(_entries(connection, options.groups)) if options.groups.dn else []
            return users, groups
    except LDAPInvalidFilterError as error:
        raise Invalid(f"A filter is not well-formed: {error}") from error
    except (LDAPException, OSError) as error:
        raise DirectoryUnreadable(f"{options.url} cannot be read: {str(error)[:300]}") from error


def _entries(connection: Any, search: Search) -> Iterator[Row]:
    count, cookie = 0, None
    while True:
        connection.search(
            search.dn, search.filter, search_scope=_SCOPES[search.scope], attributes=["*", "+"], paged_size=_PAGE,
            paged_cookie=cookie, dereference_aliases=ldap3.DEREF_NEVER, time_limit=_SECONDS,
        )  # fmt: skip
        result = connection.result
        if result["result"] != _SUCCESS:
            raise DirectoryUnreadable(f"The search below {search.dn} ended with “{result['description']}”.")
        for row in connection.response or []:
            # Referrals to other servers are not followed.
            if row.get("type") == "searchResEntry":
                count += 1
                if count > MOST_ENTRIES:
                    raise TooLarge(f"There are more than {MOST_ENTRIES} entries below {search.dn}.")
                yield row
        control = (result.get("controls") or {}).get("1.2.840.113556.1.4.319") or {}
        cookie = control.get("value", {}).get("cookie")
        if not cookie:
            return
