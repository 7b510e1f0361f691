"""The public conformance tester against our doors, in the portal's own application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from tests.conftest import Cast
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of_the_provider(cast: Cast) -> Iterator[Any]:
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    client = WSGISCIMClient(
        get_wsgi_application(), base_url="http://localhost/scim/v2",
        headers={"Authorization": f"Bearer {make_token(cast.operator)}"},
    )  # fmt: skip
    client.discover()
    yield client
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_it_passes_every_check_of_the_tester(client_of_the_provider: Any) -> None:
    results = check_server(client_of_the_provider)
    wrong = [f"{row.title}: {row.reason}" for row in results if row.status in (Status.ERROR, Status.CRITICAL)]
    assert not wrong, "\n".join(wrong)
    assert len([row for row in results if row.status == Status.SUCCESS]) > 100
