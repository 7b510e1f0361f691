"""The shapes in which a secret can turn up in text: tools quote, escape and encode what they print."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, urlsplit

# Shorter values are not masked: a secret "1" or "ab" would turn every log into asterisks, and the pattern of the
# asterisks would tell the value anyway. Whoever stores a secret should refuse such values (``is_maskable``).
SHORTEST_SECRET = 3
# Lines of multi-line secrets and encoded forms need one character more, since they are more often innocent text.
SHORTEST_PART = 4
# A longer value is masked in pieces of this length, so that no form is longer than a few kilobytes.
LONGEST_PART = 1024
# Hexadecimal dumps of longer parts are not looked for.
LONGEST_HEX = 256
# ``base64`` of GNU and MIME breaks lines after 76 characters, ``openssl`` after 64.
WRAPS = (64, 76)
# What different URL libraries leave as it is (Python, Go's userinfo and path, JavaScript's encodeURIComponent).
URL_SAFE = ("", "/", "$&+,;=:@", "!'()*")
_SECRET_KEY = re.compile(r"key|secret|token|passw|credential|private", re.IGNORECASE)


def is_maskable(value: str) -> bool:
    """Whether the value is long enough to be masked without destroying the text around it."""
    return len(value.strip()) >= SHORTEST_SECRET


def forms_of(secret: str) -> set[str]:
    """Every single-line text that shows the secret or a telling part of it; empty where it is too short to mask."""
    if not is_maskable(secret):
        return set()
    forms: set[str] = set()
    for part in _parts(secret.strip()):
        forms.add(part)
        forms.update(form for form in _escaped(part) if len(form) >= SHORTEST_PART)
        forms.update(form for form in _encoded(part.encode()) if len(form) >= SHORTEST_PART)
    return {form for form in forms if "\n" not in form and "\r" not in form}


def _parts(secret: str) -> Iterator[str]:
    """What to look for on one line: the value or its lines, in bounded pieces, and the secrets inside of structures."""
    lines = secret.splitlines()
    values = lines if len(lines) > 1 else [secret]
    shortest = SHORTEST_PART if len(lines) > 1 else SHORTEST_SECRET
    for value in [*values, *_inner_secrets(secret)]:
        stripped = value.strip()
        for start in range(0, len(stripped), LONGEST_PART):
            piece = stripped[start : start + LONGEST_PART]
            if len(piece) >= shortest:
                yield piece


def _inner_secrets(secret: str) -> Iterator[str]:
    """Passwords of URLs and secret-looking leaves of JSON documents, which tools print without their surroundings."""
    if "://" in secret and (password := _url_password(secret)):
        yield from (password, unquote(password))
    if secret.startswith(("{", "[")):
        try:
            document = json.loads(secret)
        except ValueError:
            return
        yield from _json_leaves(document)


def _url_password(secret: str) -> str | None:
    try:
        return urlsplit(secret.splitlines()[0]).password
    except ValueError:
        return None


def _json_leaves(node: object, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from _json_leaves(child, str(name))
    elif isinstance(node, list):
        for child in node:
            yield from _json_leaves(child, key)
    elif isinstance(node, str) and _SECRET_KEY.search(key):
        yield from (line for line in node.splitlines() if len(line) >= SHORTEST_PART)


def _escaped(text: str) -> Iterator[str]:
    """Quoting and escaping by JSON, Go, HCL, YAML, Python, shells, HTML and URLs."""
    for as_json in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        for form in (as_json, _go_json(as_json)):
            yield from (form, json.dumps(form, ensure_ascii=False)[1:-1])
        yield as_json.replace("${", "$${").replace("%{", "%%{")
    yield repr(text)[1:-1]
    yield from (text.replace("'", "''"), text.replace("'", "'\"'\"'"), text.replace("'", "'\\''"))
    yield from (re.sub(r'(["\\$`])', r"\\\1", text), re.sub(r"([^\w@%+=:,./-])", r"\\\1", text))
    yield from (html.escape(text), html.escape(text, quote=False), _go_html(text))
    for quoted in (*(quote(text, safe=safe) for safe in URL_SAFE), quote_plus(text)):
        yield from (quoted, re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted))


def _go_json(escaped: str) -> str:
    return escaped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _go_html(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "&#34;").replace("'", "&#39;")


def _encoded(data: bytes) -> Iterator[str]:
    """Base64 at all three alignments, also broken into lines, and hexadecimal."""
    for shift, start in enumerate((0, 2, 3)):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + data).decode().rstrip("=")
            whole = (shift + len(data)) * 8 // 6
            yield from (text[start:whole], text[start:])
            if shift == 0:
                yield from _wrapped(text)
    if len(data) <= LONGEST_HEX:
        yield from (data.hex(), data.hex().upper())


def _wrapped(text: str) -> Iterator[str]:
    for width in WRAPS:
        if len(text) > width:
            yield from (text[at : at + width] for at in range(0, len(text), width))
