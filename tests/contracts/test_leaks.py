"""A person without rights in a space gets the same bytes whether anything is in it or not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from portal.spaces import access
from tests.conftest import Cast
from tests.contracts.matrix import PEOPLE
from tests.contracts.things import addresses, ask, fill, signed_in

pytestmark = pytest.mark.django_db

WORD = "moonflower"
# What differs from answer to answer whoever asks.
OF_THE_MOMENT = re.compile(r'nonce[-=]"?[\w+/=-]+|csrf\w*"?(?: value=|: ?)"\w+"|X-CSRFToken[^}]*')
STRANGER = addresses(PEOPLE.index("stranger"))
SHOWN_TO_OWNER = [
    ("catalog:list", ""),
    ("catalog:locations", ""),
    ("stacks:list", ""),
    ("runs:list", ""),
    ("resources:list", ""),
    ("create:gallery", ""),
    ("tasks:list", ""),
    ("spaces:list", ""),
    ("audit:list", ""),
    ("workloads:list", ""),
    ("ui:search", f"?q={WORD}"),
    ("ui:search_hits", f"?q={WORD}"),
    ("catalog-entities", ""),
    ("catalog-entities-by-query", f"?fullTextFilterFields=metadata.name&fullTextFilterTerm={WORD}"),
    ("catalog-entity-facets", "?facet=metadata.name"),
    ("catalog-locations", ""),
    ("api-stack-list", ""),
    ("api-run-list", ""),
    ("api-resource-list", ""),
    ("api-space-list", ""),
    ("api-binding-list", ""),
    ("api-audit-list", ""),
    ("api-workload-trust-list", ""),
    ("scaffolder-wire:tasks", ""),
]


def _text(answer: Any) -> str:
    raw = b"".join(answer) if answer.streaming else answer.content
    return OF_THE_MOMENT.sub("", raw.decode())


# Pages about the visitor's own sign-in: each has its own session, challenge or secret in it.
OWN = {"accounts:security", "api-session-list", "mfa_activate_totp", "mfa_add_webauthn"}


@time_machine.travel("2026-02-03 04:05:06+00:00", tick=False)
@pytest.mark.parametrize(("name", "query"), STRANGER, ids=[f"{name}{query}" for name, query in STRANGER])
def test_it_answers_a_stranger_the_same_before_and_after(name: str, query: str, cast: Cast) -> None:
    query = query.format(word=WORD)
    before = _text(ask(cast.stranger, name, query))
    fill(cast.space, cast.owner, WORD)
    after = _text(ask(cast.stranger, name, query))
    assert after == before or (name in OWN and WORD not in after)


@pytest.mark.parametrize(("name", "query"), SHOWN_TO_OWNER, ids=[f"{name}{query}" for name, query in SHOWN_TO_OWNER])
def test_it_shows_the_space_s_admin_what_a_stranger_is_not_shown(name: str, query: str, cast: Cast) -> None:
    fill(cast.space, cast.owner, WORD)
    assert f"{WORD}" in _text(ask(cast.owner, name, query)).replace(query, "")


def test_it_gives_a_stranger_nothing_by_reference(cast: Cast) -> None:
    fill(cast.space, cast.owner, WORD)
    body = json.dumps({"entityRefs": [f"component:default/{WORD}"]})
    answer = signed_in(cast.stranger).post(reverse("catalog-entities-by-refs"), body, content_type="application/json")
    assert answer.json()["items"] == [None]


def test_it_hides_every_guarded_model_and_shows_it_to_the_admin(cast: Cast) -> None:
    fill(cast.space, cast.owner, WORD)
    seen = {}
    for policy in access.registered_policies():
        there = policy.model._default_manager.filter(**{policy.space_path: cast.space.pk})
        people = [cast.subject(name) for name in ("owner", "stranger")]
        seen[policy.model.__name__] = tuple(access.visible_to(subject, there).exists() for subject in people)
    assert seen == dict.fromkeys(seen, (True, False))
