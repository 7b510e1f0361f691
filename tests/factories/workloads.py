"""Trusts for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from portal.accounts.subjects import system
from portal.spaces.models import Space
from portal.workloads.models import Trust
from portal.workloads.services import create_trust

_numbers = count(1)
AUDIENCE = "https://portal.example.com"


def make_trust(space: Space, name: str = "", **values: Any) -> Trust:
    """A trust in ``space`` whose jobs have no role yet."""
    facts = {
        "name": name or f"trust {next(_numbers)}", "issuer": "https://ci.example.com", "audience": AUDIENCE,
        "subject_pattern": "repo:acme/shop:*", **values,
    }  # fmt: skip
    return create_trust(subject=system(), space=space, **facts)
