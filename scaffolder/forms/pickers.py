"""The pickers of a form: what each offers, and the rules that its values keep wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .fields import Picker
from .repositories import ALLOW_LISTS, LABELS, OPTIONAL, Repository, parts_of, read_repository
from .ui import Schema, options_of
from .widgets import FIELDS

ENTITY_NAME: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
TAG: Final = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
MAX_LENGTH: Final = 63
RULED_FIELDS: Final = ("EntityNamePicker", "EntityTagsPicker", "RepoUrlPicker")
NAME_RULE: Final = (
    "must start and end with a letter or a digit, have only letters, digits, - _ and . between, "
    f"and be no longer than {MAX_LENGTH} characters"
)
TAG_RULE: Final = (
    "is no tag: use lower-case letters, digits, : + and #, joined by single -, "
    f"and no more than {MAX_LENGTH} characters"
)

Filter = dict[str, tuple[str, ...] | None]


def picker_of(schema: Schema) -> Picker | None:
    """Describe the picker that a field asks for; None for a plain field or one that is not known here."""
    field = schema.get("ui:field")
    if not isinstance(field, str) or field not in FIELDS:
        return None
    options = options_of(schema)
    owns = field == "OwnerPicker"
    namespace = options.get("defaultNamespace")
    return Picker(
        field=field,
        filters=_filters(field, options),
        default_kind=str(options.get("defaultKind") or ("Group" if owns else "")),
        default_namespace=namespace if isinstance(namespace, str) else "",
        allows_others=field != "MyGroupsPicker" and options.get("allowArbitraryValues", True) is not False,
        owned=field == "OwnedEntityPicker",
        mine=field == "MyGroupsPicker",
        settings=options,
    )


def _filters(field: str, options: Schema) -> tuple[Filter, ...]:
    chosen = options.get("catalogFilter")
    kinds = texts_of(options.get("allowedKinds"))
    if not chosen:
        default = ("Group", "User") if field == "OwnerPicker" else ("Group",) if field == "MyGroupsPicker" else ()
        return ({"kind": kinds or default},) if kinds or default else ()
    alternatives = chosen if isinstance(chosen, list) else [chosen]
    filters = [_filter(item) for item in alternatives if isinstance(item, dict)]
    if field == "OwnedEntityPicker" and kinds:
        filters = [{**item, "kind": kinds} for item in filters]
    return tuple(filters)


def _filter(conditions: Schema) -> Filter:
    """``{exists: true}`` asks only that the key is there."""
    return {key: None if isinstance(value, dict) else texts_of(value) for key, value in conditions.items()}


def texts_of(value: Any) -> tuple[str, ...]:
    """An option that is one text or a list of them, as texts."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(str(item) for item in values)


def broken_rules(schema: Schema, value: Any, hosts: Mapping[str, str], *, whole: bool) -> Iterator[str]:
    """Say which rules of its picker a value breaks, each as the rest of a sentence that starts with the label.

    ``whole`` also asks that a repository address names all that its host needs, as the form does.
    """
    field = schema.get("ui:field")
    if field == "EntityNamePicker" and isinstance(value, str) and not _fits(ENTITY_NAME, value):
        yield NAME_RULE
    elif field == "EntityTagsPicker" and isinstance(value, list):
        yield from (f'"{tag}" {TAG_RULE}' for tag in value if isinstance(tag, str) and not _fits(TAG, tag))
    elif field == "RepoUrlPicker" and isinstance(value, str):
        yield from _broken_by_address(options_of(schema), value, hosts, whole=whole)


def _fits(rule: re.Pattern[str], text: str) -> bool:
    return len(text) <= MAX_LENGTH and rule.fullmatch(text) is not None


def _broken_by_address(options: Schema, address: str, hosts: Mapping[str, str], *, whole: bool) -> Iterator[str]:
    if not (whole or any(options.get(name) for name in ("allowedHosts", *ALLOW_LISTS.values()))):
        return
    repository = read_repository(address)
    if repository is None:
        yield "is no repository address; it should look like host?owner=name&repo=name"
        return
    allowed_hosts = texts_of(options.get("allowedHosts"))
    if allowed_hosts and repository.host not in allowed_hosts:
        yield f"must be on {_either(allowed_hosts)}, not on {repository.host}"
    elif whole and repository.host not in hosts:
        yield f"is on {repository.host}, for which no integration is configured"
    host_type = hosts.get(repository.host, "")
    for part in parts_of(host_type):
        allowed = texts_of(options.get(ALLOW_LISTS[part]))
        is_optional = part in OPTIONAL.get(host_type, ())
        yield from _broken_by_part(repository, part, allowed, needed=(whole or bool(allowed)) and not is_optional)


def _broken_by_part(repository: Repository, part: str, allowed: tuple[str, ...], *, needed: bool) -> Iterator[str]:
    value, label = repository.part(part), LABELS[part].lower()
    if not value:
        if needed:
            yield f"names no {label}"
    elif allowed and value not in allowed:
        yield f"has the {label} {value}, but must have {_either(allowed)}"


def _either(allowed: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(allowed[:-1]), allowed[-1]]))
