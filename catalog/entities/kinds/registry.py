"""The kinds that a catalog knows. An entity of any other kind is refused as foreign."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalog.entities import formats
from catalog.entities.kinds.builtin import BUILTIN_KINDS
from catalog.entities.kinds.declarations import Kind, RelationField
from catalog.entities.kinds.template import TEMPLATE
from portal.lib.errors import Conflict, Invalid

__all__ = ["KINDS", "Kind", "KindRegistry", "RelationField"]

_RELATION_TYPE = re.compile(r"\w+", re.ASCII)


class KindRegistry:
    """Kinds by name and version. Names are compared as they are written, as Backstage does."""

    def __init__(self, kinds: Iterable[Kind] = ()) -> None:
        self._kinds: dict[tuple[str, str], Kind] = {}
        for kind in kinds:
            self.declare(kind)

    def declare(self, kind: Kind) -> None:
        """Add a kind.

        Raises ``Invalid`` when a name, a version, a relation or the schema has not its form, ``Conflict`` when the kind
        exists in one of these versions.
        """
        _check_declaration(kind)
        for version in kind.api_versions:
            if (kind.name, version) in self._kinds:
                raise Conflict(f"The kind {kind.name} is declared already for {version}.")
        self._kinds.update({(kind.name, version): kind for version in kind.api_versions})

    def find(self, name: str, api_version: str) -> Kind | None:
        """The kind of this very name and version."""
        return self._kinds.get((name, api_version))

    def versions_of(self, name: str) -> list[str]:
        """The versions in which the kind exists, in the order of their declaration."""
        return [version for known, version in self._kinds if known == name]

    def spelled(self, name: str) -> str | None:
        """The known kind that differs from ``name`` at most in upper and lower case."""
        return next((known for known, _version in self._kinds if known.lower() == name.lower()), None)

    def __iter__(self) -> Iterator[Kind]:
        return iter(dict.fromkeys(self._kinds.values()))


def _check_declaration(kind: Kind) -> None:
    if not formats.KIND.matches(kind.name):
        raise Invalid(f'"{kind.name}" is no name for a kind; use {formats.KIND.wanted}.')
    for version in kind.api_versions:
        if not formats.API_VERSION.matches(version):
            raise Invalid(f'"{version}" is no version for the kind {kind.name}; use {formats.API_VERSION.wanted}.')
    for relation in kind.relations:
        if not (_RELATION_TYPE.fullmatch(relation.type) and _RELATION_TYPE.fullmatch(relation.inverse)):
            raise Invalid(
                f"The relation of {kind.name}.{relation.field} may have letters, digits and _ in its types only."
            )
    try:
        _ = kind.validator
    except ValueError as error:
        raise Invalid(f"The schema of the kind {kind.name} is no JSON Schema: {error}") from error


# The kinds of Backstage; those that are added later are declared here when the application starts.
KINDS = KindRegistry([*BUILTIN_KINDS, TEMPLATE])
