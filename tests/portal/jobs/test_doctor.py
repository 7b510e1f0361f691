"""What the doctor finds."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def look() -> tuple[int, str]:
    """(exit code, what it said)."""
    out = StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as left:
        return int(str(left.code)), out.getvalue()
    return 0, out.getvalue()


def test_it_finds_nothing_wrong_with_a_sound_installation(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.TOFU_BINARY = str(tmp_path)
    assert look() == (0, "Nothing is wrong.\n")


def test_it_says_how_to_get_in_again(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.TOFU_BINARY = str(tmp_path)
    cast.operator.is_active = False
    cast.operator.save()
    code, said = look()
    assert code == 1
    assert "create_admin" in said


def test_it_names_a_missing_tool_and_bad_keys(cast: Cast, settings: Any) -> None:
    settings.TOFU_BINARY, settings.ENCRYPTION_KEYS = "/nowhere/tofu", ["no key"]
    code, said = look()
    assert code == 1
    assert "TOFU_BINARY" in said
    assert "ENCRYPTION_KEYS" in said
