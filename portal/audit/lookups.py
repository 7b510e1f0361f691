"""What the trail asks of PostgreSQL beyond Django's own lookups."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import GenericIPAddressField, Lookup


class Within(Lookup):
    """``address__within="10.0.0.0/8"``: the address is in the network (PostgreSQL's ``<<=``)."""

    lookup_name = "within"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The condition."""
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} <<= %s::inet", [*left_params, str(self.rhs)]


class AnyBegins(Lookup):
    """``roles__any_begins="admin@"``: one of the texts of an array begins so."""

    lookup_name = "any_begins"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The condition."""
        left, left_params = self.process_lhs(compiler, connection)
        return f"EXISTS (SELECT FROM unnest({left}) AS item WHERE item ^@ %s)", [*left_params, self.rhs]


def register() -> None:
    """Make them known; called once when the apps are ready."""
    GenericIPAddressField.register_lookup(Within)
    ArrayField.register_lookup(AnyBegins)
