"""Every address × everybody × every method: the expected status, or the test fails. A new address needs a row."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.conftest import Cast
from tests.contracts import matrix
from tests.contracts.matrix import PEOPLE, Row, Stage
from tests.factories.portal import bind, make_user

pytestmark = pytest.mark.django_db


def rows() -> list[Row]:
    """The rows of all modules."""
    names = [module.name for module in pkgutil.iter_modules(matrix.__path__)]
    return [row for name in sorted(names) for row in importlib.import_module(f"{matrix.__name__}.{name}").ROWS]


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all addresses of the project."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from url_names(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"(unnamed) {pattern.pattern}"


def test_it_has_a_row_for_every_address() -> None:
    assert sorted(set(url_names()) - {row.name for row in rows()}) == []


def test_it_has_no_row_for_what_is_gone() -> None:
    assert sorted({row.name for row in rows()} - set(url_names())) == []


CELLS = [(row, method) for row in rows() for method in row.expected]


@pytest.mark.parametrize(("row", "method"), CELLS, ids=[f"{row.name} {method}" for row, method in CELLS])
def test_it_answers_everybody_as_the_matrix_says(row: Row, method: str, cast: Cast) -> None:
    reader = make_user("reader")
    bind(reader, "reader", cast.space)
    found = []
    for name in PEOPLE:
        with transaction.atomic():
            found.append(_status(row, method, cast, None if name == "anonymous" else getattr(cast, name, reader)))
            transaction.set_rollback(True)
    wanted = [int(word) for word in row.expected[method].split()]
    if os.environ.get("MATRIX_PRINT"):
        print(f"{row.name} {method}: {' '.join(map(str, found))}")  # noqa: T201 (to write rows from, after thinking)
    assert dict(zip(PEOPLE, found, strict=True)) == dict(zip(PEOPLE, wanted, strict=True))


def _status(row: Row, method: str, cast: Cast, user: Any) -> int:
    stage = Stage(cast)
    address = reverse(row.name, kwargs=dict(row.parts(stage))) + row.query
    client = Client(raise_request_exception=True)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    body = dict(row.body(stage))
    if address.startswith("/api/") and method not in ("GET", "HEAD"):
        return client.generic(method, address, json.dumps(body), content_type="application/json").status_code
    if method == "POST":
        return client.post(address, body).status_code
    return client.generic(method, address).status_code
