"""Hides secrets in what tools print, before anything is stored or sent: values, their encodings, well-known tokens."""

from __future__ import annotations

import codecs
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from portal.lib.secret_forms import SHORTEST_SECRET, forms_of
from portal.lib.token_patterns import PRIVATE_KEY, TOKEN_PATTERNS, PemBlocks, Span

MASK = "***"
# A longer line is cut into several; a secret on the cut is still masked.
LONGEST_LINE = 16 * 1024
# How far a credential of a known pattern may reach over a cut.
LONGEST_TOKEN = 9 * 1024
# Words that output may add; more are refused with a line in the log, so that output cannot slow the masker down.
MOST_ASKED = 1000
REFUSED = f"[More than {MOST_ASKED} words were given to ::add-mask. The words of the line above are not masked.]"
# PERF: candidates are found by a trie of this many leading characters and then compared in full.
_HEAD = 8
_ADD_MASK = re.compile(r"::add-mask(?:::(?P<value>.+)|\s+(?P<words>.+))")
_LINE_END = re.compile(r"\r\n|\n|\r")
# Colours and cursor movements hide secrets from the masker and can not be shown anyway; NUL has no place in PostgreSQL.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Masker:
    """Replaces secret values in text by ``***``.

    ``secrets`` are the values; shorter ones than three characters are not masked (see ``secret_forms``). Every form of
    a value (quoted, escaped, URL-quoted, base64 at any alignment, single lines of it) is masked, and with ``patterns``
    also whatever looks like a well-known credential. Time is linear in the length of the text.
    """

    def __init__(self, secrets: Iterable[str] = (), *, patterns: bool = True) -> None:
        self._literals = [_Literals({form for secret in secrets for form in forms_of(secret)})]
        self._added: set[str] = set()
        self._asked = 0
        self._patterns = TOKEN_PATTERNS if patterns else ()

    @property
    def longest(self) -> int:
        """The length of the longest text that is replaced at once."""
        return max(LONGEST_TOKEN if self._patterns else 0, *(each.longest for each in self._literals), 0)

    def add(self, words: Iterable[str]) -> None:
        """Mask these words too from now on."""
        fresh = set(words) - self._added
        if not fresh:
            return
        self._added |= fresh
        last = _Literals({form for word in fresh for form in forms_of(word)})
        # PERF: small sets are merged into larger ones like the runs of a merge sort: few sets, few rebuilds.
        while len(self._literals) > 1 and len(self._literals[-1].words) <= len(last.words):
            last = _Literals(self._literals.pop().words | last.words)
        self._literals.append(last)

    def obey(self, words: Iterable[str]) -> bool:
        """Mask words that output asks to mask; false where it asked for too many and these are refused."""
        fresh = set(words) - self._added
        self._asked += len(fresh)
        if self._asked > MOST_ASKED:
            return False
        self.add(fresh)
        return True

    def spans(self, text: str) -> list[Span]:
        """The places to be hidden, in order and without overlaps."""
        found = [span for literals in self._literals for span in literals.spans(text)]
        for pattern in self._patterns:
            found.extend(pattern.spans(text))
        return _merged(found)

    def reveals(self, text: str) -> bool:
        """Whether ``text`` shows a secret."""
        return self.mask(text) != text

    def is_clean(self, text: str) -> bool:
        """Whether ``text`` (of any number of lines) shows nothing that has to be hidden.

        PERF: almost all text is clean, and to ask once for many lines costs a fraction of asking for each.
        """
        return not (self._patterns and PRIVATE_KEY in text) and not self.spans(text)

    def mask(self, text: str) -> str:
        """``text`` (of any number of lines) with every secret replaced."""
        if self.is_clean(text):
            return text
        blocks = PemBlocks()
        return "\n".join(_replaced(line, self._line_spans(line, blocks)) for line in text.split("\n"))

    def mask_data(self, data: object) -> object:
        """JSON-like data with secrets replaced in every string, key and number."""
        return data if self.is_clean("\n".join(_leaves(data))) else self._masked_data(data)

    def _masked_data(self, data: object) -> object:
        match data:
            case str():
                return self.mask(data)
            case dict():
                return {self.mask(str(key)): self._masked_data(value) for key, value in data.items()}
            case list() | tuple():
                return [self._masked_data(value) for value in data]
            case int() | float() if not isinstance(data, bool):
                return MASK if self.reveals(json.dumps(data)) else data
        return data

    def stream(self) -> MaskedLines:
        """A reader that turns the bytes of one stream into masked lines."""
        return MaskedLines(self)

    def key_spans(self, line: str, blocks: PemBlocks) -> Iterable[Span]:
        """What of this line belongs to a private key that ``blocks`` follows through the lines."""
        return blocks.spans(line) if self._patterns else ()

    def _line_spans(self, line: str, blocks: PemBlocks) -> list[Span]:
        return _merged([*self.spans(line), *self.key_spans(line, blocks)])


