"""Login policies for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from portal.accounts.subjects import system
from portal.login_policies.models import LoginPolicy
from portal.login_policies.services import create_policy

_numbers = count(1)


def make_policy(body: str = "allow if true", **values: Any) -> LoginPolicy:
    """An enabled policy of the package ``p``."""
    values = {"name": f"policy {next(_numbers)}", "is_enabled": True, **values}
    return create_policy(subject=system(), body=f"package p\n{body}", **values)
