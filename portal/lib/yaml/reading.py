"""The doors of the reader: many documents, each judged alone, or exactly one."""

from __future__ import annotations

import re

from portal.lib.errors import Invalid, TooLarge
from portal.lib.yaml.composing import Composer, Refused
from portal.lib.yaml.decoding import decode
from portal.lib.yaml.documents import DEFAULT_LIMITS, Document, Limits, Problem, Yaml
from portal.lib.yaml.shielding import forbidden_character, shield_for
from portal.lib.yaml.splitting import Piece, split

# libyaml refuses some lines of nothing but blanks when a tab is among them, which mean nothing to YAML 1.2.
_LINE_OF_TABS = re.compile(r"^[ \t]*\t[ \t]*$", re.MULTILINE)


def load_documents(data: str | bytes, *, limits: Limits = DEFAULT_LIMITS) -> list[Document]:
    """All documents of ``data``, in order; one that cannot be read says why and does not hide the others.

    Rules: YAML 1.2 core schema. Repeated keys are mistakes, all keys are texts, ``<<`` is an ordinary key, unknown tags
    are ignored. Raises ``TooLarge`` when there are too many bytes or documents, ``Invalid`` when it is not a text.
    """
    text = decode(data, limits.size)
    shield = shield_for(text)
    composer = Composer(limits, shield.show if shield else None)
    documents: list[Document] = []
    for piece in split(text.translate(shield.hide) if shield else text):
        if len(documents) == limits.documents:
            raise TooLarge(f"The text holds more than {limits.documents:,} documents.", limit=limits.documents)
        documents.append(_document(len(documents), piece, composer))
    return documents


def _document(index: int, piece: Piece, composer: Composer) -> Document:
    problem = forbidden_character(piece.text, piece.line + 1)
    if problem:
        return Document(index, problem.line, None, problem)
    try:
        line, value = composer.compose(piece)
    except Refused as refused:
        without_tabs = _LINE_OF_TABS.sub("", piece.text)
        if without_tabs != piece.text:
            return _document(index, Piece(piece.line, without_tabs), composer)
        return Document(index, refused.problem.line, None, refused.problem)
    return Document(index, line, value)


def load(data: str | bytes, *, limits: Limits = DEFAULT_LIMITS) -> Yaml:
    """The value of the one document in ``data``; no document at all is ``None``.

    Raises ``Invalid`` or ``TooLarge`` with line and column in ``data``.
    """
    documents = load_documents(data, limits=limits)
    for document in documents:
        if document.error:
            raise _as_error(document.error)
    if len(documents) > 1:
        raise Invalid(f"The text holds {len(documents)} YAML documents; exactly one is expected.")
    return documents[0].value if documents else None


def _as_error(problem: Problem) -> Invalid | TooLarge:
    kind = TooLarge if problem.exceeds else Invalid
    return kind(f"The YAML cannot be read at {problem}.", line=problem.line, column=problem.column)
