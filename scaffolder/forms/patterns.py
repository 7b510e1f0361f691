"""Regular expressions of forms: JavaScript's, checked by an engine that cannot be made to hang, explained in words."""

from __future__ import annotations

import re
from typing import Final

import jsonschema_rs

BACKTRACKS: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
"""How often a pattern with look-arounds may try again; those without run in linear time."""

SIMPLE_ESCAPE: Final = re.compile(r"\\([ghijlmoqyACEFGHIJKLMNOQRTUVXYZaez#'\"@!%&,;:<>=`~_ -])")
QUANTIFIER: Final = re.compile(r"\{\d+(,\d*)?\}")
CLASS_ESCAPE: Final = re.compile(r"\\[dDwWsS]")


def acceptable_pattern(pattern: str) -> str:
    """Give a pattern that the checking engine takes and that means what JavaScript takes ``pattern`` for.

    JavaScript is forgiving where other engines are not: ``[\\w-.]``, a lone ``{`` or ``]``, ``[^]``. A pattern that
    stays wrong is given back as it is; compiling the schema then says so.
    """
    if _compiles(pattern):
        return pattern
    plain = _strict(pattern)
    return plain if _compiles(plain) else pattern


def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=BACKTRACKS, offline=True)
    except ValueError:  # ValidationError is one
        return False
    return True


def _strict(pattern: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(pattern):
        piece, translated = _next_piece(pattern, position)
        out.append(translated)
        position += len(piece)
    return "".join(out)


def _next_piece(pattern: str, position: int) -> tuple[str, str]:
    """The next piece of a pattern (a class, an escape, a quantifier or one character) and its strict spelling."""
    character = pattern[position]
    if character == "[":
        piece = _class_at(pattern, position)
        return piece, _strict_class(piece)
    if character == "\\":
        piece = pattern[position : position + 2]
        return piece, re.escape(piece[1:]) if SIMPLE_ESCAPE.fullmatch(piece) else piece
    if character == "{" and (quantifier := QUANTIFIER.match(pattern, position)):
        return quantifier[0], quantifier[0]
    return character, f"\\{character}" if character in "{}]" else character


def _class_at(pattern: str, start: int) -> str:
    position = start + 2 if pattern.startswith("[^", start) else start + 1
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return pattern[start : position + 1]


def _strict_class(piece: str) -> str:
    if piece == "[^]":
        return r"[\s\S]"
    if piece == "[]":
        return r"[^\s\S]"
    opening = "[^" if piece.startswith("[^") else "["
    tokens = re.findall(r"\\.|.", piece[len(opening) : -1], re.DOTALL)
    return opening + "".join(_strict_member(tokens, i) for i in range(len(tokens))) + "]"


def _strict_member(tokens: list[str], i: int) -> str:
    member = tokens[i]
    if member == "-":
        beside = tokens[max(i - 1, 0) : i] + tokens[i + 1 : i + 2]
        loose = len(beside) < 2 or any(CLASS_ESCAPE.fullmatch(neighbour) for neighbour in beside)
        return r"\-" if loose else "-"
    if member == r"\b":
        return r"\x08"
    if SIMPLE_ESCAPE.fullmatch(member):
        return member if member == r"\-" else re.escape(member[1:])
    return rf"\{member}" if member in ("[", "&", "~") else member


# ---- in words

RANGES: Final = {"a-z": "lower-case letters", "A-Z": "upper-case letters", "0-9": "digits"}
SHORTHANDS: Final = {r"\d": "0-9", r"\w": "a-zA-Z0-9_", r"\s": " "}
UNEXPLAINED: Final = re.compile(r"\(\?(?!:)|(?<!\\)\.(?![^\[]*\])|\\[^dws.\-_/+:#@ ]|\[\^|\|")
PIECE: Final = re.compile(r"\[((?:\\.|[^\]\\])*)\]|(\\.)|\(\?:|\{[\d,]*\}|[\^$()?*+]|(.)", re.DOTALL)


def explain_pattern(pattern: str) -> str:
    """Say which characters a simple pattern is made of, as in ``lower-case letters, digits and "-"``; else ``""``."""
    if UNEXPLAINED.search(pattern):
        return ""
    members = "".join(group or "" for groups in PIECE.findall(pattern) for group in groups)
    for shorthand, written in SHORTHANDS.items():
        members = members.replace(shorthand, written)
    words = [word for written, word in RANGES.items() if written in members]
    for written in RANGES:
        members = members.replace(written, "")
    others = re.sub(r"\\(.)", r"\1", members)
    if re.search(r"[A-Za-z0-9]", others):
        return ""
    return _in_words(words, others)


def _in_words(words: list[str], others: str) -> str:
    if words[:2] == ["lower-case letters", "upper-case letters"]:
        words = ["letters", *words[2:]]
    words += [f'"{character}"' if character != " " else "spaces" for character in dict.fromkeys(others)]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
