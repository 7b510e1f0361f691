"""Rows of the links between accounts and the catalog."""

from __future__ import annotations

from typing import Any

from catalog.people.models import RuleOrder
from tests.contracts.matrix import API_SIGNED_IN, Row, Stage, nothing

ROOT_PAGE = {"GET": "302 404 404 404 404 200"}
ROOT_POST = {"POST": "302 404 404 404 404 302"}
ROOT_API = {"GET": "401 404 404 404 404 200"}


def _set(stage: Stage) -> dict[str, Any]:
    """Rules that an admin has set, so that there is something to go back from."""
    stage.once("rule order", lambda: RuleOrder.objects.create(pk=1, rules=["name"]))
    return {}


ROWS = [
    Row("catalog_links:list", ROOT_PAGE),
    Row("catalog_links:rules", ROOT_POST, nothing, lambda stage: {"rule_0": "name"}),
    Row("catalog_links:rules_reset", ROOT_POST, _set),
    Row("api-people-me", API_SIGNED_IN),
    Row("api-catalog-links", ROOT_API),
    Row(
        "api-catalog-link-rules",
        ROOT_API | {"PUT": "401 404 404 404 404 200", "DELETE": "401 404 404 404 404 204"},
        _set,
        lambda stage: {"rules": ["email"]},
    ),
]
