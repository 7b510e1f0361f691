"""What operators say of their directory, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Attributes:
    """Names of the attributes that are read."""

    uid: str = "entryUUID"
    username: str = "uid"
    name: str = "cn"
    email: str = "mail"
    groups: str = "memberOf"


@dataclass(frozen=True)
class Options:
    """One directory: ``urls`` are tried in their order; people are found by ``user_filter`` or named by ``user_dn``."""

    urls: tuple[str, ...]
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    user_dn: str = ""
    user_base: str = ""
    user_filter: str = "(uid={login})"
    group_base: str = ""
    group_filter: str = "(|(member={dn})(uniqueMember={dn}))"
    group_depth: int = 5
    attributes: Attributes = Attributes()
    is_starttls: bool = True
    is_plain_allowed: bool = False
    ca_file: str = ""
    timeout: int = 5

    def __post_init__(self) -> None:
        """Raise where the settings contradict each other, or a password would travel in plain."""
        for url in self.urls:
            scheme = urlsplit(url).scheme
            if scheme not in {"ldap", "ldaps"}:
                raise ImproperlyConfigured(f"LDAP_URL names {url!r}; use ldaps://host or ldap://host.")
            # SECURITY: a password over a plain connection is everybody's password.
            if scheme == "ldap" and not self.is_starttls and not self.is_plain_allowed:
                raise ImproperlyConfigured("LDAP_STARTTLS=0 sends passwords in plain; LDAP_ALLOW_PLAIN=1 if you must.")
        if not self.user_dn and not self.user_base:
            raise ImproperlyConfigured("Set LDAP_USER_BASE (where people are searched) or LDAP_USER_DN (their DN).")
        if self.user_dn and "{login}" not in self.user_dn:
            raise ImproperlyConfigured(
                "LDAP_USER_DN needs {login}, for example uid={login},ou=people,dc=example,dc=org."
            )
        if not self.user_dn and "{login}" not in self.user_filter:
            raise ImproperlyConfigured("LDAP_USER_FILTER needs {login}, for example (uid={login}).")


def options() -> Options | None:
    """The directory of this installation; None where there is none."""
    found: dict[str, object] = settings.LDAP
    if not found.get("urls"):
        return None
    values = dict(found)
    values["attributes"] = Attributes(**values.get("attributes", {}))  # type: ignore[arg-type]
    return Options(**values)  # type: ignore[arg-type]
