"""The field model: everything that a template needs to draw a form, with nothing left to decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from scaffolder.expressions.engine import DEFAULT_HOSTS

from .widgets import Widget


@dataclass(frozen=True, slots=True)
class Option:
    """One value to pick; ``value`` is what the control posts."""

    value: str
    label: str
    selected: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Picker:
    """What a picker lets people pick from. ``field`` is Backstage's name of it.

    ``filters`` are alternatives; each maps a key such as ``kind`` or ``spec.type`` to its allowed values, or to
    ``None`` when the key only has to exist. ``owned`` asks for entities that the person owns, ``mine`` for groups of
    theirs. ``settings`` are the ``ui:options`` as they stand.
    """

    field: str
    filters: tuple[Mapping[str, tuple[str, ...] | None], ...] = ()
    default_kind: str = ""
    default_namespace: str = ""
    allows_others: bool = True
    owned: bool = False
    mine: bool = False
    settings: Mapping[str, Any] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list or a map, with the buttons that apply to it. ``key`` is the control of a map's key."""

    index: str
    field: Field
    key: Field | None = None
    can_remove: bool = True
    can_move_up: bool = False
    can_move_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One control, or a group of them.

    - ``name`` is the control's HTML name; a part of a field has a name of its own among ``fields``.
    - ``value`` is the text shown, ``options`` what can be picked; ``checked`` belongs to a checkbox, whose hidden twin
      of the same name posts ``unchecked``. Checkboxes and multiselects have such a twin too; a group, a list and a map
      post it as ``name:list``.
    - ``was`` is posted back by a hidden control ``name:was``, so that what was not touched stays as it was written.
    - ``attributes`` are HTML attributes of the control. A note has no control, but posts its ``value`` hidden.
    - ``fields`` are the members of a group, the parts of a repository address or the fields of a choice taken.
    - ``rows`` are entries; each posts its ``index`` as ``name:item``. The buttons post ``name:add``, and
      ``name:remove``, ``name:up`` or ``name:down`` with the index.
    - ``refreshes`` says that other fields depend on this one: draw the page again when it changes.
    - A ``locked`` control cannot be changed but still has to post its value.
    """

    name: str
    id: str
    widget: Widget
    label: str
    description: str = ""
    help: str = ""
    note: str = ""
    placeholder: str = ""
    shows_label: bool = True
    required: bool = False
    disabled: bool = False
    readonly: bool = False
    autofocus: bool = False
    refreshes: bool = False
    value: str = ""
    checked: bool = False
    unchecked: str = ""
    was: str = ""
    is_set: bool = False
    attributes: Mapping[str, str] = default(default_factory=dict)
    options: tuple[Option, ...] = ()
    picker: Picker | None = None
    fields: tuple[Field, ...] = ()
    rows: tuple[Row, ...] = ()
    can_add: bool = False
    errors: tuple[str, ...] = ()

    @property
    def locked(self) -> bool:
        return self.disabled or self.readonly


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a form. ``errors`` are those that belong to no field on it."""

    number: int
    title: str
    description: str
    fields: tuple[Field, ...]
    errors: tuple[str, ...] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.errors) or any(_has_errors(item) for item in self.fields)


def _has_errors(item: Field) -> bool:
    return bool(item.errors) or any(map(_has_errors, item.fields)) or any(_has_errors(row.field) for row in item.rows)


@dataclass(frozen=True, slots=True)
class FieldError:
    """Something wrong with a value. ``field`` is the name of its control, ``""`` for the page as a whole."""

    field: str
    message: str
    page: int


class Everything(frozenset[str]):
    """Contains every name: a form whose fields have all been shown, so that no default is put in again."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class FormState:
    """What the person did so far beyond the values: the controls that they have seen, and the branches taken.

    A field that was seen and left empty stays empty; one that was not yet seen shows its default.
    """

    seen: Collection[str] = frozenset()
    chosen: Mapping[str, int] = default(default_factory=dict)


ALL_SEEN = FormState(seen=Everything())

Suggest = Callable[[Picker], Sequence[Option]]


def no_suggestions(_picker: Picker) -> Sequence[Option]:
    """Suggest nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a form needs of the portal around it.

    ``hosts`` are the repository hosts with their kind of integration, ``suggest`` finds what a picker offers,
    ``kept_secrets`` are the secrets that were entered before and are not shown again.
    """

    hosts: Mapping[str, str] = default(default_factory=lambda: dict(DEFAULT_HOSTS))
    suggest: Suggest = no_suggestions
    kept_secrets: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Submission:
    """What was posted. ``values`` and ``secrets`` of the page; ``pressed`` when a button only changed its rows."""

    values: dict[str, Any]
    secrets: dict[str, str]
    state: FormState
    pressed: bool = False
