"""The cast and the ground that all tests share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.subjects import Subject, person
from portal.spaces.models import Space
from tests.factories.portal import bind, make_space, make_user

BESIDE = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def beside() -> Path:
    """The folder beside the project with public files to run against; tests that need it skip where it is absent."""
    if not BESIDE.is_dir():
        pytest.skip("no ../shared beside the project")
    return BESIDE


@dataclass
class Cast:
    """Four people and a space: its admin, a writer in it, a stranger from a sibling space, and the admin of root."""

    space: Space
    sibling: Space
    owner: User
    member: User
    stranger: User
    operator: User

    def subject(self, name: str) -> Subject:
        """A fresh subject for ``owner``, ``member``, ``stranger`` or ``operator``."""
        return person(getattr(self, name))


@pytest.fixture
def root(db: None) -> Space:
    """The root space."""
    return Space.objects.get(slug="root")


@pytest.fixture
def cast(root: Space) -> Cast:
    """The four-person cast around the space ``stage`` and its sibling ``wings``."""
    space, sibling = make_space("stage", root), make_space("wings", root)
    people = {name: make_user(name) for name in ("owner", "member", "stranger", "operator")}
    bind(people["owner"], "admin", space)
    bind(people["member"], "writer", space)
    bind(people["stranger"], "admin", sibling)
    bind(people["operator"], "admin", root)
    return Cast(space=space, sibling=sibling, **people)


@pytest.fixture
def as_client(client: Client) -> Callable[[User], Client]:
    """A function that signs the test client in as somebody and returns it."""

    def sign_in(user: User) -> Client:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


# What leans on the server itself (locks, notices, indexes, JSON): run again on the oldest PostgreSQL that is supported.
ON_SERVERS = ("tests/portal/jobs/", "tests/portal/spaces/test_access.py", "tests/catalog/ingestion/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what talks to servers by where it lies."""
    for item in items:
        if item.nodeid.startswith(ON_SERVERS):
            item.add_marker(pytest.mark.servers)
