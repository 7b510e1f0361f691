"""Addresses of questions about rights."""

from __future__ import annotations

from tests.contracts.matrix import SIGNED_IN, Row

ROWS = [
    Row("explain:tester", SIGNED_IN),
    Row(
        "api-explain",
        {"GET": "401 404 200 200 200 200"},
        query="?permission=space:update&object=space:stage",
    ),
    Row(
        "api-explain-who",
        {"GET": "401 404 403 403 200 200"},
        query="?permission=space:update&object=space:stage",
    ),
]
