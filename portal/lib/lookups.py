"""``field__any=values``: one of many values, sent as one array.

``__in`` sends each value by itself. A statement can have 65,535 parameters at most, and one that is prepared for three
values is another than the one for four.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, ForeignObject, Lookup


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``field = ANY(array)``."""

    lookup_name = "any"

    def __init__(self, lhs: Any, rhs: Iterable[Any]) -> None:
        super().__init__(lhs, list(rhs))

    def get_prep_lookup(self) -> list[Any]:
        """Each value as the field has it in the database."""
        field = self.lhs.output_field
        return [field.get_prep_value(value) for value in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The condition and its one parameter, with the type of the column."""
        left, parameters = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        return f"{left} = ANY(%s::{kind}[])", [*parameters, self.rhs]
