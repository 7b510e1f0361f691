"""Filling in a blueprint's form in the browser's way: page by page, wrong, back, review, start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from scaffolder.blueprints.models import Draft
from scaffolder.blueprints.reading import Blueprint
from scaffolder.tasks.models import Task
from tests.conftest import Cast
from tests.factories.catalog import make_entity

pytestmark = pytest.mark.django_db
Make = Callable[..., Blueprint]
SignIn = Callable[[User], Client]
SECRET = "swordfish-of-the-seven-seas"
PAGES = [
    {
        "title": "Basics",
        "required": ["name"],
        "properties": {"name": {"type": "string", "title": "Name", "maxLength": 5}},
    },
    {
        "title": "More",
        "properties": {
            "words": {"type": "array", "items": {"type": "string"}, "title": "Words"},
            "key": {"type": "string", "title": "Key", "ui:field": "Secret"},
            "fancy": {"type": "boolean", "title": "Fancy"},
        },
        "dependencies": {
            "fancy": {
                "oneOf": [
                    {"properties": {"fancy": {"const": True}, "hat": {"type": "string", "title": "Which hat"}}},
                    {"properties": {"fancy": {"const": False}}},
                ]
            }
        },
    },
]
START = "/create/templates/default/form/"


@pytest.fixture
def form(blueprint: Make) -> Blueprint:
    return blueprint(name="form", parameters=PAGES)


def text(response: Any) -> str:
    body: str = response.content.decode()
    return body


def test_it_goes_through_the_pages_to_a_task(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    client = as_client(cast.member)
    second = client.post(START, {"name": "ada"})
    assert second.status_code == 302
    review = client.post(second["Location"], {"key": SECRET, "fancy": ["", "true"], "hat": "top"})
    page = client.get(review["Location"])
    assert "top" in text(page)
    assert SECRET not in text(page)
    done = client.post(review["Location"], {"space": "stage"})
    task = Task.objects.get()
    assert done["Location"] == f"/create/tasks/{task.uid}/"
    assert task.spec["parameters"] == {"name": "ada", "fancy": True, "hat": "top"}
    assert (task.space, task.spec["secretNames"]) == (cast.space, ["key"])
    assert not Draft.objects.exists()


def test_it_keeps_what_was_entered_when_something_is_wrong(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    answer = as_client(cast.member).post(START, {"name": "far too long"})
    assert answer.status_code == 422
    assert 'value="far too long"' in text(answer)
    assert "Some fields need another look" in text(answer)
    assert not Draft.objects.exists()


def test_it_adds_and_removes_rows_without_script(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    client = as_client(cast.member)
    second = client.post(START, {"name": "ada"})["Location"]
    answer = client.post(second, {"words:list": "", "words:add": "1"})
    assert answer.status_code == 200
    assert 'name="words.0"' in text(answer)


def test_it_draws_the_page_again_as_fields_change(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    client = as_client(cast.member)
    second = client.post(START, {"name": "ada"})["Location"]
    answer = client.post(second, {"fancy": ["", "true"], "_act": "refresh"}, headers={"HX-Request": "true"})
    assert "Which hat" in text(answer)
    assert "<html" not in text(answer)


def test_it_shows_drafts_to_nobody_else(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    second = as_client(cast.member).post(START, {"name": "ada"})["Location"]
    assert as_client(cast.operator).get(second).status_code == 404


def test_it_goes_straight_to_the_review_of_a_form_without_pages(cast: Cast, blueprint: Make, as_client: SignIn) -> None:
    blueprint(name="bare", parameters=[])
    answer = as_client(cast.member).get("/create/templates/default/bare/", follow=True)
    assert "asks for nothing" in text(answer)


def test_it_offers_the_spaces_in_which_one_may_start_something(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    client = as_client(cast.member)
    second = client.post(START, {"name": "ada"})["Location"]
    page = text(client.get(client.post(second, {})["Location"]))
    assert 'value="stage"' in page
    assert 'value="wings"' not in page


def test_it_refuses_to_start_in_a_space_of_others(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    client = as_client(cast.member)
    second = client.post(START, {"name": "ada"})["Location"]
    answer = client.post(client.post(second, {})["Location"], {"space": "wings"})
    assert answer.status_code == 404
    assert not Task.objects.exists()


def test_it_offers_pickers_what_the_person_may_see(cast: Cast, blueprint: Make, as_client: SignIn) -> None:
    make_entity(cast.space, "visible")
    make_entity(cast.sibling, "theirs-alone")
    picker = {"type": "string", "ui:field": "EntityPicker", "ui:options": {"catalogFilter": {"kind": "Component"}}}
    blueprint(name="pick", parameters=[{"title": "Pick", "properties": {"component": picker}}])
    page = text(as_client(cast.member).get("/create/templates/default/pick/"))
    assert "component:default/visible" in page
    assert "theirs-alone" not in page


def test_it_says_what_is_wrong_with_a_broken_schema(cast: Cast, blueprint: Make, as_client: SignIn) -> None:
    blueprint(
        name="broken", parameters=[{"title": "x", "properties": {"a": {"$ref": "https://elsewhere.example/s.json"}}}]
    )
    answer = as_client(cast.member).get("/create/templates/default/broken/")
    assert answer.status_code == 400
    assert "elsewhere" in text(answer)


def test_it_lists_in_the_gallery_what_one_may_see(cast: Cast, form: Blueprint, as_client: SignIn) -> None:
    assert "Form" in text(as_client(cast.member).get("/create/"))
    assert START not in text(as_client(cast.stranger).get("/create/"))
    assert START not in text(as_client(cast.member).get("/create/?type=website"))
