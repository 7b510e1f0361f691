"""The same verdicts and relations as Backstage gives for the public files that it was asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalog.entities.locations import location_targets
from catalog.entities.parsing import Parsed, parse_documents
from catalog.entities.placeholders import Reader, has_placeholders
from catalog.entities.processing import process
from catalog.entities.refs import Entity, EntityRef, LocationRef
from catalog.entities.refusals import Reason
from catalog.entities.relations import Relation
from portal.lib.errors import NotFound
from tests.catalog.entities.golden import golden, golden_files, location_of, reader_in
from tests.conftest import BESIDE

REPOSITORIES = pytest.mark.parametrize("path", golden_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")


@dataclass
class Verdict:
    """What became of a document: why it was refused, or its relations and the entities behind its targets."""

    ref: str
    reasons: set[str]
    relations: list[Relation]
    deferred: list[str]
    reads_files: bool


def judge(parsed: Parsed, location: LocationRef, read: Reader) -> Verdict:
    """Process a document of a file, and read the targets of a Location."""
    if parsed.refusals:
        return Verdict("", {refusal.reason for refusal in parsed.refusals}, [], [], reads_files=False)
    processed = process(parsed.entity, location, read)
    reasons: set[str] = {refusal.reason for refusal in processed.refusals}
    deferred: list[str] = []
    if not reasons and processed.entity["kind"] == "Location":
        deferred, unread = _behind(processed.entity, location, read)
        reasons |= {Reason.UNREACHABLE} if unread else set()
    ref = "" if reasons else str(EntityRef.of(processed.entity))
    return Verdict(ref, reasons, processed.relations, sorted(deferred), has_placeholders(parsed.entity))


def _behind(entity: Entity, location: LocationRef, read: Reader) -> tuple[list[str], bool]:
    targets = location_targets(entity, location)
    refs: list[str] = []
    unread = bool(targets.refusals)
    for target in targets.locations:
        try:
            documents = parse_documents(read(target))
        except NotFound:
            unread = unread or not targets.optional
            continue
        refs += [str(EntityRef.of(document.entity)) for document in documents]
    return refs, unread


@cache
def documents_of(path: Path) -> list[tuple[str, dict[str, Any], Verdict]]:
    """Every document of a repository: where it stands, what Backstage said and what we say."""
    return list(_documents_of(path))


def _documents_of(path: Path) -> Iterator[tuple[str, dict[str, Any], Verdict]]:
    answers = golden(path)
    root = BESIDE / "corpus" / answers["part"] / answers["repo"]
    read = reader_in(root)
    for file in answers["files"]:
        parsed = parse_documents((root / file["file"]).read_bytes())
        assert [document.index for document in parsed] == [wanted["index"] for wanted in file["documents"]], file[
            "file"
        ]
        for document, wanted in zip(parsed, file["documents"], strict=True):
            yield f"{file['file']}#{document.index}", wanted, judge(document, location_of(file["file"]), read)


@REPOSITORIES
def test_it_accepts_and_refuses_the_same_for_the_same_reason(path: Path) -> None:
    for where, wanted, verdict in documents_of(path):
        expected = set() if wanted["accepted"] else {wanted["reason"]}
        assert verdict.reasons == expected, where


@REPOSITORIES
def test_it_names_and_relates_the_same(path: Path) -> None:
    for where, wanted, verdict in documents_of(path):
        if wanted["accepted"]:
            assert verdict.ref == wanted["entityRef"], where
            relations = {(relation.source, relation.type, relation.target) for relation in verdict.relations}
            assert relations == set(map(tuple, wanted.get("relations", []))), where


@REPOSITORIES
def test_it_finds_the_same_behind_locations(path: Path) -> None:
    for where, wanted, verdict in documents_of(path):
        if wanted["accepted"]:
            assert verdict.deferred == sorted(wanted.get("deferred", [])), where


@REPOSITORIES
def test_it_relates_the_whole_repository_the_same(path: Path) -> None:
    answers = golden(path)
    doubled = set(answers.get("duplicates", {}))
    shown: dict[str, set[tuple[str, str]]] = defaultdict(set)
    accepted = set()
    for _where, _wanted, verdict in documents_of(path):
        accepted |= {verdict.ref} - {""}
        for relation in verdict.relations:
            shown[relation.source].add((relation.type, relation.target))
    for ref, relations in answers.get("stitched", {}).items():
        if ref not in doubled:
            assert shown[ref] == set(map(tuple, relations)), ref
    if "stitched" in answers:
        assert {ref for ref in accepted if shown[ref]} - doubled == set(answers["stitched"]) - doubled
