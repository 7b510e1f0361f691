"""From references to pages: only what the subject may see becomes a link, all else stays text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.urls import reverse

from catalog.entities.querysets import visible_entities
from portal.accounts.subjects import Subject


@dataclass(frozen=True, slots=True)
class Linked:
    """A reference on a page. Without a ``url`` there is nothing behind it, or nothing that may be seen."""

    ref: str
    label: str
    kind: str
    url: str = ""
    detail: str = ""


# PERF: a graph or a tree of hundreds of entities asks for as many addresses, and finding one takes 50 µs.
@lru_cache(maxsize=10_000)
def entity_url(ref: str) -> str:
    """The page of the entity with this canonical reference."""
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return reverse("catalog:entity_detail", args=[kind, namespace, name])


def short_ref(ref: str) -> str:
    """A canonical reference without its kind, and without the default namespace; other texts as they are."""
    _, colon, rest = ref.partition(":")
    if not colon or "/" not in rest:
        return ref
    return rest.removeprefix("default/")


def visible_labels(subject: Subject, refs: Iterable[str]) -> dict[str, Linked]:
    """The entities among ``refs`` that the subject may see, as links."""
    wanted = {ref for ref in refs if ref}
    if not wanted:
        return {}
    rows = visible_entities(subject).filter(ref__any=wanted).values_list("ref", "title", "name", "kind", "description")
    return {
        ref: Linked(ref, title or name, kind, entity_url(ref), description)
        for ref, title, name, kind, description in rows
    }


def linked(ref: str, labels: dict[str, Linked]) -> Linked:
    """The reference as a link where it is one of ``labels``, else as text."""
    return labels.get(ref) or Linked(ref, short_ref(ref), ref.partition(":")[0])


def safe_address(address: object) -> str:
    """``address`` where a browser may follow it, else nothing."""
    # SECURITY: links and annotations are other people's texts; javascript: and data: must not become links.
    if not isinstance(address, str):
        return ""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    return address if scheme in ("http", "https", "mailto") else ""
