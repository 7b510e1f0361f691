"""The forms that names, keys and addresses of entities must have, each with words that say what is right.

Rules: Backstage's default validators, which are narrower than its documentation in places (namespaces are lower case)
and wider in others (names may repeat separators).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from catalog.entities.addresses import is_absolute_url

_LONGEST_PART = 63
_LONGEST_PREFIX = 253
_KIND = re.compile(r"[a-zA-Z][a-z0-9A-Z]*")
_OBJECT_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_DNS_LABEL = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_VERSION = re.compile(r"[a-z0-9A-Z]+")


@dataclass(frozen=True, slots=True)
class Format:
    """A form that a text must have; ``wanted`` completes the sentence "use ..."."""

    matches: Callable[[str], bool]
    wanted: str


def _part(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: len(text) <= _LONGEST_PART and pattern.fullmatch(text) is not None


def _prefixed(is_suffix: Callable[[str], bool]) -> Callable[[str], bool]:
    def matches(text: str) -> bool:
        prefix, slash, suffix = text.rpartition("/")
        return is_suffix(suffix) and (not slash or _is_dns_subdomain(prefix))

    return matches


_is_object_name = _part(_OBJECT_NAME)
_is_dns_label = _part(_DNS_LABEL)


def _is_dns_subdomain(text: str) -> bool:
    return len(text) <= _LONGEST_PREFIX and all(map(_is_dns_label, text.split(".")))


API_VERSION = Format(
    _prefixed(_part(_VERSION)),
    'letters and digits, after a domain name and "/" if you like, as in backstage.io/v1alpha1',
)
KIND = Format(_part(_KIND), "a letter and then letters and digits, at most 63 characters")
NAME = Format(
    _is_object_name, 'letters and digits, with "-", "_" or "." between them, at most 63 characters, as in my-service'
)
NAMESPACE = Format(_is_dns_label, 'lower-case letters and digits, with "-" between them, at most 63 characters')
KEY = Format(
    _prefixed(_is_object_name),
    'a name of at most 63 characters, after a lower-case domain name and "/" if you like, as in example.com/tier',
)
LABEL_VALUE = Format(
    lambda text: not text or _is_object_name(text),
    'letters and digits, with "-", "_" or "." between them, at most 63 characters, or nothing',
)
TAG = Format(
    _part(_TAG), 'lower-case letters, digits, ":", "+" and "#", with single "-" between them, at most 63 characters'
)
URL = Format(is_absolute_url, "a complete address, as in https://example.com/page")
NOT_BLANK = Format(lambda text: bool(text.strip()), "some text, or leave it out")
