"""What a reader of a definition gives, whatever its format: operations in groups, and the types that they speak of.

Everything in it is other people's text: plain strings that templates escape, bounded in number and length.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_OPERATIONS = 250
MOST_TYPES = 400
MOST_TEXT = 4000
MOST_NAME = 200


def words(value: object, most: int = MOST_TEXT) -> str:
    """``value`` where it is a text, cut; a number as a text; else nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"


@dataclass(frozen=True, slots=True)
class Shape:
    """A type as it is told: its words, perhaps a link to where it is described, and what it is made of.

    ``target`` is the anchor of a described type, ``notes`` are constraints such as "at most 20 characters", ``label``
    says what ``parts`` without names are, as in "one of".
    """

    text: str
    target: str = ""
    notes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    label: str = ""
    parts: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A named part of a type, or a parameter; ``place`` is where a parameter goes."""

    name: str
    shape: Shape
    is_required: bool = False
    is_deprecated: bool = False
    description: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What goes in or comes out: ``title`` is a media type or the name of a message."""

    title: str
    shape: Shape
    description: str = ""
    fields: tuple[Field, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A possible answer of an operation."""

    status: str
    description: str = ""
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does. ``tone`` colours its ``method``."""

    method: str
    address: str
    anchor: str
    summary: str = ""
    description: str = ""
    tone: str = "neutral"
    is_deprecated: bool = False
    security: tuple[str, ...] = ()
    parameters: tuple[Field, ...] = ()
    bodies: tuple[Body, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together."""

    name: str
    description: str = ""
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A type with a name. ``sort`` is what it is, such as "enum" or "message"."""

    name: str
    anchor: str
    shape: Shape
    sort: str = ""
    description: str = ""


@dataclass(slots=True)
class Outline:
    """A definition, read. ``notes`` say what is left out and what could not be followed."""

    title: str = ""
    version: str = ""
    format: str = ""
    description: str = ""
    servers: list[tuple[str, str]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    types: list[Described] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def operation_count(self) -> int:
        """How many operations are told."""
        return sum(len(group.operations) for group in self.groups)


class Anchors:
    """Places on the page, each once, whatever things are called."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, sort: str, name: str) -> str:
        """The anchor of ``name`` among things of its sort; always the same for the same name."""
        return self._known.setdefault((sort, name), f"{sort}-{len(self._known) + 1}")
