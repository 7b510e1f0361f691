"""Arrays of big integers that can be asked for."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains, ArrayOverlap  # type: ignore[attr-defined]
from django.db.models import BigIntegerField, Value


class BigIntegerArrayField(ArrayField):  # type: ignore[type-arg]
    """``bigint[]`` whose lookups say of their integers that they have eight bytes.

    Django takes an integer without a type for one of four, and a statement that is prepared on the server believes it.
    """

    def __init__(self, **options: Any) -> None:
        options.pop("base_field", None)
        super().__init__(BigIntegerField(), **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As a plain array: the column is the same."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", list(arguments), options


class _Typed:
    def __init__(self, lhs: Any, rhs: Any) -> None:
        if isinstance(rhs, list | tuple):
            rhs = [Value(item, output_field=BigIntegerField()) if isinstance(item, int) else item for item in rhs]
        super().__init__(lhs, rhs)  # type: ignore[call-arg]


@BigIntegerArrayField.register_lookup
class BigIntegerArrayContains(_Typed, ArrayContains):  # type: ignore[misc]
    """``@>``."""


@BigIntegerArrayField.register_lookup
class BigIntegerArrayOverlap(_Typed, ArrayOverlap):  # type: ignore[misc]
    """``&&``."""
