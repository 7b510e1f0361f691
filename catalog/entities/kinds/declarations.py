"""What a kind declares: a JSON Schema of its ``spec``, the fields that are relations, and a sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from catalog.entities.kinds.schemas import ENTITY, Schema


@dataclass(frozen=True, slots=True)
class RelationField:
    """A field of the ``spec`` that names other entities, in a text or a list of texts.

    The entity has the relation ``type`` to each of them, and each has ``inverse`` back. Without ``default_kind`` every
    reference must name its kind.
    """

    field: str
    type: str
    inverse: str
    default_kind: str | None = None


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind in one or more versions of its format. ``icon`` is the name of an icon of the interface."""

    name: str
    api_versions: tuple[str, ...]
    spec: Schema
    relations: tuple[RelationField, ...] = ()
    icon: str = "square"
    description: str = ""

    @cached_property
    def schema(self) -> Schema:
        """The JSON Schema of the whole entity."""
        properties: Mapping[str, Any] = ENTITY["properties"]
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            **ENTITY,
            "required": [*ENTITY["required"], "spec"],
            "properties": {**properties, "spec": self.spec},
        }

    @cached_property
    def validator(self) -> jsonschema_rs.Draft7Validator:
        """The compiled schema; raises ``ValueError`` when it is none."""
        return jsonschema_rs.Draft7Validator(self.schema)
