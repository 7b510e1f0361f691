"""Credentials that are recognised by their looks, so that a leak is masked also when nobody declared the secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TokenPattern:
    """One kind of credential. ``hints`` are texts of which one must occur before the pattern is tried.

    PERF: looking for a short literal is much cheaper than running the pattern, and almost no line has one.
    What is masked is the group ``secret`` where the pattern has one, else the whole match.
    """

    name: str
    hints: tuple[str, ...]
    regex: re.Pattern[str]

    def spans(self, text: str) -> Iterator[Span]:
        """Where the credential stands in ``text``."""
        if not any(hint in text for hint in self.hints):
            return
        group: str | int = "secret" if "secret" in self.regex.groupindex else 0
        for match in self.regex.finditer(text):
            yield match.span(group)


def _pattern(name: str, hints: str, regex: str, flags: re.RegexFlag = re.RegexFlag.NOFLAG) -> TokenPattern:
    return TokenPattern(name, tuple(hints.split()), re.compile(regex, flags))


_ANY_CASE = re.IGNORECASE
# NOTE: every repetition is bounded, and no two neighbouring ones match the same characters: time stays linear.
TOKEN_PATTERNS: tuple[TokenPattern, ...] = (
    _pattern("AWS access key", "AKIA ASIA ABIA ACCA", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    _pattern(
        "AWS secret key",
        "ecret ECRET ession_ ESSION_ essionToken",
        r"(?:secret_?access_?key|session_?token)[\"']?\s{0,4}[=:]>?\s{0,4}[\"']?(?P<secret>[A-Za-z0-9/+=]{40,2000})",
        _ANY_CASE,
    ),
    _pattern("GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _pattern("GitHub fine-grained token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
    _pattern("GitLab token", "glpat- gldt- glrt- glcbt-", r"gl(?:pat|dt|rt|cbt)-[\w-]{20,255}"),
    _pattern(
        "JSON Web Token", "eyJ", r"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2}))eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{0,1024}"
    ),
    _pattern("Slack token", "xox xapp-", r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255}"),
    _pattern(
        "Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/(?P<secret>(?:services|workflows)/[\w/-]{20,255})"
    ),
    _pattern(
        "Azure key",
        "AccountKey= SharedAccessKey= accountkey= sharedaccesskey=",
        r"(?:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/%]{20,200}={0,2})",
        _ANY_CASE,
    ),
    _pattern("Azure signature", "sig=", r"\bsig=(?P<secret>[A-Za-z0-9%+/_-]{20,200}={0,2})"),
    _pattern("Azure client secret", "Q~", r"(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])"),
    _pattern("Password in a URL", "://", r"://[^\s/:@\"']{0,256}:(?P<secret>[^\s/@\"']{1,1024})@"),
    _pattern(
        "Password in a connection string",
        "assword= ASSWORD= wd= WD=",
        r"\b(?:password|pwd)=(?P<secret>[^\s;&\"',]{3,1024})",
        _ANY_CASE,
    ),
    _pattern(
        "Authorization header",
        "uthorization UTHORIZATION",
        r"authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:basic|bearer|token)\s{1,4}(?P<secret>[^\s\"',]{4,8192})",
        _ANY_CASE,
    ),
    _pattern("Google key", "AIza", r"AIza[\w-]{35}"),
    _pattern("Google access token", "ya29.", r"ya29\.[\w-]{20,2048}"),
    _pattern("Vault token", "hvs. hvb. hvr.", r"\bhv[sbr]\.[\w-]{20,512}"),
    _pattern("Terraform Cloud token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,90}"),
    _pattern("Stripe key", "_live_ _test_", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    _pattern("npm token", "npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _pattern("PyPI token", "pypi-", r"pypi-[\w-]{50,1024}"),
)

# What every marker of a private key has in it.
PRIVATE_KEY = "PRIVATE KEY"
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# A body line is one run of base64, perhaps quoted or indented, or a header such as ``Proc-Type: 4,ENCRYPTED``.
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=]*|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): .*")
_PEM_AROUND = " \t\"'`,;|>+-~*[](){}\\"
_LONGEST_PEM = 400


class PemBlocks:
    """Private keys that span lines: remembers between lines that a block is open.

    A block that never ends is left at the first line that cannot belong to it, so that a mere mention of the marker
    does not swallow the log.
    """

    def __init__(self) -> None:
        self._lines_left = 0

    @property
    def is_open(self) -> bool:
        """Whether the next line may be one of a key."""
        return self._lines_left > 0

    def spans(self, line: str) -> Iterator[Span]:
        """What of this line belongs to a private key; to be called once for every line, in order."""
        start = 0
        if self._lines_left:
            end = _PEM_END.search(line)
            if end:
                self._lines_left = 0
                start = end.end()
                yield (0, start)
            elif _PEM_BODY.fullmatch(line.strip(_PEM_AROUND)):
                self._lines_left -= 1
                yield (0, len(line))
                return
            else:
                self._lines_left = 0
        while begin := _PEM_BEGIN.search(line, start):
            end = _PEM_END.search(line, begin.end())
            start = end.end() if end else len(line)
            self._lines_left = 0 if end else _LONGEST_PEM
            yield (begin.start(), start)
