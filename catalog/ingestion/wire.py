"""Locations in the shape of Backstage's API."""

from __future__ import annotations

from typing import Any

from catalog.ingestion.models import Location


def wire_location(location: Location) -> dict[str, Any]:
    """A location as clients know it."""
    return {
        "id": str(location.uid), "type": location.type, "target": location.target, "entityRef": location.entity_ref
    }  # fmt: skip
