"""Catalogs of public projects, read as a folder each, beside the relations that Backstage shows for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.entities.models import Entity
from portal.spaces.models import Space
from tests.conftest import BESIDE
from tests.factories.catalog import make_location

FOLDERS = sorted(path.name for path in (BESIDE / "corpus" / "catalogs").glob("*")) if BESIDE.is_dir() else ["absent"]
# Files that are no catalog files by name or content are not read, though the recorded answers judge them too.


@pytest.mark.parametrize("name", FOLDERS)
def test_it_reads_every_folder(name: str, root: Space, beside: Path) -> None:
    location = make_location(root, beside / "corpus" / "catalogs" / name)
    assert location.state == "read"
    golden_file = beside / "oracle" / "catalog" / f"{name}.json"
    if not golden_file.is_file():
        return
    golden = json.loads(golden_file.read_text("utf-8"))
    doubled = set(golden.get("duplicates", {}))
    wanted = {
        document["entityRef"]: file["file"]
        for file in golden["files"]
        for document in file["documents"]
        if document["accepted"] and document.get("entityRef") and document["entityRef"] not in doubled
    }
    served = dict(Entity.objects.values_list("ref", "served"))
    missing = {ref: file for ref, file in wanted.items() if ref not in served}
    assert not missing
    wrong = []
    for ref in wanted:
        relations = json.loads(served[ref])["relations"]
        got = sorted([row["type"], row["targetRef"]] for row in relations if row["targetRef"] not in doubled)
        want = sorted(row for row in map(list, golden["stitched"].get(ref, [])) if row[1] not in doubled)
        if got != want:
            wrong.append((ref, [row for row in want if row not in got], [row for row in got if row not in want]))
    assert not wrong
