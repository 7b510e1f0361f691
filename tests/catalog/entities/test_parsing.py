"""From files to documents."""

from __future__ import annotations

from catalog.entities.parsing import Parsed, parse_documents
from catalog.entities.refusals import Reason


def test_it_counts_documents_that_are_not_empty() -> None:
    text = "---\n---\na: 1\n---\n# nothing\n---\nb: [\n---\n- c\n---\nd: 2\n"
    parsed = parse_documents(text)
    assert [(document.index, document.line) for document in parsed] == [(0, 3), (1, 8), (2, 9), (3, 11)]
    assert [document.entity for document in parsed] == [{"a": 1}, {}, {}, {"d": 2}]
    assert [len(document.refusals) for document in parsed] == [0, 1, 1, 0]


def test_it_refuses_what_is_no_mapping_with_its_line() -> None:
    (parsed,) = parse_documents("\n- a\n")
    (refusal,) = parsed.refusals
    assert refusal.reason is Reason.YAML
    assert str(refusal).startswith("line 2: the document is no mapping")


def test_it_tells_what_the_yaml_lacks() -> None:
    (parsed,) = parse_documents("kind: Component\nkind: API\n")
    assert parsed == Parsed(0, 2, {}, parsed.refusals)
    assert str(parsed.refusals[0]).startswith("line 2, column 1: the key 'kind' stands more than once")
