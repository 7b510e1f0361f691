"""The API keeps to its own document: no answer of 500 and above, no status and no shape that it does not name.

Examples are drawn from the OpenAPI document itself (property based, with a fixed seed). The default is a few for every
operation; ``make bench`` draws more by ``SCHEMA_EXAMPLES``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import Cast
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "12"))

document = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
document.app = get_wsgi_application()


OPERATIONS = [result.ok() for result in document.get_all_operations()]


@pytest.fixture
def tokens(cast: Cast) -> list[str]:
    """Of the admin of root, and of a writer of one space."""
    return [make_token(cast.operator), make_token(cast.member)]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests stay within the test's transaction, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_it_answers_as_the_document_says(operation: Any, tokens: list[str]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def holds(case: Any) -> None:
        for plain in tokens:
            # What one example changes must not become the next one's world.
            with transaction.atomic():
                case.call_and_validate(headers={"Authorization": f"Bearer {plain}"}, checks=CHECKS)
                transaction.set_rollback(True)

    holds()
