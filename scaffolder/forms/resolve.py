"""Which fields a schema has right now: conditions and branches resolved against the present values.

As in the form library that Backstage uses: ``allOf`` is merged, ``if``/``then``/``else`` asked, a dependency counts
when its field has a value, a ``oneOf`` inside it takes the one branch that fits that field, and any other
``oneOf``/``anyOf`` is a choice that the person makes, unless a field beside it already tells its branches apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from portal.lib.errors import Invalid

from .checking import follow, is_valid
from .names import Path, name_of
from .ui import Schema, hint, label_of

MAX_NESTING: Final = 12
MAX_PARTS: Final = 20_000
MAX_LEVELS: Final = 12
"""How deep groups and lists are shown; a schema that refers to itself has no end of its own."""
CONDITIONS: Final = ("allOf", "if", "then", "else", "dependencies", "oneOf", "anyOf")
CHOICES: Final = ("oneOf", "anyOf")
CONDITIONS_ONLY: Final = frozenset({"if", "then", "else"})


@dataclass(frozen=True)
class Choice:
    """A ``oneOf`` or ``anyOf`` whose branches have fields; ``names`` are the fields of the branch taken."""

    name: str
    labels: tuple[str, ...]
    selected: int
    names: tuple[str, ...]


@dataclass
class Active:
    """The fields that an object has now. ``schema`` is what remains of it without conditions."""

    schema: Schema
    properties: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    choices: list[Choice] = field(default_factory=list)

    def ordered(self) -> list[str]:
        """The names of the fields as ``ui:order`` wants them; what it does not name comes where its ``*`` is."""
        order = [name for name in hint(self.schema, "order", []) if isinstance(name, str)]
        star = order.index("*") if "*" in order else len(order)
        before = [name for name in order[:star] if name in self.properties]
        after = [name for name in order[star + 1 :] if name in self.properties and name not in before]
        rest = [name for name in self.properties if name not in before and name not in after]
        return list(dict.fromkeys((*before, *rest, *after)))


@dataclass
class Resolver:
    """Resolves the schemas of one page, for one request.

    ``chosen`` are the branches that the person took, by the choice's name. Raises Invalid when references make the
    page grow without end.
    """

    root: Schema
    chosen: Mapping[str, int] = field(default_factory=dict)
    parts: int = 0

    def active(self, schema: Schema | bool, value: Any, path: Path = ()) -> Active:
        """Resolve an object's schema against its present value."""
        active = Active(schema={})
        if len(path) > MAX_LEVELS:
            return active
        values = value if isinstance(value, dict) else {}
        for depth, part in self._parts(schema, values, path, active, 0):
            _merge(active, part, depth)
        for name in sorted(active.required - active.properties.keys()):
            active.properties[name] = self._definition(schema, name, MAX_NESTING) or {"type": "string"}
        active.properties = {name: follow(item, self.root) for name, item in active.properties.items()}
        return active

    def _definition(self, schema: Any, name: str, depth: int) -> Schema | None:
        """What some branch says about a field that is required although no branch that applies has it.

        A person could never send such a form, so the field is shown.
        """
        schema = follow(schema, self.root)
        if depth == 0 or name in _members(schema.get("properties")):
            return _members(_members(schema.get("properties")).get(name)) or None
        self._count_part()
        branches = [part for keyword in ("allOf", *CHOICES) for part in schema.get(keyword, [])]
        branches += [schema.get("then"), schema.get("else"), *_members(schema.get("dependencies")).values()]
        found = (self._definition(branch, name, depth - 1) for branch in branches if isinstance(branch, dict))
        return next((definition for definition in found if definition), None)

    def settle(self, schema: Schema | bool) -> Schema:
        """The schema of a single field: references followed, ``allOf`` merged in."""
        self._count_part()
        settled = follow(schema, self.root)
        for part in settled.get("allOf", []):
            inner = follow(part, self.root)
            if not CONDITIONS_ONLY & inner.keys():
                settled = {**inner, **settled, **{key: inner[key] for key in inner.keys() & {"enum", "const"}}}
        if isinstance(settled.get("items"), dict):
            settled = {**settled, "items": follow(settled["items"], self.root)}
        for keyword in CHOICES:
            if isinstance(settled.get(keyword), list):
                settled = self._settle_branches(settled, keyword)
        return settled

    def branch(self, schema: Schema, keyword: str, selected: int) -> Schema:
        """The schema of one field when this branch of its ``oneOf`` or ``anyOf`` is taken."""
        rest = {key: value for key, value in schema.items() if key not in CHOICES}
        taken = self.settle({**rest, **schema[keyword][selected]})
        if "type" in taken:
            return taken
        return {
            key: value for key, value in taken.items() if key not in ("allOf", *CHOICES)
        }  # no choice inside another

    def _settle_branches(self, schema: Schema, keyword: str) -> Schema:
        """Follow the branches; one that may be null or a single other thing is that other thing."""
        branches = [follow(branch, self.root) for branch in schema[keyword]]
        others = [branch for branch in branches if branch.get("type") != "null"]
        if len(others) == 1 < len(branches) and "type" not in schema:
            return {**others[0], **{key: value for key, value in schema.items() if key != keyword}}
        return {**schema, keyword: branches}

    def _parts(
        self, schema: Any, values: Schema, path: Path, active: Active, depth: int
    ) -> Iterator[tuple[int, Schema]]:
        """All parts of a schema that apply, the outermost first, each without its conditions."""
        schema = follow(schema, self.root)
        if depth > MAX_NESTING or not schema:
            return
        self._count_part()
        yield depth, {key: value for key, value in schema.items() if key not in CONDITIONS}
        inner = [*schema.get("allOf", []), *self._condition(schema, values), *self._dependencies(schema, values)]
        for part in inner:
            yield from self._parts(part, values, path, active, depth + 1)
        for keyword in CHOICES:
            if isinstance(schema.get(keyword), list):
                yield from self._choice(schema[keyword], keyword, values, path, active, depth)

    def _count_part(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Invalid("The form has too many fields; look for a $ref that leads back to itself")

    def _condition(self, schema: Schema, values: Schema) -> list[Any]:
        if "if" not in schema:
            return []
        holds = is_valid(schema["if"], values, self.root)
        return [schema.get("then" if holds else "else", {})]

    def _dependencies(self, schema: Schema, values: Schema) -> Iterator[Any]:
        for key, dependency in _members(schema.get("dependencies")).items():
            if values.get(key) is None:
                continue
            if isinstance(dependency, list):
                yield {"required": dependency}
                continue
            dependency = follow(dependency, self.root)
            yield {name: part for name, part in dependency.items() if name != "oneOf"}
            if isinstance(dependency.get("oneOf"), list):
                yield self._branch_for(key, dependency["oneOf"], values)

    def _branch_for(self, key: str, branches: list[Any], values: Schema) -> Schema:
        """The one branch that fits the field's value, without what it says about that field; none if several do."""
        fitting = []
        for branch in (follow(branch, self.root) for branch in branches):
            properties = _members(branch.get("properties"))
            condition = properties.get(key)
            if condition is not None and is_valid({"properties": {key: condition}}, values, self.root):
                fitting.append({**branch, "properties": {n: item for n, item in properties.items() if n != key}})
        return fitting[0] if len(fitting) == 1 else {}

    def _choice(
        self, branches: list[Any], keyword: str, values: Schema, path: Path, active: Active, depth: int
    ) -> Iterator[tuple[int, Schema]]:
        options = [follow(branch, self.root) for branch in branches]
        if not any(option.get("properties") or set(CONDITIONS) & option.keys() for option in options):
            return  # such branches only say which of the fields belong together
        key = _telling_field(options, active.properties)
        if key is not None:
            yield from self._parts(self._branch_for(key, branches, values), values, path, active, depth + 1)
            return
        name = name_of(path, f"{keyword}{len(active.choices) or ''}")
        selected = self.select(name, options, values)
        labels = tuple(label_of(option, f"Option {i}") for i, option in enumerate(options, start=1))
        place, known = len(active.choices), set(active.properties)
        active.choices.append(Choice(name, labels, selected, ()))
        names: dict[str, None] = {}
        for inner, part in self._parts(options[selected], values, path, active, depth + 1):
            part = {key: value for key, value in part.items() if key not in ("title", "description")}
            names.update(dict.fromkeys(name for name in part.get("properties", {}) if name not in known))
            yield inner, part
        active.choices[place] = Choice(name, labels, selected, tuple(names))

    def select(self, name: str, options: list[Schema], value: Any) -> int:
        """Which branch is taken: the one chosen, else the first that fits the value best."""
        if 0 <= self.chosen.get(name, -1) < len(options):
            return self.chosen[name]
        fits = [self._fitness(option, value) for option in options]
        return fits.index(max(fits))

    def _fitness(self, option: Schema, value: Any) -> tuple[bool, int]:
        known = _members(option.get("properties")).keys() & _members(value).keys()
        return is_valid(option, value, self.root), len(known)


def _members(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _telling_field(options: list[Schema], properties: Mapping[str, Any]) -> str | None:
    """The field outside of the branches for which every branch has a value of its own."""
    for key in properties:
        conditions = [_members(_members(option.get("properties")).get(key)) for option in options]
        if all({"const", "enum"} & condition.keys() for condition in conditions):
            return key
    return None


def _merge(active: Active, part: Schema, depth: int) -> None:
    for name, item in _members(part.get("properties")).items():
        active.properties[name] = {**active.properties.get(name, {}), **_members(item)}
    active.required |= set(part.get("required", []))
    rest = {key: value for key, value in part.items() if key not in ("properties", "required")}
    # what is further out says more about the object itself: its title, its hints
    active.schema = {**rest, **active.schema} if depth else {**active.schema, **rest}
