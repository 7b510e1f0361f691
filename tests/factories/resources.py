"""Deployed resources for tests."""

from __future__ import annotations

import uuid
from itertools import count
from typing import Any

from catalog.resources.models import Resource
from catalog.resources.services import StackFacts, Standing, sync_resources
from portal.spaces.models import Space

_numbers = count(1)


def stack_facts(space: Space, **fields: Any) -> StackFacts:
    """What the inventory knows of some stack."""
    number = next(_numbers)
    return StackFacts(
        **{"uid": uuid.uuid4(), "slug": f"stack-{number}", "name": f"Stack {number}", "space": space, **fields}
    )


def make_resource(space: Space, *, entity_ref: str = "", **fields: Any) -> Resource:
    """One resource of a stack of its own."""
    facts = stack_facts(space, entity_ref=entity_ref)
    thing = Standing(**{"address": "bucket.logs", "type": "bucket", "name": "logs", "provider": "cloud", **fields})
    sync_resources(stack=facts, standing=[thing], run_uid=uuid.uuid4(), is_complete=True)
    return Resource.objects.get(stack_uid=facts.uid)
