"""Where entities may lie: in the space of their location, or below it where an annotation narrows that."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q

from catalog.entities.models import Entity
from portal.spaces.models import SpaceLink

_SHOWN = 20


def entities_astray(space_ids: frozenset[int]) -> list[str]:
    """Entities of these spaces, or of locations of these spaces, that lie outside of their location's space."""
    under = SpaceLink.objects.filter(ancestor=OuterRef("location__space"), descendant=OuterRef("space"))
    touched = Entity.objects.filter(Q(space__in=space_ids) | Q(location__space__in=space_ids))
    astray = touched.exclude(space=F("location__space")).filter(location__isnull=False).exclude(Exists(under))
    rows = astray.order_by("ref").values_list("ref", "space__name")[:_SHOWN]
    # Where the location lies is not said: whoever moves the space may not see it.
    return [f"{ref} lies in “{space}” and comes from a location above it" for ref, space in rows]
