"""Reads errors and warnings out of what OpenTofu prints for people, so that a failed run has a reason in one sentence.

The printed form is read, not ``-json``: people get the log they know, and not every command knows ``-json``.
"""

from __future__ import annotations

import re

from scaffolder.tools.outcomes import Diagnostic

_BOX = re.compile(r"^[│╷╵|] ?")
_HEAD = re.compile(r"^(Error|Warning): (.+)")
_ADDRESS = re.compile(r"^  with (\S.*),$")
_PLACE = re.compile(r"^  on (\S.*) line (\d+)[,:]")
_SNIPPET = re.compile(r"^ {1,8}\d+: ")
# Terraform announces errors of the configuration by an error that says nothing else.
_ANNOUNCEMENT = re.compile(r"^(?:OpenTofu|Terraform) encountered problems")
_LONGEST_DETAIL = 500
# A broken project can print thousands; nobody reads past the first few.
_MOST = 100


class DiagnosticsReader:
    """Takes the lines of one command, gives the diagnostics in them."""

    def __init__(self) -> None:
        self._found: list[_Draft] = []
        self._is_open = False

    def read(self, line: str) -> None:
        """Look at the next line."""
        text = _BOX.sub("", line)
        if head := _HEAD.match(text):
            self._is_open = len(self._found) < _MOST
            if self._is_open:
                self._found.append(_Draft(head[1].lower(), head[2].strip()))
        elif self._is_open:
            self._found[-1].take(text)

    def all(self) -> tuple[Diagnostic, ...]:
        """What was found so far, in order."""
        return tuple(draft.finished() for draft in self._found)

    def problem(self) -> str:
        """The first error as one sentence, and how many more there are; empty where there is none."""
        found = [diagnostic for diagnostic in self.all() if diagnostic.severity == "error"]
        if not found:
            return ""
        errors = [error for error in found if not _ANNOUNCEMENT.match(error.summary)] or found
        others = len(errors) - 1
        more = f" (and {others} more error{'s' if others > 1 else ''})" if others else ""
        return f"{errors[0]}{more}"


class _Draft:
    """A diagnostic whose lines are still coming: heading, address, place, source snippet, then paragraphs of detail."""

    def __init__(self, severity: str, summary: str) -> None:
        self.severity, self.summary = severity, summary
        self.address = self.file = ""
        self.line = 0
        self.detail: list[str] = []
        self.is_complete = False

    def take(self, text: str) -> None:
        if match := _ADDRESS.match(text):
            self.address = match[1]
        elif match := _PLACE.match(text):
            self.file, self.line = match[1], int(match[2])
        elif self.detail and not text.strip():
            self.is_complete = True
        elif text.strip() and not text.startswith(" ") and not _SNIPPET.match(text) and not self.is_complete:
            self.detail.append(text.strip())

    def finished(self) -> Diagnostic:
        detail = " ".join(self.detail)
        if len(detail) > _LONGEST_DETAIL:
            detail = detail[:_LONGEST_DETAIL].rstrip() + "…"
        return Diagnostic(self.severity, self.summary, detail, self.file, self.line, self.address)
