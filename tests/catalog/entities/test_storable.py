"""What no entity may hold."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.refusals import Reason
from catalog.entities.storable import check_depth, check_storable
from portal.lib.errors import TooLarge
from tests.catalog.entities.samples import entity


def nested(levels: int) -> Any:
    """A text within so many lists."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def test_it_refuses_deep_values() -> None:
    check_depth(nested(100))
    with pytest.raises(TooLarge, match="more than 100 levels deep"):
        check_depth({"a": nested(100)})


@pytest.mark.parametrize("levels", [100, 5000])
def test_it_tells_of_deep_values(levels: int) -> None:
    (refusal,) = check_storable(entity(deep=nested(levels)))
    assert refusal.reason is Reason.POLICY
    assert "more than 100 levels deep" in str(refusal)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"a": ["ok", "x\x00"]}, "spec.a[1] holds the character U+0000, which cannot be stored; remove it"),
        ({"a": {"b": "\ud800"}}, "spec.a.b holds half a character (U+D800), which cannot be stored; remove it"),
        ({"a": {"k\udfff": {"c": 1}}}, "spec.a holds half a character (U+DFFF)"),
        ({"a": {"k\udfff": "\x00"}}, "spec.a holds half a character (U+DFFF)"),
    ],
)
def test_it_names_characters_that_have_no_place(spec: dict[str, Any], words: str) -> None:
    assert str(check_storable(entity(**spec))[0]).startswith(words)


def test_it_takes_everything_else() -> None:
    assert check_storable(entity(a="\\u0000", b="\x01\x7f\uffff\U0001f680 \\ud800", c=[1.5, None, True])) == []
