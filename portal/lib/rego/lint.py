"""What no policy may call, found in its text, so that it is refused whichever engine evaluates it."""

from __future__ import annotations

import re

from portal.lib.rego.errors import EngineFailure, Problem, Reason
from portal.lib.rego.modules import MAX_BODY, MAX_LINE

# Each with the reason that its author reads. The child refuses the same names when they are called.
FORBIDDEN = {
    "http.send": "policies make no network requests; put what it needs into the input",
    "net.lookup_ip_addr": "policies make no network requests",
    "opa.runtime": "it would tell the environment of the portal",
    "rego.parse_module": "policies do not load other policies",
    "time.now_ns": "the same input must give the same answer; use the time of the request in the input",
    "rand.intn": "the same input must give the same answer",
    "uuid.rfc4122": "the same input must give the same answer",
    "trace": "there is nobody to read it; try the policy out instead",
    "print": "there is nobody to read it; try the policy out instead",
}
_CODE_OR_NOT = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|#[^\n]*')
_PACKAGE = re.compile(r"^\s*package\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t\r]*$", re.MULTILINE)
# ``http.send``, ``http["send"]`` and both with blanks between.
_PLACES = {
    name: re.compile(
        r"(?<![\w.])" + r"\s*(?:\.\s*|\[\s*[\"`])".join(map(re.escape, name.split("."))) + r"(?![\w])"
        if "." in name
        else rf"(?<![\w.]){name}\s*\("
    )
    for name in FORBIDDEN
}


def code_of(body: str, *, keep_strings: bool = False) -> str:
    """``body`` with comments (and strings, unless kept) blanked out; every character keeps its place."""

    def blank(found: re.Match[str]) -> str:
        if keep_strings and not found[0].startswith("#"):
            return found[0]
        return re.sub(r"[^\n]", " ", found[0])

    return _CODE_OR_NOT.sub(blank, body)


def place_of(body: str, position: int) -> tuple[int, int]:
    """Line and column of a position, from 1."""
    before = body[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def package_of(body: str) -> str:
    """The package of a policy. Raises ``EngineFailure`` where none is named in plain words."""
    found = _PACKAGE.search(code_of(body))
    if found is None:
        raise EngineFailure(Reason.COMPILE, "Name the package in the first line, as in “package callboard”.", line=1)
    return found[1]


def lint(body: str) -> list[Problem]:
    """What in the text must go: sizes that no engine should get, and built-ins that are forbidden."""
    if len(body.encode()) > MAX_BODY:
        return [Problem(0, 0, f"The policy is longer than {MAX_BODY // 1024} KiB; split it.", Reason.TOO_LARGE)]
    for number, line in enumerate(body.split("\n"), 1):
        if len(line) > MAX_LINE:
            return [Problem(number, MAX_LINE, f"A line has at most {MAX_LINE} characters.", Reason.TOO_LARGE)]
    return sorted(_forbidden_in(body), key=lambda row: (row.line, row.column))


def _forbidden_in(body: str) -> list[Problem]:
    plain, with_strings = code_of(body), code_of(body, keep_strings=True)
    rows = []
    for name, pattern in _PLACES.items():
        for found in pattern.finditer(with_strings):
            # A match that begins inside a string is the string's own words.
            if plain[found.start()] != with_strings[found.start()]:
                continue
            line, column = place_of(body, found.start())
            rows.append(Problem(line, column, f"{name} is not allowed: {FORBIDDEN[name]}.", Reason.FORBIDDEN))
    return rows
