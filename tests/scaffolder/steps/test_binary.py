"""Text or not."""

from __future__ import annotations

import pytest

from scaffolder.steps.binary import is_binary


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain\r\n\ttext",
        "Grüße, 世界 🎭".encode(),
        b"\xef\xbb\xbfwith a mark\0",
        b"\xff\xfeu\0t\0f\0",
        "caf\u00e9 in latin".encode("latin-1"),
        ("x" * 511 + "é").encode(),
        ("x" * 511 + "🎭").encode(),
        b"x" * 600 + b"\0",
    ],
)
def test_it_takes_this_for_text(data: bytes) -> None:
    assert not is_binary(data)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4 text", b"GIF89a\0\1", b"\x80\x81\x82 abc", bytes(range(128, 256)), b"\x01\x02\x03abcdef"]
)
def test_it_takes_this_for_binary(data: bytes) -> None:
    assert is_binary(data)
