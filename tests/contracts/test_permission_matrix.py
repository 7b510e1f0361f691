"""Every address × everybody × every method: the expected status, or the test fails. A new address needs a row."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.spaces.moves import move_space
from tests.conftest import Cast
from tests.contracts import matrix
from tests.contracts.matrix import OTHERS, PEOPLE, Row, Stage
from tests.factories.portal import bind, make_space, make_token, make_user

pytestmark = pytest.mark.django_db
Ask = Callable[[], Client]
# A page for people, though its address lies among those of programs.
PAGES = {"api-docs"}


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


@pytest.fixture
def everybody(cast: Cast) -> dict[str, Ask]:
    """How each of the cast asks: who it is by name, and what makes the test client theirs."""
    above = make_space("above")
    move_space(subject=system(), space=cast.space, parent=above)
    cast.space.refresh_from_db()
    people = {name: getattr(cast, name) for name in ("stranger", "member", "owner", "operator")}
    for name, role, space in (("reader", "reader", cast.space), ("parent", "admin", above)):
        people[name] = make_user(name)
        bind(people[name], role, space)
    people["outsider"] = make_user("outsider")
    asks: dict[str, Ask] = {"anonymous": Client}
    asks |= {name: partial(_signed_in, user) for name, user in people.items()}
    asks |= {f"token of {name}": partial(_with_token, make_token(user)) for name, user in people.items()}
    asks["reading token of owner"] = partial(_with_token, make_token(cast.owner, "reader", cast.space))
    asks["suspended"] = partial(_suspended, cast.owner, partial(_signed_in, cast.owner))
    asks["token of suspended"] = partial(_suspended, cast.owner, asks["token of owner"])
    return asks


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _with_token(plain: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {plain}"})


def _suspended(user: User, ask: Ask) -> Client:
    client = ask()
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


@pytest.mark.parametrize(("row", "method"), CELLS, ids=[f"{row.name} {method}" for row, method in CELLS])
def test_it_answers_everybody_as_the_matrix_says(row: Row, method: str, cast: Cast, everybody: dict[str, Ask]) -> None:
    found, wanted = {}, {}
    for name in (*PEOPLE, *OTHERS):
        with transaction.atomic():
            found[name], is_api = _status(row, method, cast, everybody[name])
            wanted = row.statuses(method, is_api=is_api)
            transaction.set_rollback(True)
    if os.environ.get("MATRIX_PRINT"):
        differing = {name: status for name, status in found.items() if status != wanted[name]}
        print(f"MATRIX {row.name} {method}: {differing}")  # noqa: T201 (to write rows from, after thinking)
    assert found == wanted


def _status(row: Row, method: str, cast: Cast, ask: Ask) -> tuple[int, bool]:
    """The answer's status, and whether the address is one of programs rather than people."""
    stage = Stage(cast)
    address = reverse(row.name, kwargs=dict(row.parts(stage))) + row.query
    is_api = address.startswith(("/api/", "/scim/")) and row.name not in PAGES
    body = dict(row.body(stage))
    client = ask()
    if is_api and method not in ("GET", "HEAD"):
        answer = client.generic(method, address, json.dumps(body), content_type="application/json")
    elif method == "POST":
        answer = client.post(address, body)
    else:
        answer = client.generic(method, address)
    return answer.status_code, is_api
