"""What kinds of entities there are, what each must say, and how it relates to others."""

from catalog.entities.kinds.registry import KINDS, Kind, KindRegistry, RelationField

__all__ = ["KINDS", "Kind", "KindRegistry", "RelationField"]
