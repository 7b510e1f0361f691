"""Talk to a directory: prove a password, read who it belongs to and which groups they are in."""

from __future__ import annotations

import logging
import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from portal.accounts.ldap.connecting import DirectoryServer, connected, first_text, texts
from portal.accounts.ldap.options import Options
from portal.lib.errors import Unavailable

with warnings.catch_warnings():
    # ldap3 asks pyasn1 for names that pyasn1 has renamed; nobody here can act on that.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3  # type: ignore[import-untyped]
    from ldap3.core.exceptions import LDAPException  # type: ignore[import-untyped]
    from ldap3.utils.conv import escape_filter_chars  # type: ignore[import-untyped]
    from ldap3.utils.dn import escape_rdn, parse_dn  # type: ignore[import-untyped]

log = logging.getLogger("portal.accounts.ldap")
MOST_GROUPS = 1000


class DirectoryUnavailable(Unavailable):
    """No server of the directory answered."""

    code = "directory_unavailable"
    title = "The directory does not answer"


@dataclass(frozen=True)
class Entry:
    """One person of the directory."""

    dn: str
    uid: str
    username: str
    name: str = ""
    email: str = ""
    groups: tuple[str, ...] = field(default=())


class Directory:
    """One directory behind its servers."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def prove(self, login: str, password: str) -> Entry | None:
        """Whose login and password these are; None where they are nobody's.

        Raises ``DirectoryUnavailable`` where no server answers or they refuse the portal itself.
        """
        # SECURITY: a simple bind without password is “unauthenticated” (RFC 4513, 5.1.2) and succeeds for anybody.
        if not login or not password or "\x00" in login + password:
            return None
        for url in self.options.urls:
            try:
                return self._prove_at(url, login, password)
            except (LDAPException, OSError) as error:
                log.warning("directory server failed", extra={"url": url, "error": str(error)[:300]})
        raise DirectoryUnavailable(
            "The directory does not answer, so passwords of it can not be checked. Try again soon."
        )

    def _prove_at(self, url: str, login: str, password: str) -> Entry | None:
        if self.options.user_dn:
            dn = self.options.user_dn.replace("{login}", escape_rdn(login))
            with self._connected(url, dn, password) as own:
                found = self._search(own, dn, "(objectClass=*)", ldap3.BASE) if own else []
                return self._entry(own, found[0]) if own and found else None
        with self._connected(url, self.options.bind_dn, self.options.bind_password) as service:
            if service is None:
                raise DirectoryUnavailable("The directory refuses the portal's own account. Look at LDAP_BIND_DN.")
            wanted = self.options.user_filter.replace("{login}", escape_filter_chars(login))
            found = self._search(service, self.options.user_base, wanted, ldap3.SUBTREE)
            if len(found) != 1:
                if found:
                    log.warning("login is ambiguous in the directory", extra={"entries": len(found)})
                return None
            with self._connected(url, found[0]["dn"], password) as own:
                return self._entry(service, found[0]) if own else None

    def _connected(self, url: str, dn: str, password: str) -> AbstractContextManager[ldap3.Connection | None]:
        found = self.options
        server = DirectoryServer(url, found.is_starttls, found.ca_file, timeout=found.timeout)
        return connected(server, dn, password)

    def _search(self, connection: ldap3.Connection, base: str, wanted: str, scope: str) -> list[dict[str, Any]]:
        """Entries; referrals to other servers are not followed."""
        names = self.options.attributes
        asked = [names.uid, names.username, names.name, names.email, names.groups]
        connection.search(
            base, wanted, search_scope=scope, attributes=asked, size_limit=MOST_GROUPS,
            time_limit=self.options.timeout, dereference_aliases=ldap3.DEREF_NEVER,
        )  # fmt: skip
        return [row for row in connection.response or [] if row.get("type") == "searchResEntry"]

    def _entry(self, connection: ldap3.Connection, row: dict[str, Any]) -> Entry:
        names = self.options.attributes
        return Entry(
            dn=row["dn"],
            uid=first_text(row, names.uid) or row["dn"].lower(),
            username=first_text(row, names.username),
            name=first_text(row, names.name),
            email=first_text(row, names.email),
            groups=tuple(self._groups(connection, row)),
        )

    def _groups(self, connection: ldap3.Connection, row: dict[str, Any]) -> list[str]:
        """Names of the groups: found by search (and groups of groups, up to a depth), else as the entry names them."""
        if not self.options.group_base:
            return sorted({name_of(dn) for dn in texts(row, self.options.attributes.groups)} - {""})
        known: dict[str, str] = {}
        ahead = [row["dn"]]
        for _ in range(max(1, self.options.group_depth)):
            found: dict[str, str] = {}
            for dn in ahead:
                wanted = self.options.group_filter.replace("{dn}", escape_filter_chars(dn))
                for group in self._search(connection, self.options.group_base, wanted, ldap3.SUBTREE):
                    found[group["dn"]] = first_text(group, "cn") or name_of(group["dn"])
            ahead = [dn for dn in found if dn not in known]
            known |= found
            if not ahead or len(known) > MOST_GROUPS:
                break
        return sorted(set(known.values()) - {""})


def name_of(dn: str) -> str:
    """The value of the first part of a distinguished name: ``crew`` of ``cn=crew,ou=groups,…``."""
    try:
        parts = parse_dn(dn, escape=False)
    except LDAPException:
        return ""
    return str(parts[0][1]) if parts else ""
