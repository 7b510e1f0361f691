"""The scanner's complaints in words that tell the writer of a file what to change."""

from __future__ import annotations

from yaml.error import MarkedYAMLError

from portal.lib.yaml.documents import Problem

# What the scanner says, and what that mostly means to the writer.
_ADVICE = {
    "mapping values are not allowed in this context": (
        "a colon followed by a space cannot stand here; put the text in quotes, or check the indentation"
    ),
    "could not find expected ':'": "this line of a mapping has no colon; check the indentation and the quotes above",
    "did not find expected key": "this is not indented as its neighbours are, or something is left open above",
    "did not find expected '-' indicator": "this stands in a list but begins without a dash; check the indentation",
    "did not find expected ',' or ']'": "the list in square brackets misses a comma or its closing bracket",
    "did not find expected ',' or '}'": "the mapping in braces misses a comma or its closing brace",
    "did not find expected <document start>": "text goes on after the end of the value; check indentation and quotes",
    "block sequence entries are not allowed in this context": "a list cannot begin here; begin it on a line of its own",
    "block mapping keys are not allowed in this context": "a mapping cannot begin here; begin it on a line of its own",
    "found character that cannot start any token": (
        "a text cannot begin with this character (a tab, @, ` or %); put the text in quotes, and indent with spaces"
    ),
    "found unexpected end of stream": "the file ends inside a text in quotes; close the quotes",
    "found unexpected document indicator": "the document ends inside a text in quotes; close the quotes",
    "found unknown escape character": "this escape is unknown; in double quotes write two backslashes for one",
    "found undefined tag handle": "the tag begins with a handle that is not declared; put the text in quotes",
    "did not find expected alphabetic or numeric character": "the name after & or * is missing; put the text in quotes",
    "found a tab character that violates indentation": "a tab indents this line; indent with spaces",
    "found a tab character where an indentation space is expected": "a tab indents this line; indent with spaces",
}
# The scanner notices these only behind the line that is wrong.
_MEANS_WHERE_IT_BEGAN = frozenset({"could not find expected ':'", "found unexpected end of stream"})


def in_plain_words(error: MarkedYAMLError, first_line: int) -> Problem:
    """The problem that the scanner found in a text that begins on ``first_line``."""
    problem = str(error.problem or error.context or "this is not YAML")
    message = _ADVICE.get(problem, problem)
    begun, mark = error.context_mark, error.problem_mark or error.context_mark
    if problem in _MEANS_WHERE_IT_BEGAN and begun is not None:
        mark = begun
    if begun is not None and mark is not None and begun.line < mark.line:
        message += f" (in the part that begins on line {first_line + begun.line})"
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return Problem(first_line + line, column + 1, message)
