"""The parts of a repository address as fields: a host, and what its kind of integration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from .fields import Field, FormContext, Option
from .names import Path, name_of
from .pickers import texts_of
from .repositories import ALLOW_LISTS, LABELS, OPTIONAL, Repository, parts_of, read_repository
from .ui import Schema, options_of
from .widgets import Widget

OWNER_LIKE: Final = frozenset({"owner", "workspace", "organization"})


def repository_parts(schema: Schema, value: Any, path: Path, context: FormContext) -> tuple[Field, ...]:
    """The fields of a repository address; ``part:host`` redraws the page, since the others depend on it."""
    options = options_of(schema)
    repository = (read_repository(value) if isinstance(value, str) else None) or Repository()
    hosts = texts_of(options.get("allowedHosts")) or tuple(context.hosts)
    host = repository.host or next(iter(hosts), "")
    host_type = context.hosts.get(host, "")
    fields = [_part("host", host, path, hosts, refreshes=True, required=True)]
    for part in parts_of(host_type):
        allowed = texts_of(options.get(ALLOW_LISTS[part]))
        required = part not in OPTIONAL.get(host_type, ())
        value = repository.part(part) or preset(part, options)
        fields.append(replace(_part(part, value, path, allowed, required=required), **_words(part, options)))
    return (*fields, *_token(options, path, context))


def preset(part: str, options: Schema) -> str:
    """What the form fills in for a part: the first that is allowed."""
    return next(iter(texts_of(options.get(ALLOW_LISTS[part]))), "")


def _words(part: str, options: Schema) -> dict[str, Any]:
    """The template's own words for a part."""
    prefix = "repo" if part == "repo" else "owner" if part in OWNER_LIKE else ""
    found = {"label": options.get(f"{prefix}Label"), "description": options.get(f"{prefix}Description")}
    return {name: str(text) for name, text in found.items() if prefix and text}


def _part(
    part: str,
    value: str,
    path: Path,
    allowed: tuple[str, ...],
    *,
    required: bool,
    refreshes: bool = False,
    **words: str,
) -> Field:
    offered = allowed if not value or value in allowed else (*allowed, value)
    name = name_of(path, part)
    return Field(
        name=name,
        id=control_id(name),
        widget=Widget.SELECT if allowed else Widget.TEXT,
        label=LABELS[part],
        required=required,
        refreshes=refreshes,
        value=value,
        options=tuple(Option(text, text, selected=text == value) for text in offered) if allowed else (),
    )


def _token(options: Schema, path: Path, context: FormContext) -> list[Field]:
    """The person's own token for the host, when the template asks for one."""
    key = credentials_key(options)
    if not key:
        return []
    name = name_of(path, "token")
    words = "An access token of yours for this host, with the right to write to the repository."
    return [
        Field(
            name=name,
            id=control_id(name),
            widget=Widget.SECRET,
            label="Access token",
            description=words,
            is_set=key in context.kept_secrets,
            attributes={"autocomplete": "off"},
        )
    ]


def credentials_key(options: Mapping[str, Any]) -> str:
    """The name under which a template wants the person's token among its secrets; ``""`` when it wants none."""
    asked = options.get("requestUserCredentials")
    key = asked.get("secretsKey") if isinstance(asked, dict) else None
    return key if isinstance(key, str) else ""


def control_id(name: str) -> str:
    """The HTML id of a control."""
    return "field-" + "".join(character if character.isalnum() else "-" for character in name)
