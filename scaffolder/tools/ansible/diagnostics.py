"""Reads Ansible's errors out of what it prints, for runs that fail before any task reports."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from scaffolder.tools.outcomes import Diagnostic

# The last form is ``ansible-galaxy``'s, which calls what failed a warning.
_ERROR = re.compile(r"^(?:\[ERROR\]: |ERROR! |\[WARNING\]: - (?=\S+ was NOT installed))(.+)")
_ORIGIN = re.compile(r"^Origin: (.+?):(\d+)(?::\d+)?$")
_MOST = 100
_LONGEST_SUMMARY = 500


class ErrorsReader:
    """Takes the lines of one command, gives the errors in them with their places."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._found: list[Diagnostic] = []

    def read(self, line: str) -> None:
        """Look at the next line."""
        if error := _ERROR.match(line):
            if len(self._found) < _MOST:
                self._found.append(Diagnostic("error", error[1][:_LONGEST_SUMMARY]))
        elif self._found and not self._found[-1].file and (origin := _ORIGIN.match(line)):
            file = origin[1].removeprefix(f"{self._project}/")
            self._found[-1] = replace(self._found[-1], file=file, line=int(origin[2]))

    def all(self) -> tuple[Diagnostic, ...]:
        """What was found so far, in order."""
        return tuple(self._found)
