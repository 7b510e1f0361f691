"""Who signed a delivery: GitHub, Gitea and GitLab, each in its own way, always compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """One host's headers."""

    host: str
    event: str
    proof: str
    delivery: tuple[str, ...]
    prefix: str = ""
    is_signed: bool = True

    def proves(self, given: str, secret: str, body: bytes) -> bool:
        """Whether whoever made ``given`` knows the secret."""
        wanted = secret
        if self.is_signed:
            wanted = self.prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(given.encode(), wanted.encode())


# Gitea sends GitHub's headers too, so it is looked for first.
SCHEMES = (
    Scheme("gitea", "X-Gitea-Event", "X-Gitea-Signature", ("X-Gitea-Delivery",)),
    Scheme("gitlab", "X-Gitlab-Event", "X-Gitlab-Token", ("Idempotency-Key", "X-Gitlab-Event-UUID"), is_signed=False),
    Scheme("github", "X-GitHub-Event", "X-Hub-Signature-256", ("X-GitHub-Delivery",), prefix="sha256="),
)


def scheme_of(headers: Mapping[str, str]) -> Scheme | None:
    """The host that a request seems to come from."""
    return next((scheme for scheme in SCHEMES if scheme.event in headers), None)


def delivery_keys(scheme: Scheme, headers: Mapping[str, str], body: bytes) -> list[str]:
    """By what a delivery is known again.

    SECURITY: its id is not signed, so whoever caught a delivery could send it under another one; a signed body is known
    by itself. GitLab signs nothing: its secret travels along, and its bodies may be equal without being the same.
    """
    found = [f"{name}:{headers[name]}".encode() for name in scheme.delivery if headers.get(name)][:1]
    if scheme.is_signed:
        found.append(body)
    return [hashlib.sha256(item).hexdigest() for item in found]
