"""Asking GitHub's API which organisations and teams somebody is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.identity import guard
from portal.identity.models import IdentityProvider

PAGE = 100
MOST_PAGES = 20


def web_and_api(provider: IdentityProvider) -> tuple[str, str]:
    """The addresses of the site and of its API."""
    if not provider.server:
        return "https://github.com", "https://api.github.com"
    web = provider.server.rstrip("/")
    return web, f"{web}/api/v3"


def groups_of(api: str, access_token: str) -> list[str]:
    """``organisation`` and ``organisation/team`` of everything that the bearer is in.

    Raises ``requests``' errors: without an answer nobody's groups are taken for empty.
    """
    orgs = [str(row["login"]) for row in _rows(f"{api}/user/orgs", access_token)]
    teams = [f"{row['organization']['login']}/{row['slug']}" for row in _rows(f"{api}/user/teams", access_token)]
    return list(dict.fromkeys([*orgs, *teams]))


def _rows(address: str, access_token: str) -> Iterator[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/vnd.github+json"}
    with guard.session() as session:
        for number in range(1, MOST_PAGES + 1):
            answer = session.get(address, params={"per_page": PAGE, "page": number}, headers=headers)
            answer.raise_for_status()
            rows = answer.json()
            yield from rows
            if len(rows) < PAGE:
                return


def groups_now(provider: IdentityProvider, access_token: str) -> list[str] | None:
    """The groups now; None where GitHub no longer takes the token."""
    _, api = web_and_api(provider)
    with guard.session() as session:
        answer = session.get(f"{api}/user", headers={"Authorization": f"Bearer {access_token}"})
    if answer.status_code in {401, 403}:
        return None
    answer.raise_for_status()
    return groups_of(api, access_token)
