"""Providers for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from catalog.providers.models import Provider
from catalog.providers.services import create_provider
from portal.accounts.subjects import system
from portal.spaces.models import Space

_numbers = count(1)


def make_provider(space: Space, name: str = "", kind: str = "push", secret: str = "", **options: Any) -> Provider:
    """A provider that has given nothing yet."""
    name = name or f"provider-{next(_numbers)}"
    return create_provider(
        subject=system(), name=name, kind=kind, space=space, options=options, secret=secret, publish=False
    )


def component(name: str, **spec: Any) -> dict[str, Any]:
    """A component as a program would push it; ``metadata`` in ``spec`` adds to its metadata."""
    metadata = {"name": name, **spec.pop("metadata", {})}
    body = {"type": "service", "lifecycle": "production", "owner": "team-a", **spec}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata, "spec": body}
