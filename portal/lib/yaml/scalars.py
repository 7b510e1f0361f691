"""The core schema of YAML 1.2: what an unquoted word means. ``yes``, ``on``, ``1:30`` and dates are texts."""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
# A longer integer is read as a float: no program downstream takes it for more than that.
DECIMAL = re.compile(r"[-+]?[0-9]{1,308}")
POWER_OF_TWO = re.compile(r"0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_STARTS = frozenset("+-.0123456789")
_CORE_TAG = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (float, int), "null": (type(None),)}


def plain_value(text: str) -> bool | float | str | None:
    """What the unquoted ``text`` stands for."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if DECIMAL.fullmatch(text):
        return int(text)
    if POWER_OF_TWO.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return float(text) if FLOAT.fullmatch(text) else text


def tagged_value(tag: str, text: str) -> bool | float | str | None:
    """What ``text`` stands for under an explicit tag; a tag that the core schema does not know means a text."""
    wanted = _TYPES.get(tag.removeprefix(_CORE_TAG), ()) if tag.startswith(_CORE_TAG) else ()
    value = plain_value(text)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return text
    return float(value) if isinstance(value, int) and float in wanted else value


def number_text(value: float) -> str:
    """A number as JavaScript prints it, which is how it appears in keys, search rows and facets: ``1.0`` is ``1``."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(value).partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) - (len(whole + fraction) - len(digits)) + int(exponent or 0)
    return sign + _place_point(digits.rstrip("0"), point)


def _place_point(digits: str, point: int) -> str:
    """Write significant digits of which ``point`` stand before the decimal point; it may lie outside of them."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"
