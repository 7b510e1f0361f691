"""Puts the files that an API definition refers to into it, so that it is complete in one text.

The first reference to a place in another file is replaced by what stands there; later ones point at that. References
within the definition stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.entities.locations import resolve_target
from catalog.entities.refs import LocationRef
from portal.lib.errors import Invalid, TooLarge
from portal.lib.yaml import dump, load

_MOST_FILES = 200
_MOST_REFERENCES = 10_000
_DEEPEST = 200


def bundle(content: bytes, location: LocationRef, read: Callable[[LocationRef], bytes]) -> str:
    """The definition in ``content`` as one YAML text.

    Raises ``Invalid`` when it is no mapping or a reference leads nowhere, ``TooLarge`` when it needs too many files,
    and what ``read`` raises.
    """
    root = load(content)
    if not isinstance(root, dict):
        raise Invalid("the definition is no mapping.")
    bundler = _Bundler(location, root, read)
    return dump(bundler.placed(root, location, "#", 0))


class _Bundler:
    def __init__(self, location: LocationRef, root: Any, read: Callable[[LocationRef], bytes]) -> None:
        self._root = location
        self._read = read
        self._files: dict[LocationRef, Any] = {location: root}
        # Where in the bundle the content of a file's place stands.
        self._places: dict[tuple[LocationRef, str], str] = {}

    def placed(self, value: Any, file: LocationRef, place: str, depth: int) -> Any:
        """``value`` of ``file`` as it stands at ``place`` in the bundle."""
        if depth > _DEEPEST:
            raise TooLarge("its files refer to one another too deeply.")
        if isinstance(value, list):
            return [self.placed(item, file, f"{place}/{number}", depth + 1) for number, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and not (file == self._root and reference.startswith("#")):
            return self._followed(value, reference, file, place, depth)
        return {key: self.placed(item, file, f"{place}/{_escaped(key)}", depth + 1) for key, item in value.items()}

    def _followed(self, value: dict[str, Any], reference: str, file: LocationRef, place: str, depth: int) -> Any:
        address, _hash, pointer = reference.partition("#")
        target = resolve_target(address, file) if address else file
        if target == self._root:
            return {**value, "$ref": f"#{pointer}"}
        known = self._places.get((target, pointer))
        if known:
            return {**value, "$ref": known}
        if len(self._places) >= _MOST_REFERENCES:
            raise TooLarge(f"it holds more than {_MOST_REFERENCES:,} references to other files.")
        self._places[target, pointer] = place
        found = self.placed(_pointed_at(self._file(target), pointer, reference), target, place, depth + 1)
        beside = {key: item for key, item in value.items() if key != "$ref"}
        return {**found, **beside} if beside and isinstance(found, dict) else found

    def _file(self, location: LocationRef) -> Any:
        if location not in self._files:
            if len(self._files) >= _MOST_FILES:
                raise TooLarge(f"it needs more than {_MOST_FILES} files.")
            self._files[location] = load(self._read(location))
        return self._files[location]


def _pointed_at(document: Any, pointer: str, reference: str) -> Any:
    here = document
    for part in filter(None, pointer.split("/")):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif isinstance(here, list) and key.isascii() and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        else:
            raise Invalid(f'the reference "{reference}" leads to nothing.')
    return here


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
