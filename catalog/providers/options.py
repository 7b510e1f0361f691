"""What a provider is told about its source, by kind: read from JSON, checked field by field."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

import regex  # type: ignore[import-untyped]

from catalog.providers.models import Kind
from portal.lib.errors import Invalid, PortalError
from portal.lib.fetch.outgoing import checked_url

_PUBLIC = {Kind.GITHUB: "https://github.com", Kind.GITLAB: "https://gitlab.com", Kind.GITEA: "https://codeberg.org"}
_LONGEST = 500
DEFAULT_PATH = "/catalog-info.yaml"
SCOPES = ("sub", "one", "base")


def wrong(name: str, message: str) -> Invalid:
    """The error of one option."""
    return Invalid(message, errors=[{"field": name, "message": message}])


@dataclass(frozen=True, slots=True)
class HostOptions:
    """A Git host: whose repositories, which of them, and which file in them.

    ``owner`` is an organisation, a group with its subgroups, or a person. ``path`` may be a pattern. ``names`` is a
    pattern of names, or a regular expression between slashes. Without a ``branch`` it is the default one of each.
    """

    url: str = ""
    api_url: str = ""
    owner: str = ""
    path: str = DEFAULT_PATH
    names: str = ""
    topics: tuple[str, ...] = ()
    exclude_topics: tuple[str, ...] = ()
    branch: str = ""
    with_archived: bool = False
    with_forks: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """One search in a directory, with the attributes that fill an entity; as in Backstage's ``ldapOrg`` settings."""

    dn: str = ""
    filter: str = "(objectClass=*)"
    scope: str = "sub"
    map: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DirectoryOptions:
    """A directory: where it is, how the portal signs in there, and where people and groups are."""

    url: str = ""
    bind_dn: str = ""
    is_starttls: bool = True
    ca: str = ""
    uuid_attribute: str = ""
    namespace: str = "default"
    users: Search = Search()
    groups: Search = Search()


Options = HostOptions | DirectoryOptions | None


def parse_options(kind: str, values: Mapping[str, Any]) -> Options:
    """The options of a kind. Raises ``Invalid`` naming the first option that is wrong."""
    if kind == Kind.PUSH:
        if values:
            raise wrong("options", "Providers that are pushed to have no options.")
        return None
    return _directory(values) if kind == Kind.LDAP else _host(Kind(kind), values)


