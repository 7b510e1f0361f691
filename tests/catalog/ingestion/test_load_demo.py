"""The demo's company."""

from __future__ import annotations

import json

from catalog.entities.models import Entity
from catalog.ingestion.demo import FILES, load
from catalog.ingestion.models import Problem
from portal.accounts.subjects import system
from tests.conftest import Cast


def test_it_loads_a_whole_company(cast: Cast) -> None:
    locations = load(subject=system(), space=cast.space, spaces={"rigging": cast.sibling})
    assert len(locations) == len(FILES)
    assert not Problem.objects.exists()
    entities = Entity.objects.exclude(kind="Location")
    assert entities.count() >= 40
    assert entities.get(name="platform").space == cast.sibling
    refs = set(Entity.objects.values_list("ref", flat=True))
    targets = {row["targetRef"] for entity in entities for row in json.loads(entity.served)["relations"]}
    assert targets <= refs
    assert load(subject=system(), space=cast.space)[0].pk == locations[0].pk
    assert entities.count() >= 40
