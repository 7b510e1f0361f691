"""The read side of the API beside what Backstage answers to the same questions about the same catalog."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from portal.spaces.models import Space
from tests.conftest import Cast
from tests.factories.catalog import make_location
from tests.factories.portal import make_token

# Where we answer otherwise on purpose.
DIFFERENT = {
    '"fullTextFilterTerm", "%"': "a percent sign is a percent sign",
}


def short(entity: Any) -> str | None:
    """The reference of an entity, as the recorded answers write it."""
    meta = (entity or {}).get("metadata") or {}
    if not meta.get("name"):
        return None
    ref = f"{entity['kind']}:{meta.get('namespace', 'default')}/{meta['name']}".lower()
    return re.sub(r"/generated-[0-9a-f]{40}$", "/generated", ref)


def scrub(value: Any) -> Any:
    return json.loads(re.sub(r"generated-[0-9a-f]{40}", "generated", json.dumps(value)))


class Asked:
    """One recorded question, put to us."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, query: Any = (), body: Any = None) -> tuple[int, Any]:
        address = "/api/catalog" + path
        if query:
            address += ("&" if "?" in path else "?") + urlencode([tuple(pair) for pair in query])
        if method == "GET":
            answer = self.client.get(address, headers=self.headers)
        else:
            answer = self.client.post(address, json.dumps(body), "application/json", headers=self.headers)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        try:
            return answer.status_code, json.loads(text)
        except ValueError:
            return answer.status_code, None


def differences(vector: dict[str, Any], status: int, body: Any) -> list[Any]:
    """What is wanted and what came, where they differ."""
    if vector["status"] != status:
        return [vector["status"], status, body]
    if status >= 400:
        return []
    if "facets" in vector:
        got: Any = {
            key: sorted(([row["value"], row["count"]] for row in rows), key=str)
            for key, rows in scrub(body["facets"]).items()
        }
        return [] if got == vector["facets"] else [vector["facets"], got]
    if "ancestry" in vector:
        items = sorted([short(item["entity"]), item["parentEntityRefs"]] for item in body["items"])
        got = scrub({"root": body["rootEntityRef"], "items": items})
        return [] if got == vector["ancestry"] else [vector["ancestry"], got]
    items = body if isinstance(body, list) else body.get("items", [body])
    if "items" in vector:
        got = sorted(scrub(items), key=json.dumps) if vector.get("unordered") else scrub(items)
        return [] if got == vector["items"] else [vector["items"], got]
    refs: Any = [item and short(item) for item in items]
    if vector.get("unordered"):
        refs = sorted(refs)
    if vector.get("ties"):
        place, groups = 0, []
        for group in vector["ties"]:
            groups += sorted(refs[place : place + len(group)])
            place += len(group)
        refs = groups + refs[place:]
    same = refs == vector["refs"]
    if "totalItems" in vector:
        same = same and body["totalItems"] == vector["totalItems"]
    if "next" in vector and isinstance(body, dict) and "pageInfo" in body:
        info = body["pageInfo"]
        same = same and vector["next"] == ("nextCursor" in info) and vector["prev"] == ("prevCursor" in info)
    return [] if same else [vector["refs"], vector.get("totalItems"), refs, body if len(str(body)) < 500 else "…"]


@pytest.fixture
def catalog(cast: Cast, root: Space, beside: Path, client: Client) -> Asked:
    location = make_location(root, beside / "oracle" / "filters-catalog.yaml")
    assert not location.error
    return Asked(client, make_token(cast.operator))


def test_it_answers_as_backstage_does(catalog: Asked, beside: Path) -> None:
    vectors = json.loads((beside / "oracle" / "filters.json").read_text("utf-8"))["vectors"]
    failed = []
    for vector in vectors:
        if any(mark in json.dumps(vector.get("query", "")) for mark in DIFFERENT):
            continue
        status, body = catalog.ask(vector["method"], vector["path"], vector.get("query"), vector.get("body"))
        found = differences(vector, status, body)
        if found:
            failed.append((vector["method"], vector["path"], vector.get("query"), vector.get("body"), found))
    assert not failed, f"{len(failed)} of {len(vectors)}:\n" + "\n".join(map(str, failed))


def test_it_walks_through_pages_and_back(catalog: Asked, beside: Path) -> None:
    vectors = json.loads((beside / "oracle" / "filters.json").read_text("utf-8"))["vectors"]
    walked = 0
    for vector in vectors:
        following = [page for page in vector.get("following", ()) if page["status"] == 200]
        if not following or vector["method"] != "GET" or not any(name == "orderField" for name, _ in vector["query"]):
            continue
        _, body = catalog.ask("GET", vector["path"], vector["query"])
        limit = dict(vector["query"])["limit"]
        for page in following:
            cursor = [("cursor", body["pageInfo"]["nextCursor"]), ("limit", limit)]
            status, body = catalog.ask("GET", vector["path"], cursor)
            assert not differences(page, status, body), (vector["query"], page)
        if vector.get("back"):
            cursor = [("cursor", body["pageInfo"]["prevCursor"]), ("limit", limit)]
            status, body = catalog.ask("GET", vector["path"], cursor)
            assert not differences(vector["back"], status, body), (vector["query"], "back")
        walked += 1
    assert walked
