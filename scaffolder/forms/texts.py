"""Values as the text of a control, and back."""

from __future__ import annotations

import base64
import json
import math
import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from scaffolder.expressions.values import UNDEFINED

from .ui import Schema, hint
from .widgets import Widget, options_of, text_of, type_of

WHOLE_NUMBER: Final = re.compile(r"[+-]?\d+")
DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
WORDS: Final = re.compile(r"[\s,]+")
LONGEST_NUMBER: Final = 400


def show(widget: Widget, value: Any) -> str:
    """The text that a control shows for a value."""
    if value is None or value is UNDEFINED:
        return ""
    if widget is Widget.TAGS and isinstance(value, list):
        return ", ".join(map(text_of, value))
    if widget is Widget.ENTITIES and isinstance(value, list):
        return "\n".join(map(text_of, value))
    if widget is Widget.DATETIME and isinstance(value, str):
        return _local_time(value)
    if widget is Widget.JSON:
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text_of(value)


def read(widget: Widget, schema: Schema, text: str) -> Any:
    """The value that a control's text stands for; UNDEFINED when it is empty.

    A text that does not fit the type is kept as text, so that the check can say so and the person can mend it.
    """
    text = text.replace("\r\n", "\n")
    kind = type_of(schema)
    if not text:
        return hint(schema, "emptyValue", UNDEFINED)
    if widget is not Widget.JSON and (options := options_of(schema)):
        return next((value for posted, value, _ in options if posted == text), text)
    if kind != "string" and not text.strip():
        return hint(schema, "emptyValue", UNDEFINED)
    if widget is Widget.TAGS:
        return list(dict.fromkeys(word.lower() for word in WORDS.split(text) if word))
    if widget is Widget.ENTITIES:
        return [line.strip() for line in text.split("\n") if line.strip()]
    if widget is Widget.JSON:
        return text if kind == "string" else _read_json(text)
    if widget is Widget.DATETIME:
        return _read_time(text)
    return read_scalar(text, kind)


def read_scalar(text: str, kind: str) -> Any:
    """Read one number, boolean or text."""
    plain = text.strip()
    if kind in ("integer", "number") and len(plain) <= LONGEST_NUMBER:
        return _read_number(plain, text)
    if kind == "boolean" and plain in ("true", "false"):
        return plain == "true"
    if kind in ("object", "array"):
        return _read_json(text)
    return text


def _read_number(plain: str, text: str) -> int | float | str:
    if WHOLE_NUMBER.fullmatch(plain):
        return int(plain)
    number = float(plain) if DECIMAL.fullmatch(plain) else math.inf
    return number if math.isfinite(number) else text


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _local_time(value: str) -> str:
    """A moment as the control for date and time shows it: in UTC and without its zone."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat() if moment.tzinfo else moment.isoformat()
    except (ValueError, OverflowError):
        return value


def _read_time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}Z"


def as_data_url(name: str, content_type: str, content: bytes) -> str:
    """An uploaded file as the text of a field with the format ``data-url``; a view adds it under the field's name."""
    encoded = base64.b64encode(content).decode("ascii")
    return f"data:{content_type};name={quote(name, safe='')};base64,{encoded}"


def is_hollow(value: Any) -> bool:
    """Whether a group or list has nothing in it that a person has entered."""
    return value == [] or (isinstance(value, dict) and all(map(is_hollow, value.values())))
