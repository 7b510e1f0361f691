"""The same answers as Backstage gives about a small catalog, by the plain meaning of filters and fields."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from catalog.entities.fields import parse_fields
from catalog.entities.filter_params import parse_filter_params
from catalog.entities.filters import EVERYTHING, AllOf, Filter, Index, index_rows, matches
from catalog.entities.flatten import flatten
from catalog.entities.locations import generated_location
from catalog.entities.parsing import parse_documents
from catalog.entities.predicates import parse_predicate
from catalog.entities.processing import process
from catalog.entities.refs import Entity, EntityRef, LocationRef
from catalog.entities.relations import Relation
from catalog.entities.stitch import stitch
from portal.lib.errors import Invalid
from tests.conftest import BESIDE

FILE = LocationRef("file", "/catalog/filters-catalog.yaml")
GENERATED = re.compile(r"generated-[0-9a-f]{40}")
# Refused before any question is asked: pages, cursors and bodies are the API's business.
_OTHER = ("limit", "offset", "after", "cursor", "order", "orderField", "totalItems", "fullTextFilterTerm")


@cache
def catalog() -> list[Entity]:
    """The catalog that was asked, as it is served."""
    processed = [process(generated_location(FILE), FILE, _nothing)]
    text = (BESIDE / "oracle" / "filters-catalog.yaml").read_bytes()
    processed += [process(document.entity, FILE, _nothing) for document in parse_documents(text)]
    assert not any(item.refusals for item in processed)
    relations: dict[str, list[Relation]] = defaultdict(list)
    for relation in (relation for item in processed for relation in item.relations):
        relations[relation.source].append(relation)
    return [
        stitch(item.entity, relations[str(EntityRef.of(item.entity))], uid=f"uid-{number}")
        for number, item in enumerate(processed)
    ]


@cache
def indexes() -> list[Index]:
    """The rows of each entity of the catalog."""
    return [index_rows(flatten(entity)) for entity in catalog()]


def _nothing(location: LocationRef) -> bytes:
    raise AssertionError(location)


def vectors(keep: Callable[[dict[str, Any]], bool]) -> pytest.MarkDecorator:
    """The questions that ``keep`` wants, as a parametrization; none where there is nothing beside the project."""
    path = BESIDE / "oracle" / "filters.json"
    found = (
        [vector for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"] if keep(vector)]
        if path.exists()
        else []
    )
    return pytest.mark.parametrize(
        "vector", found, ids=lambda vector: str(vector.get("query") or vector.get("body"))[:80]
    )


def params(vector: dict[str, Any], name: str) -> list[str]:
    """The values of a repeated query parameter."""
    return [value for key, value in vector.get("query", []) if key.removesuffix("[]") == name]


def question(vector: dict[str, Any]) -> Filter:
    """What is asked, from the parameters or from the body."""
    body = vector.get("body") or {}
    asked = [parse_filter_params(params(vector, "filter"))]
    asked += [parse_predicate(body["query"])] if "query" in body else []
    return AllOf(tuple(part for part in asked if part is not None))


def answer(filter_: Filter) -> list[Entity]:
    """The entities that the question finds."""
    return [entity for entity, index in zip(catalog(), indexes(), strict=True) if matches(filter_, index)]


def short(entity: Entity) -> str:
    """The reference of an entity, with the name that stands for the generated one."""
    return GENERATED.sub("generated", str(EntityRef.of(entity)))


def text_filter(vector: dict[str, Any]) -> tuple[str, list[str] | None]:
    """The words that a full-text question looks for, and in which fields."""
    wanted = (vector.get("body") or {}).get("fullTextFilter", {})
    term = wanted.get("term") or "".join(params(vector, "fullTextFilterTerm"))
    fields = wanted.get("fields") or [
        field for value in params(vector, "fullTextFilterFields") for field in value.split(",")
    ]
    return term.strip().lower(), fields or None


def order_field(vector: dict[str, Any]) -> str | None:
    """The one field that by-query orders by, which also hides the entities that lack it."""
    fields = [value.partition(",")[0] for value in params(vector, "orderField")]
    fields += [item["field"] for item in (vector.get("body") or {}).get("orderBy", [])]
    return fields[0].lower() if fields else None


def has_value(entity: Entity, key: str | None) -> bool:
    """Whether an entity can be ordered by ``key``."""
    return key is None or any(value is not None for value in index_rows(flatten(entity)).get(key, ()))


def holds_text(entity: Entity, term: str, fields: list[str]) -> bool:
    """Whether one of the fields holds ``term``; a lone per cent sign is in every text, also in empty ones."""
    index = index_rows(flatten(entity))
    values = [value for field in fields for value in index.get(field.lower(), ()) if value is not None]
    return bool(values) if term == "%" else any(term in value for value in values)


def by_query(vector: dict[str, Any]) -> list[Entity]:
    """What by-query finds in all, over all pages."""
    term, fields = text_filter(vector)
    order = order_field(vector)
    found = [entity for entity in answer(question(vector)) if has_value(entity, order)]
    return [entity for entity in found if not term or holds_text(entity, term, fields or [order or "metadata.uid"])]


@vectors(
    lambda vector: (
        vector["path"] == "/entities"
        and vector["status"] == 200
        and not {"limit", "offset", "after"} & set(dict(vector.get("query", [])))
    )
)
def test_it_finds_the_same_entities(vector: dict[str, Any]) -> None:
    found = answer(question(vector))
    orders = params(vector, "order")
    if len(orders) == 1:  # a single order hides the entities that lack the field, as by-query does
        found = [entity for entity in found if has_value(entity, orders[0].partition(":")[2].lower())]
    projection = parse_fields(params(vector, "fields"))
    if projection:
        assert [projection(entity) for entity in found] == vector["items"]
    else:
        assert sorted(map(short, found)) == sorted(vector["refs"])


@vectors(lambda vector: vector["path"] == "/entities/by-query" and vector["status"] == 200)
def test_it_counts_the_same_entities(vector: dict[str, Any]) -> None:
    found = by_query(vector)
    body = vector.get("body") or {}
    excluded = body.get("totalItems") == "exclude" or params(vector, "totalItems") == ["exclude"]
    assert (0 if excluded else len(found)) == vector["totalItems"]
    pages = [*vector.get("refs", ()), *(ref for page in vector.get("following", ()) for ref in page.get("refs", ()))]
    assert set(pages) <= set(map(short, found))
    if "items" in vector:
        projection = parse_fields(body["fields"])
        assert projection is not None
        expected = sorted(vector["items"], key=json.dumps)
        assert sorted(map(projection, found), key=json.dumps) == expected


@vectors(lambda vector: vector["path"].startswith("/entities/by-refs") and vector["status"] == 200)
def test_it_answers_for_the_same_references(vector: dict[str, Any]) -> None:
    filter_ = parse_filter_params(["kind=api"]) if "filter" in vector["path"] else question(vector)
    found = {short(entity): entity for entity in answer(filter_ or EVERYTHING)}
    items = [found.get(ref) for ref in vector["body"]["entityRefs"]]
    projection = parse_fields(vector["body"].get("fields", []))
    if projection:
        assert [item and projection(item) for item in items] == vector["items"]
    else:
        assert [item and short(item) for item in items] == vector["refs"]


@vectors(lambda vector: vector["path"] == "/entity-facets" and vector["status"] == 200)
def test_it_counts_the_same_values(vector: dict[str, Any]) -> None:
    facets = params(vector, "facet") or vector["body"]["facets"]
    found = [flatten(entity) for entity in answer(question(vector))]
    for facet in facets:
        counted = Counter(
            row.original for rows in found for row in rows if row.key == facet.lower() and row.original is not None
        )
        scrubbed = [[GENERATED.sub("generated", value), count] for value, count in counted.items()]
        assert sorted(scrubbed) == sorted(vector["facets"][facet])


def _is_about_questions(vector: dict[str, Any]) -> bool:
    names = {name for name, _value in vector.get("query", [])} | set(vector.get("body") or {})
    message = str(vector.get("message"))
    asks = bool(names & {"filter", "fields", "query"}) and not names & set(_OTHER)
    return vector["status"] == 400 and asks and "orderBy" not in message and "property 'facets'" not in message


@vectors(_is_about_questions)
def test_it_refuses_the_same_questions(vector: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        _ask(vector)


def _ask(vector: dict[str, Any]) -> Sequence[object]:
    return [question(vector), parse_fields(params(vector, "fields"))]
