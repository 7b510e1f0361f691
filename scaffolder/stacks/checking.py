"""Rules for the fields of a stack, each broken one with words that say what to do. Nothing here asks for rights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify

from portal.lib.errors import Invalid, PortalError
from portal.lib.git.remotes import branch_ref, parse_remote
from scaffolder.stacks.models import Stack
from scaffolder.tools.registry import tool_classes

MOST_BUNDLE_BYTES = 50 * 1024 * 1024
MOST_VALUE_CHARACTERS = 100_000
# Pages of stacks have these addresses.
RESERVED_SLUGS = frozenset({"new", "runs", "_"})
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:/-]{0,61}[A-Za-z0-9])?")
_REF = re.compile(r"[a-z0-9.-]+:[a-z0-9._-]+/[a-z0-9._-]+")
_INPUT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,199}")
_ENVIRONMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


def wrong(field: str, message: str) -> Invalid:
    """The error for one field."""
    return Invalid(message, errors=[{"field": field, "message": message}])


def check_fields(fields: Mapping[str, Any]) -> None:
    """Check every field that is given; raises ``Invalid`` with one row for each broken rule."""
    rows: list[dict[str, str]] = []
    for name, value in fields.items():
        check = _CHECKS.get(name)
        if check is None:
            continue
        try:
            check(value)
        except PortalError as error:
            rows.append({"field": name, "message": error.detail})
    if rows:
        raise Invalid(rows[0]["message"] if len(rows) == 1 else "Some fields are not right.", errors=rows)


def free_slug(name: str) -> str:
    """A slug made of the name that no stack has yet."""
    stem = slugify(name)[:70].strip("-") or "stack"
    taken = set(Stack.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | RESERVED_SLUGS
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _check_slug(slug: str) -> None:
    if len(slug) > 80 or not _SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise Invalid("Use lower-case letters, digits and single hyphens, at most 80; “new” and “runs” are taken.")
    if Stack.objects.filter(slug=slug).exists():
        raise Invalid(f"There is a stack “{slug}” already. Choose another short name.")


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 120:
        raise Invalid("A stack needs a name of at most 120 characters.")


def _check_tool(name: str) -> None:
    if name not in tool_classes():
        raise Invalid(f"There is no tool “{name}”. Use one of: {', '.join(sorted(tool_classes()))}.")


def _check_labels(labels: Iterable[str]) -> None:
    if bad := [label for label in labels if not _LABEL.fullmatch(label)]:
        raise Invalid(f"“{bad[0]}” cannot be a label: use at most 63 letters, digits and . _ - : / between them.")


def _check_repository(text: str) -> None:
    if text:
        parse_remote(text, settings.GIT_ROOTS)


def _check_branch(branch: str) -> None:
    if branch:
        branch_ref(branch)


def _check_project_root(text: str) -> None:
    if ".." in PurePosixPath(text).parts or "\0" in text or "\\" in text:
        raise Invalid("The project root is a folder inside of the repository, without “..”.")


def _check_entity_ref(ref: str) -> None:
    if ref and not _REF.fullmatch(ref):
        raise Invalid("Write the owning entity as kind:namespace/name in lower case, like component:default/shop.")


def _check_options(options: Any) -> None:
    if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
        raise Invalid("The options of the tool are names with texts.")


def _check_bundle(data: bytes | None) -> None:
    if data is not None and len(data) > MOST_BUNDLE_BYTES:
        raise Invalid(f"The bundle is larger than {MOST_BUNDLE_BYTES // 1024**2} MiB.")


_CHECKS: dict[str, Any] = {
    "slug": _check_slug,
    "name": _check_name,
    "tool": _check_tool,
    "labels": _check_labels,
    "repository": _check_repository,
    "branch": _check_branch,
    "project_root": _check_project_root,
    "entity_ref": _check_entity_ref,
    "options": _check_options,
    "bundle": _check_bundle,
}


def check_variable(name: str, value: Any, *, is_environment: bool) -> None:
    """Check one variable; raises ``Invalid``."""
    pattern = _ENVIRONMENT if is_environment else _INPUT
    if not pattern.fullmatch(name):
        raise wrong("name", f"“{name[:60]}” cannot be the name of a variable: use letters, digits and underscores.")
    if is_environment and not isinstance(value, str):
        raise wrong("value", f"The environment variable {name} must be a text.")
    if isinstance(value, str) and ("\0" in value or len(value) > MOST_VALUE_CHARACTERS):
        raise wrong("value", f"The value of {name} is too long, or holds a NUL character.")


def same_origin(old: str, new: str) -> bool:
    """Whether a token that was given for one repository may be sent to the other."""
    first, second = urlsplit(old), urlsplit(new)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())
