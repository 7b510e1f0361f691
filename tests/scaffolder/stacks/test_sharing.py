"""A stack that is shared is shared with what it deployed, as far as was granted."""

from __future__ import annotations

import pytest

from catalog.resources.models import Resource
from catalog.resources.querysets import resources_for
from portal.accounts.subjects import person
from portal.sharing.services import share, unshare
from portal.spaces import access
from tests.conftest import Cast
from tests.factories.portal import make_group
from tests.factories.resources import make_resource
from tests.factories.stacks import make_stack

pytestmark = pytest.mark.django_db


def test_resources_come_with_the_stack_where_they_were_granted(cast: Cast) -> None:
    shared, other = make_stack(cast.space), make_stack(cast.space)
    mine, theirs = make_resource(cast.space), make_resource(cast.space)
    Resource.objects.filter(pk=mine.pk).update(stack_uid=shared.uid)
    Resource.objects.filter(pk=theirs.pk).update(stack_uid=other.uid)
    mine.refresh_from_db()
    crew = make_group("crew", cast.stranger)
    share(subject=person(cast.owner), obj=shared, permissions=["stack:read"], user=cast.stranger)
    assert not resources_for(person(cast.stranger)).exists()
    share(subject=person(cast.owner), obj=shared, permissions=["resource:read"], group=crew)
    assert list(resources_for(person(cast.stranger))) == [mine]
    assert access.can(person(cast.stranger), "resource:read", mine)
    unshare(subject=person(cast.owner), obj=shared, group=crew)
    assert not access.can(person(cast.stranger), "resource:read", mine)
