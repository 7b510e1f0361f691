"""Typed readers of environment variables: a wrong value stops the start with words that say which and why."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The value of ``name``, or of the file that ``name_FILE`` points at (for mounted secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error}") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """A yes/no value: 1, true, yes, on or 0, false, no, off."""
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; use 1 or 0.")


def integer(name: str, default: int) -> int:
    """A whole number."""
    raw = text(name, str(default))
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use a whole number.") from error


def choice(name: str, default: str, *others: str) -> str:
    """One of the named words."""
    raw = text(name, default)
    if raw not in {default, *others}:
        raise ImproperlyConfigured(f"{name} is {raw!r}; use one of {', '.join([default, *others])}.")
    return raw


def networks(name: str, default: str = "") -> list[str]:
    """A comma-separated list of addresses and networks (CIDR)."""
    found = words(name, default)
    for word in found:
        try:
            ip_network(word, strict=False)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} names {word!r}; use addresses or networks like 10.0.0.0/8.") from error
    return found


def limit(name: str, default: str) -> tuple[int, int]:
    """“tries/seconds”, for example 30/600; 0 tries means no limit."""
    tries, _, seconds = text(name, default).partition("/")
    if not tries.isdigit() or not seconds.isdigit() or int(seconds) < 1:
        raise ImproperlyConfigured(f"{name} is {text(name, default)!r}; use tries/seconds, for example {default}.")
    return int(tries), int(seconds)


def objects(name: str) -> list[dict[str, Any]]:
    """A JSON list of objects; empty where nothing is set."""
    raw = text(name)
    try:
        found = json.loads(raw) if raw else []
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ImproperlyConfigured(f"{name} is no JSON list of objects.")
    return found


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty items."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def some_of(name: str, *choices: str) -> list[str]:
    """Some of the named words, each at most once, in the order that the operator gives; all of them where none is."""
    found = words(name, ",".join(choices))
    if not set(found) <= set(choices) or len(set(found)) < len(found):
        raise ImproperlyConfigured(f"{name} is {text(name)!r}; use some of {', '.join(choices)}, each once.")
    return found


@dataclass(frozen=True)
class Mail:
    """A mail server; without a host there is none."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool
    is_starttls: bool


def mail() -> Mail:
    """The mail server of ``EMAIL_URL`` (``smtp://``, ``smtps://``), or of ``EMAIL_HOST`` and its companions."""
    if url := text("EMAIL_URL"):
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ImproperlyConfigured("EMAIL_URL must be like smtp://user:password@host:587 or smtps://….")
        is_tls = parts.scheme == "smtps"
        is_plain = dict(parse_qsl(parts.query)).get("tls") == "off"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return Mail(
            parts.hostname, parts.port or (465 if is_tls else 587), user, password, is_tls, not is_tls and not is_plain
        )
    is_tls = flag("EMAIL_USE_SSL")
    return Mail(
        text("EMAIL_HOST"), integer("EMAIL_PORT", 465 if is_tls else 587), text("EMAIL_HOST_USER"),
        text("EMAIL_HOST_PASSWORD"), is_tls, flag("EMAIL_USE_TLS", default=not is_tls),
    )  # fmt: skip


def _prepared(word: str) -> dict[str, Any]:
    """Statements that come again are planned once for each connection: planning is most of what a small read costs."""
    if word not in {"on", "off"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL says prepare={word}; use on, or off for a pool that forgets statements."
        )
    return {"server_side_binding": True, "prepare_threshold": 3} if word == "on" else {}


def database(url: str) -> dict[str, Any]:
    """Django's database settings for ``postgresql://user:password@host:port/name?option=value``.

    A host that starts with ``/`` (also as ``?host=/folder``) is the folder of a Unix socket. With ``?prepare=off`` no
    statement is kept prepared, as pools that hand out connections by transaction need it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"DATABASE_URL starts with {parts.scheme!r}; use postgresql://")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "callboard",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or "") or options.pop("port", ""),
        "OPTIONS": {**_prepared(options.pop("prepare", "on")), **options},
    }