class MaskedLines:
    """The masked lines of one stream of bytes, however the bytes are cut by reads.

    Lines end with LF, CR LF or CR. Escape sequences of terminals and control characters are removed. What the stream
    prints as ``::add-mask word…`` or ``::add-mask::value`` is masked from that line on.
    """

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._rest = ""
        self._hidden = 0
        self._blocks = PemBlocks()

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; give the lines that are complete now."""
        return self._split(self._decode(data))

    def flush(self) -> list[str]:
        """The end of the stream: what remains is the last line."""
        lines = self._split(self._decode(b"", final=True))
        rest, self._rest = self._rest.removesuffix("\r"), ""
        return lines + (self._finish(rest) if rest else [])

    def _split(self, text: str) -> list[str]:
        text = self._rest + text
        *complete, rest = _LINE_END.split(text)
        if text.endswith("\r"):
            # This CR may be half of a CR LF.
            rest = complete.pop() + "\r"
        lines = complete if self._is_harmless(complete) else [line for each in complete for line in self._finish(each)]
        if len(rest) > LONGEST_LINE + self._masker.longest:
            early, rest = self._cut(_plain(rest), keep=self._masker.longest)
            lines += early
        self._rest = rest
        return lines

    def _is_harmless(self, lines: list[str]) -> bool:
        """Whether these lines can stay as they are: no secret, no open key, no command, no escape, none too long."""
        block = "\n".join(lines)
        return not (
            self._hidden
            or self._blocks.is_open
            or "::add-mask" in block
            or _CONTROL.search(block)
            or max(map(len, lines), default=0) > LONGEST_LINE
        ) and self._masker.is_clean(block)

    def _finish(self, line: str) -> list[str]:
        plain = _plain(line)
        notes = [] if self._hidden else self._obey(plain)
        lines, rest = self._cut(plain, keep=0)
        last = _replaced(rest, self._spans(rest))
        self._hidden = 0
        return [*lines, last, *notes]

    def _obey(self, line: str) -> list[str]:
        """Add what the line asks to mask; a note for the log where that was refused."""
        command = _ADD_MASK.search(line)
        if not command:
            return []
        words = [command["value"]] if command["value"] else command["words"].split()
        return [] if self._masker.obey(words) else [REFUSED]

    def _cut(self, text: str, *, keep: int) -> tuple[list[str], str]:
        """Cut pieces off the front while more than one line and ``keep`` characters are left; no secret is torn."""
        pieces: list[str] = []
        if len(text) <= LONGEST_LINE + keep:
            return pieces, text
        spans, at = _merged([*self._masker.spans(text), (0, self._hidden)]), 0
        while len(text) - at > LONGEST_LINE + keep:
            end = at + LONGEST_LINE
            inside = [(max(a, at) - at, min(b, end) - at) for a, b in spans if a < end and b > at]
            piece = text[at:end]
            pieces.append(_replaced(piece, _merged([*inside, *self._masker.key_spans(piece, self._blocks)])))
            at = end
        self._hidden = max((b - at for a, b in spans if a < at < b), default=0)
        return pieces, text[at:]

    def _spans(self, line: str) -> list[Span]:
        found = self._masker.spans(line)
        found.extend(self._masker.key_spans(line, self._blocks))
        return _merged([*found, (0, self._hidden)])


class _Literals:
    """Finds every occurrence of many fixed texts, overlapping ones too."""

    def __init__(self, words: set[str]) -> None:
        self.words = words
        by_head: defaultdict[str, set[str]] = defaultdict(set)
        for word in words:
            by_head[word[:SHORTEST_SECRET]].add(word)
        self._by_head = {head: sorted(group, key=len, reverse=True) for head, group in by_head.items()}
        self.longest = max((len(group[0]) for group in self._by_head.values()), default=0)
        heads = sorted({word[:_HEAD] for group in by_head.values() for word in group})
        self._candidates = re.compile(f"(?={_trie(heads)})") if heads else None

    def spans(self, text: str) -> Iterator[Span]:
        """For every position at which some word starts: the longest of them."""
        for candidate in self._candidates.finditer(text) if self._candidates else ():
            at = candidate.start()
            for word in self._by_head[text[at : at + SHORTEST_SECRET]]:
                if text.startswith(word, at):
                    yield (at, at + len(word))
                    break


def _leaves(data: object) -> Iterator[str]:
    """Every text in JSON-like data, numbers as they are printed."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _leaves(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _leaves(value)
    elif isinstance(data, str):
        yield data
    elif isinstance(data, int | float):
        yield json.dumps(data)


def _trie(words: Sequence[str], depth: int = 0) -> str:
    """A pattern for any of the sorted words that shares their common beginnings, so that it never goes back."""
    if any(len(word) == depth for word in words):
        return ""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[word[depth]].append(word)
    branches = [re.escape(first) + _trie(group, depth + 1) for first, group in groups.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _replaced(text: str, spans: Sequence[Span]) -> str:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], MASK]
        at = end
    return "".join([*pieces, text[at:]])


def _plain(line: str) -> str:
    if line.isprintable():
        return line
    return _CONTROL.sub("", _TERMINAL.sub("", line))
