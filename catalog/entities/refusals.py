"""Why a document is no entity: a class of reasons, the field, and words that say what is wrong and what is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.lib.errors import Invalid


class Reason(StrEnum):
    """The classes of refusals, by the stage that refuses."""

    YAML = "yaml"
    ENVELOPE = "envelope"
    POLICY = "policy"
    SCHEMA = "schema"
    FOREIGN_KIND = "foreign kind"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong. ``path`` names the field, as in ``metadata.tags[0]``; empty for the whole document."""

    reason: Reason
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


class Refused(Invalid):
    """An entity is refused; ``refusals`` are all the things that are wrong with it."""

    code = "entity_refused"
    title = "The entity is refused"

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = list(refusals)
        rows = [
            {"field": refusal.path, "message": str(refusal), "reason": refusal.reason.value}
            for refusal in self.refusals
        ]
        super().__init__("; ".join(str(refusal) for refusal in self.refusals), errors=rows)


def path_of(parts: Iterable[str | int]) -> str:
    """The way to a field as people write it: ``spec.dependsOn[1]``, and quotes around keys that hold dots."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif "." in part or not part:
            path += f'["{part}"]'
        else:
            path += f".{part}" if path else part
    return path
