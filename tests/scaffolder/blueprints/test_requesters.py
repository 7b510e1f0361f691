"""Who asks, as the expressions of a template see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.accounts.subjects import system
from scaffolder.blueprints.requesters import user_facts
from tests.conftest import Cast
from tests.factories.catalog import make_entity
from tests.factories.tasks import make_blueprint, make_task

pytestmark = pytest.mark.django_db


def test_it_is_the_linked_entity(cast: Cast, tmp_path: Path) -> None:
    profile = {"email": "MEMBER@example.com", "displayName": "Ada"}
    make_entity(cast.space, "lovelace", "User", memberOf=["crew"], profile=profile)
    task = make_task(cast.subject("member"), make_blueprint(tmp_path, cast.space), cast.space)
    assert task.spec["user"]["ref"] == "user:default/lovelace"
    assert task.spec["user"]["entity"]["spec"] == {"memberOf": ["crew"], "profile": profile}


def test_it_is_made_of_the_account_where_there_is_no_entity_to_be_seen(cast: Cast) -> None:
    make_entity(cast.sibling, "lovelace", "User", profile={"email": "member@example.com"})
    facts = user_facts(cast.subject("member"))
    assert facts["ref"] == "user:default/member"
    assert facts["entity"]["spec"]["profile"]["email"] == "member@example.com"


def test_it_is_nobody_where_no_person_asks() -> None:
    assert user_facts(system()) == {}
