"""Public templates beside the project: their forms as a real Backstage reads them, and values that it accepts."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffolder.forms.build import build_pages
from scaffolder.forms.fields import ALL_SEEN, Field, Page
from scaffolder.forms.parse import parse_post
from scaffolder.forms.review import review
from scaffolder.forms.schemas import PageSchema, read_pages
from scaffolder.forms.ui import split_ui
from scaffolder.forms.validate import validate
from tests.scaffolder.expressions.test_conformance import HOSTS
from tests.scaffolder.forms.browser import post

ALL_HOSTS = {**HOSTS, "cnoe.localtest.me:8443": "gitea"}
REPLACED = [("{{ gitlab_hostname }}", "gitlab.example.com")]

Case = tuple[str, dict[str, Any], tuple[PageSchema, ...]]


@pytest.fixture(scope="module")
def replay(beside: Path) -> Any:
    """The reader of the recorded answers, which lies with them."""
    spec = importlib.util.spec_from_file_location("replay", beside / "oracle" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def templates(beside: Path, replay: Any) -> list[tuple[dict[str, Any], Any]]:
    """Each template's recorded form, with its parameters."""
    found = []
    for answers in sorted((beside / "oracle" / "forms").glob("*.json")):
        golden = json.loads(answers.read_text(encoding="utf-8"))
        for template in golden["templates"]:
            source = beside / "corpus" / "templates" / golden["repo"] / template["file"]
            document = replay.load_documents(source, REPLACED)[template["document"]]
            document = replay.resolve_placeholders(document, source.parent)
            found.append((template, document["spec"].get("parameters") or []))
    return found


@pytest.fixture(scope="module")
def cases(beside: Path, replay: Any) -> list[Case]:
    """Values that a real server accepted, with the pages that they are for."""
    found = []
    for answers in sorted((beside / "oracle" / "dryrun").glob("*.json")):
        for case in json.loads(answers.read_text(encoding="utf-8"))["cases"]:
            template = replay.build_request(beside / "corpus", case)["template"]
            name = f"{case['repo']}/{case['file']} {case['variant']}"
            found.append((name, case, read_pages(template["spec"].get("parameters"))))
    return found


def test_it_separates_hints_as_backstage_does(templates: list[tuple[dict[str, Any], Any]]) -> None:
    different = []
    for template, parameters in templates:
        given = parameters if isinstance(parameters, list) else [parameters]
        for page, wanted in zip(given, template["pages"], strict=True):
            schema, hints = split_ui(page)
            hints = {key: value for key, value in hints.items() if value != {}}  # the recorded ones drop empty entries
            if hints != wanted["uiSchema"] or list(schema.get("properties") or {}) != wanted["fields"]:
                different.append((template["file"], wanted, hints))
            assert "ui:" not in json.dumps(schema)
    assert len(templates) > 90
    assert different == []


def test_it_reads_and_shows_every_page(templates: list[tuple[dict[str, Any], Any]]) -> None:
    for template, parameters in templates:
        pages = build_pages(read_pages(parameters), {})
        assert [page.title for page in pages] == [page["title"] for page in template["pages"]]
        for page, wanted in zip(pages, template["pages"], strict=True):
            assert set(wanted["fields"]) <= {field.name for field in all_fields(page)}


def all_fields(page: Page) -> Iterator[Field]:
    pending = list(page.fields)
    while pending:
        field = pending.pop()
        yield field
        pending += [*field.fields, *(row.field for row in field.rows)]


def test_it_accepts_what_backstage_accepts(cases: list[Case]) -> None:
    refused = []
    for name, case, pages in cases:
        errors = validate(case["values"], pages, secrets=case.get("secrets"), hosts=ALL_HOSTS)
        refused += [(name, error) for error in errors]
    assert len(cases) > 300
    assert refused == []


def test_it_gives_back_what_it_shows(cases: list[Case]) -> None:
    different = []
    for name, case, pages in cases:
        values = case["values"]
        read: dict[str, Any] = {}
        for schema, page in zip(pages, build_pages(pages, values, state=ALL_SEEN), strict=True):
            read |= parse_post(schema, post(page)).values
        if read != values:
            different.append((name, values, read))
    assert different == []


def test_it_reviews_every_value_and_shows_no_password(cases: list[Case]) -> None:
    for name, case, pages in cases:
        rows = review(case["values"], pages)
        assert bool(rows) == bool(case["values"]), name
        passwords = {
            field.name
            for page in build_pages(pages, case["values"])
            for field in all_fields(page)
            if field.widget == "password"
        }
        assert all(row.value == "******" for row in rows if row.name in passwords), name
