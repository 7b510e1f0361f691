"""Relations tell nobody of entities that they may not see: neither by their names, nor by how many there are."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from tests.conftest import Cast
from tests.contracts.test_leaks import OF_THE_MOMENT
from tests.contracts.things import signed_in
from tests.factories.catalog import make_entity

pytestmark = pytest.mark.django_db
WORD = "moonflower"
CREW = "group:default/crew"
ASKED = [
    "/api/catalog/entities",
    "/api/catalog/entities?filter=kind=group&fields=relations",
    f"/api/catalog/entities?filter=relations.ownerof=component:default/{WORD}",
    "/api/catalog/entities/by-query?limit=5",
    f"/api/catalog/entities/by-query?fullTextFilterTerm={WORD}",
    f"/api/catalog/entities/by-query?fullTextFilterTerm={WORD}&fullTextFilterFields=relations.ownerof",
    "/api/catalog/entities/by-query?orderField=relations.ownerof,asc",
    "/api/catalog/entities/by-name/group/default/crew",
    "/api/catalog/entities/by-name/group/default/crew/ancestry",
    "/api/catalog/entity-facets?facet=relations.ownerof",
    "/api/catalog/entity-facets?facet=relations.ownerof&filter=kind=group",
    "/catalog/group/default/crew/",
    f"/search/?q={WORD}",
    "/catalog/",
]


def _texts(cast: Cast) -> list[str]:
    client = signed_in(cast.stranger)
    refs = json.dumps({"entityRefs": [CREW]})
    answers: list[Any] = [client.get(address) for address in ASKED]
    answers.append(client.post(reverse("catalog-entities-by-refs"), refs, content_type="application/json"))
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    raw = [b"".join(answer) if answer.streaming else answer.content for answer in answers]
    return [text.decode() for text in raw]


def test_an_entity_says_nothing_of_what_points_at_it_from_elsewhere(cast: Cast) -> None:
    make_entity(cast.sibling, "crew", "Group")
    make_entity(cast.space, WORD, owner=CREW)
    for address, text in zip([*ASKED, "by-refs"], _texts(cast), strict=True):
        shown = text.replace(f"fullTextFilterTerm={WORD}", "").replace(f'value="{WORD}"', "").replace(f"“{WORD}”", "")
        assert f"component:default/{WORD}" not in shown, address


@time_machine.travel("2026-02-03 04:05:06+00:00", tick=False)
def test_its_answers_are_the_same_to_the_byte_with_and_without_it(cast: Cast) -> None:
    make_entity(cast.sibling, "crew", "Group")
    before = [OF_THE_MOMENT.sub("", text) for text in _texts(cast)]
    make_entity(cast.space, WORD, owner=CREW)
    after = [OF_THE_MOMENT.sub("", text) for text in _texts(cast)]
    for address, was, is_now in zip([*ASKED, "by-refs"], before, after, strict=True):
        assert is_now == was, address


def test_whoever_sees_both_is_told(cast: Cast) -> None:
    make_entity(cast.sibling, "crew", "Group")
    make_entity(cast.space, WORD, owner=CREW)
    make_entity(cast.sibling, "open", owner=CREW)
    answer = signed_in(cast.operator).get("/api/catalog/entities/by-name/group/default/crew").json()
    assert [row["targetRef"] for row in answer["relations"]] == [
        "component:default/moonflower",
        "component:default/open",
    ]
    answer = signed_in(cast.stranger).get("/api/catalog/entities/by-name/group/default/crew").json()
    assert [row["targetRef"] for row in answer["relations"]] == ["component:default/open"]
    counted = signed_in(cast.stranger).get("/api/catalog/entity-facets?facet=relations.ownerOf").json()
    assert counted["facets"]["relations.ownerOf"] == [{"value": "component:default/open", "count": 1}]
    for word, found in (("open", 1), (WORD, 0)):
        path = f"/api/catalog/entities?limit=9&filter=relations.ownerOf=component:default/{word}"
        assert len(signed_in(cast.stranger).get(path).json()) == found
