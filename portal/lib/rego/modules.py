"""The texts that an evaluation is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_BODY = 64 * 1024
# One long line costs the parser more than many short ones, and nobody can read it.
MAX_LINE = 1000


class Version(StrEnum):
    """Which Rego the text is written in."""

    V0 = "v0"
    V1 = "v1"


@dataclass(frozen=True, slots=True)
class Module:
    """One text of Rego; ``name`` is how messages call it."""

    body: str
    version: Version = Version.V1
    name: str = "policy.rego"


def helpers_for(package: str) -> Module:
    """What every policy of ``package`` may use: ``sanitized(x)``, the last 8 hexadecimal digits of its SHA-256.

    Equal values stay equal and can be compared between policies; what they were is not told.
    """
    body = f"package {package}\n\nimport rego.v1\n\nsanitized(x) := substring(crypto.sha256(x), 56, 8)\n"
    return Module(body, Version.V1, "helpers.rego")
