"""From the text of a definition to its outline, by the type that the entity says it has.

Nothing of a definition is executed and nothing that it names is fetched. What is too long is not read but shown as
text, cut; what was read is kept for the next time that somebody looks, by its text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.definitions.asyncapi import read_asyncapi
from catalog.definitions.graphql import read_graphql
from catalog.definitions.grpc import read_grpc
from catalog.definitions.openapi import read_openapi
from catalog.definitions.outlines import Outline
from portal.lib.errors import Invalid, PortalError
from portal.lib.yaml import Limits, load

MOST_READ = 1_000_000
MOST_SHOWN = 200_000
_LIMITS = Limits(size=MOST_READ * 4)


@dataclass(frozen=True)
class Reading:
    """What came of a definition: an outline, or why there is none; ``language`` is that of its text."""

    outline: Outline | None
    error: str
    language: str


def read_definition(type_: str, text: str) -> Reading:
    """The outline of ``text``, which is of the format that ``type_`` names (openapi, asyncapi, graphql, grpc).

    Of other types there is no outline. Never raises for what stands in the text.
    """
    type_ = type_.lower()
    language = _LANGUAGES.get(type_) or ("json" if text.lstrip()[:1] in ("{", "[") else "yaml")
    if type_ not in _READERS:
        return Reading(None, "", language)
    if len(text) > MOST_READ:
        size = f"{len(text):,} characters"
        return Reading(None, f"It is too long to be outlined ({size}; at most {MOST_READ:,}).", language)
    return _read(type_, text, language)


@lru_cache(maxsize=16)
def _read(type_: str, text: str, language: str) -> Reading:
    try:
        return Reading(_READERS[type_](text), "", language)
    except PortalError as error:
        return Reading(None, error.detail, language)
    except RecursionError:
        return Reading(None, "It is nested too deeply to be outlined.", language)


def _from_mapping(read: Callable[[Mapping[str, Any]], Outline], word: str) -> Callable[[str], Outline]:
    def from_text(text: str) -> Outline:
        document = _document(text)
        if not isinstance(document, Mapping):
            raise Invalid(f"It is no mapping, as an {word} document is.")
        return read(document)

    return from_text


def _document(text: str) -> Any:
    """JSON or YAML; JSON is read by its own reader, which is faster and knows better what is wrong."""
    if text.lstrip()[:1] == "{":
        try:
            return json.loads(text)
        except ValueError:
            # A mapping of YAML may begin with a brace, too.
            return load(text, limits=_LIMITS)
    return load(text, limits=_LIMITS)


_READERS: dict[str, Callable[[str], Outline]] = {
    "openapi": _from_mapping(read_openapi, "OpenAPI"),
    "asyncapi": _from_mapping(read_asyncapi, "AsyncAPI"),
    "graphql": read_graphql,
    "grpc": read_grpc,
}
_LANGUAGES = {"graphql": "graphql", "grpc": "protobuf"}
