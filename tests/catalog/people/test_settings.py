"""The rules of the settings: a wrong word stops the start."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import env

RULES = ("annotation", "email", "name")


@pytest.mark.parametrize(
    ("text", "expected"), [(None, list(RULES)), ("name, email", ["name", "email"]), ("", []), ("email", ["email"])]
)
def test_it_reads_some_of_the_words(monkeypatch: pytest.MonkeyPatch, text: str | None, expected: list[str]) -> None:
    if text is not None:
        monkeypatch.setenv("PEOPLE_RULES", text)
    assert env.some_of("PEOPLE_RULES", *RULES) == expected


@pytest.mark.parametrize("text", ["age", "name,name", "email,username"])
def test_it_refuses_other_words(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PEOPLE_RULES", text)
    with pytest.raises(ImproperlyConfigured, match="PEOPLE_RULES"):
        env.some_of("PEOPLE_RULES", *RULES)