def as_json(options: Options) -> dict[str, Any]:
    """Options as they are stored and answered."""
    return {} if options is None else {name: _plain(value) for name, value in asdict(options).items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _known(values: Mapping[str, Any], shape: type[Any], path: str = "") -> None:
    names = {entry.name for entry in fields(shape)}
    for name in values:
        if name not in names:
            raise wrong(f"{path}{name}", f"There is no option {path}{name}; there are {', '.join(sorted(names))}.")


def _text(values: Mapping[str, Any], name: str, default: str = "", path: str = "", longest: int = _LONGEST) -> str:
    value = values.get(name, default)
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise wrong(f"{path}{name}", f"{path}{name} must be text of at most {longest} characters.")
    return value.strip()


def _flag(values: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise wrong(name, f"{name} must be true or false.")
    return value


def _words(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = values.get(name, [])
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and 0 < len(item) < 100 for item in value):
        raise wrong(name, f"{name} must be a list of words.")
    return tuple(item.strip().lower() for item in value[:50])


def _host(kind: Kind, values: Mapping[str, Any]) -> HostOptions:
    _known(values, HostOptions)
    url = _address(values, "url", _PUBLIC[kind])
    found = HostOptions(
        url=url, api_url=_address(values, "api_url", _api(kind, url)),
        owner=_text(values, "owner").strip("/"), path=_text(values, "path") or DEFAULT_PATH,
        names=_text(values, "names"), topics=_words(values, "topics"), exclude_topics=_words(values, "exclude_topics"),
        branch=_text(values, "branch"), with_archived=_flag(values, "with_archived"),
        with_forks=_flag(values, "with_forks"),
    )  # fmt: skip
    if not found.owner or not all(part not in ("", ".", "..") for part in found.owner.split("/")):
        raise wrong("owner", "Name the organisation, group or person whose repositories these are.")
    if kind != Kind.GITLAB and "/" in found.owner:
        raise wrong("owner", f"An organisation at {kind.label} has no slash in its name.")
    if not found.path.strip("/") or any(part in (".", "..") for part in found.path.split("/")):
        raise wrong("path", "Name a file in the repository, as in /catalog-info.yaml or /**/catalog-info.yaml.")
    name_rule(found.names)
    return found


def _address(values: Mapping[str, Any], name: str, default: str) -> str:
    text = (_text(values, name) or default).rstrip("/")
    try:
        url = checked_url(text)
    except PortalError as error:
        raise wrong(name, error.detail) from error
    if url.query or url.fragment:
        raise wrong(name, "Leave out what stands behind ? and #.")
    return text


def _api(kind: Kind, url: str) -> str:
    if kind == Kind.GITHUB:
        return "https://api.github.com" if url == _PUBLIC[kind] else f"{url}/api/v3"
    return f"{url}/api/{'v4' if kind == Kind.GITLAB else 'v1'}"


def name_rule(text: str) -> Any:
    """The regular expression of ``/…/``; None for a pattern. Raises ``Invalid`` for one that is none."""
    if len(text) < 3 or not (text.startswith("/") and text.endswith("/")):
        return None
    try:
        return regex.compile(text[1:-1])
    except regex.error as error:
        raise wrong("names", f"{text} is no regular expression: {error}") from error


def _directory(values: Mapping[str, Any]) -> DirectoryOptions:
    _known(values, DirectoryOptions)
    found = DirectoryOptions(
        url=_text(values, "url"), bind_dn=_text(values, "bind_dn"),
        is_starttls=_flag(values, "is_starttls", default=True), ca=_text(values, "ca", longest=100_000),
        uuid_attribute=_text(values, "uuid_attribute"), namespace=_text(values, "namespace", "default") or "default",
        users=_search(values, "users"), groups=_search(values, "groups"),
    )  # fmt: skip
    directory_server(found.url)
    if not found.users.dn and not found.groups.dn:
        raise wrong("users", "Name where people or groups are, as in ou=people,dc=example,dc=org.")
    if found.ca:
        try:
            ssl.create_default_context(cadata=found.ca)
        except (ssl.SSLError, ValueError) as error:
            raise wrong("ca", "The certificate of the authority must be PEM text.") from error
    return found


def directory_server(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a directory. Raises ``Invalid`` for anything but ldap:// and ldaps://."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("ldap", "ldaps") or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise wrong("url", "The address of the directory is ldaps://host or ldap://host, with a port if need be.")
    return parts.scheme, host, port or (636 if parts.scheme == "ldaps" else 389)


def _search(values: Mapping[str, Any], name: str) -> Search:
    inner = values.get(name, {})
    if not isinstance(inner, Mapping):
        raise wrong(name, f"{name} must be an object with dn, filter, scope, map and set.")
    _known(inner, Search, f"{name}.")
    mapped, fixed = inner.get("map", {}), inner.get("set", {})
    if not isinstance(mapped, Mapping) or not all(isinstance(item, str) for item in mapped.values()):
        raise wrong(f"{name}.map", f"{name}.map must be an object of names of attributes.")
    if not isinstance(fixed, Mapping):
        raise wrong(f"{name}.set", f"{name}.set must be an object of paths and values.")
    found = Search(
        dn=_text(inner, "dn", path=f"{name}."), filter=_text(inner, "filter", "(objectClass=*)", f"{name}.", 2000),
        scope=_text(inner, "scope", "sub", f"{name}."), map=dict(mapped), set=dict(fixed),
    )  # fmt: skip
    if found.scope not in SCOPES:
        raise wrong(f"{name}.scope", f"{name}.scope is one of {', '.join(SCOPES)}.")
    return found
