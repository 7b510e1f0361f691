"""Carries characters past libyaml that it misreads.

libyaml takes U+0085, U+2028 and U+2029 for line ends, as YAML 1.1 did, and refuses U+007F to U+009F, which YAML 1.2
allows in quotes. They travel as characters for private use that the text does not hold, and are put back afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.lib.yaml.documents import Problem

_MISREAD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Planes 15 and 16 hold 131,068 characters for private use; a text of five million bytes cannot hold them all in runs.
_PRIVATE = range(0xF0000, 0x10FFFE)


@dataclass(frozen=True, slots=True)
class Shield:
    """Tables to hide characters before reading and to show them again in what was read."""

    hide: dict[int, int]
    show: dict[int, int]


def shield_for(text: str) -> Shield | None:
    """The shield that ``text`` needs; mostly none."""
    misread = {ord(character) for character in _MISREAD.findall(text)}
    if not misread:
        return None
    taken = set(text)
    free = (code for code in _PRIVATE if chr(code) not in taken)
    hide = dict(zip(sorted(misread), free, strict=False))
    return Shield(hide, {private: code for code, private in hide.items()})


def forbidden_character(text: str, first_line: int) -> Problem | None:
    """The first control character in ``text``, which begins on ``first_line``."""
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start())
    column = found.start() - text.rfind("\n", 0, found.start())
    code = ord(found[0])
    advice = "is this a text file?" if code == 0 else f'remove it, or write it as "\\x{code:02x}" in double quotes'
    return Problem(first_line + line, column, f"the control character U+{code:04X} is not allowed; {advice}")
