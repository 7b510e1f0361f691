"""Runs keep the inventory: what stands, what changed, what is gone, and who may see it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from catalog.resources.entries import entity_resources, find_resources, home_health
from catalog.resources.models import Resource
from catalog.resources.querysets import resources_for, with_health
from catalog.resources.services import StackFacts, Standing, doubt_resources, rename_stack, sync_resources
from tests.conftest import Cast
from tests.factories.portal import make_space
from tests.factories.resources import make_resource, stack_facts

pytestmark = pytest.mark.django_db
OLD, NEW = Standing("a.old", "a", "old"), Standing("a.new", "a", "new", attributes={"size": 1})


def sync(facts: StackFacts, *standing: Standing, is_complete: bool = True) -> uuid.UUID:
    run = uuid.uuid4()
    sync_resources(stack=facts, standing=standing, run_uid=run, is_complete=is_complete)
    return run


def test_what_a_complete_run_does_not_name_is_gone(cast: Cast) -> None:
    facts = stack_facts(cast.space)
    sync(facts, OLD, NEW)
    sync(facts, NEW)
    assert [row.address for row in Resource.objects.all()] == ["a.new"]


def test_a_partial_run_takes_nothing_out(cast: Cast) -> None:
    facts = stack_facts(cast.space)
    sync(facts, OLD)
    sync(facts, NEW, is_complete=False)
    assert Resource.objects.count() == 2


def test_the_last_run_is_the_one_that_changed_it(cast: Cast) -> None:
    facts = stack_facts(cast.space)
    first = sync(facts, NEW)
    uid = Resource.objects.get().uid
    sync(facts, NEW)
    assert Resource.objects.get().last_run_uid == first
    third = sync(facts, Standing("a.new", "a", "new", attributes={"size": 2}))
    resource = Resource.objects.get()
    assert (resource.uid, resource.first_run_uid, resource.last_run_uid) == (uid, first, third)


def test_a_renamed_stack_and_a_doubt_show(cast: Cast) -> None:
    resource = make_resource(cast.space)
    rename_stack(stack_uid=resource.stack_uid, name="Net", entity_ref="component:default/net")
    doubt_resources(stack_uid=resource.stack_uid, note="Cut off.")
    resource.refresh_from_db()
    assert (resource.stack_name, resource.entity_ref) == ("Net", "component:default/net")
    assert (resource.health, resource.health_note) == ("unknown", "Cut off.")


def test_what_nobody_looked_at_for_long_is_stale(cast: Cast) -> None:
    fine, broken = make_resource(cast.space), make_resource(cast.space, health="failed")
    Resource.objects.update(checked_at=timezone.now() - timedelta(days=31))
    shown = {row.pk: row.__dict__["shown_health"] for row in with_health(Resource.objects.all())}
    assert shown == {fine.pk: "stale", broken.pk: "failed"}


def request_of(cast: Cast, who: str) -> Any:
    request = RequestFactory().get("/")
    request.subject = cast.subject(who)  # type: ignore[attr-defined]
    return request


def test_an_entity_shows_only_resources_of_visible_stacks(cast: Cast) -> None:
    ref = "component:default/shop"
    mine, other = make_resource(cast.space, entity_ref=ref), make_resource(cast.sibling, entity_ref=ref)
    entity = SimpleNamespace(ref=ref)
    for who, seen in {"member": [mine], "stranger": [other]}.items():
        shown = entity_resources(request_of(cast, who), entity)
        assert shown is not None
        assert (shown["resources"], shown["total"]) == (seen, 1)
    assert entity_resources(request_of(cast, "member"), SimpleNamespace(ref="component:default/none")) is None


def test_counts_search_and_lists_hold_to_rights(cast: Cast) -> None:
    make_resource(cast.space), make_resource(make_space("below", cast.space)), make_resource(cast.sibling)
    for who, number in {"member": 2, "stranger": 1, "operator": 3}.items():
        assert resources_for(cast.subject(who)).count() == number
        card = home_health(request_of(cast, who), None)
        assert card is not None
        assert card["total"] == number
        assert len(find_resources(request_of(cast, who), "logs", 10)) == number


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 3), ("health=failed", 1), ("type=bucket", 2), ("q=main", 1), ("stack=nothing", 0), ("space=below", 1)],
)
def test_filters_narrow_list_api_and_counts(query: str, number: int, cast: Cast, client: Client) -> None:
    make_resource(cast.space)
    make_resource(make_space("below", cast.space), health="failed")
    make_resource(cast.space, address="db.main", type="db", name="main")
    client.force_login(cast.member, backend="django.contrib.auth.backends.ModelBackend")
    assert len(client.get(f"/api/v1/resources/?{query}").json()["results"]) == number
    assert len(client.get(f"/resources/?{query}").context["resources"]) == number
    facets = client.get(f"/api/v1/resources/facets/?{query}").json()
    assert sum(facets["provider"].values()) == number
