"""Secrets in the output of tools: whatever their form, they do not come through."""

import base64
import itertools
import json
import shlex
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.lib.masking import LONGEST_LINE, MASK, MOST_ASKED, REFUSED, Masker
from portal.lib.secret_forms import is_maskable

SECRET = "p@ss w'rd\"<&>$x\\/é"
# Made up, and put together here, so that scanners of repositories do not take them for real ones.
TOKENS = {
    "AWS id": "AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub": "ghp_" + "a1B2" * 9,
    "GitHub fine-grained": "github_pat_" + "A1b2" * 10,
    "GitLab": "glpat-" + "x1Y2" * 5,
    "Slack": "xoxb-" + "1234567890-abcdefghij",
    "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
    "Google": "AIza" + "Sy" + "A" * 33,
    "Vault": "hvs." + "CAESIJ" + "k" * 30,
    "Azure client": "abc8Q~" + "d" * 34,
    "Stripe": "sk_live_" + "4" * 24,
}
LEAKS = [
    ("aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ('"SecretAccessKey": "', "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("DefaultEndpointsProtocol=https;AccountName=n;AccountKey=", "Zm9vYmFyYmF6" * 7 + "Zg=="),
    ("Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=", "Zm9vYmFyYmF6" * 3 + "Zm8="),
    ("https://x.blob.core.windows.net/c?sv=2020&sig=", "abcDEF123%2Babc%2FdefGHI456%3D"),
    ("postgres://app:", "s3cr3t"),
    ("host=db user=app password=", "s3cr3t"),
    ("Authorization: Bearer ", "opaque-token-0001"),
    ("https://hooks.slack.com/", "services/T000/B000/" + "x" * 24),
]


def lines_of(masker: Masker, *reads: bytes) -> list[str]:
    stream = masker.stream()
    return [line for read in reads for line in stream.feed(read)] + stream.flush()


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps({"k": SECRET})),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        shlex.quote(SECRET),
        repr(SECRET),
        "'" + SECRET.replace("'", "''") + "'",
        SECRET.replace("'", "'\\''"),
        "p@ss w&#39;rd&#34;&lt;&amp;&gt;$x\\/é",
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_it_masks_every_form_of_a_secret(form: str) -> None:
    masked = Masker([SECRET], patterns=False).mask(f"before {form} after")
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert not any(part in masked for part in ("ss w", "rd", "ss%20w", "ss+w", "7373"))


@given(st.binary(max_size=5), st.text(alphabet="abcdefXYZ0189+/-", min_size=5, max_size=60), st.binary(max_size=5))
@settings(max_examples=60, deadline=None)
def test_it_masks_base64_at_every_alignment(before: bytes, secret: str, after: bytes) -> None:
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    masked = Masker([secret], patterns=False).mask(encoded)
    start, end = -(-len(before) * 8 // 6), (len(before) + len(secret)) * 8 // 6
    assert encoded[start:end] not in masked
    assert MASK in masked


def test_it_masks_base64_that_is_broken_into_lines() -> None:
    secret = "".join(chr(33 + index % 90) for index in range(200))
    wrapped = base64.encodebytes(secret.encode()).decode()
    masked = Masker([secret], patterns=False).mask(wrapped)
    assert set(masked.replace("=", "").split()) == {MASK}


@given(st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_it_masks_a_secret_that_is_split_over_reads(cuts: list[int]) -> None:
    data = f"one {SECRET}\ntwo {SECRET} three\r\n".encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    reads = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert lines_of(Masker([SECRET]), *reads) == [f"one {MASK}", f"two {MASK} three"]


@pytest.mark.parametrize("at", [LONGEST_LINE - 10, LONGEST_LINE - 1, LONGEST_LINE, 2 * LONGEST_LINE - 4, 70_000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_it_masks_a_secret_on_the_cut_of_a_long_line(at: int, end: bytes) -> None:
    secret = "correct-horse-battery"
    data = b"." * at + secret.encode() + b"," * 50_000 + end
    lines = lines_of(Masker([secret]), *(data[i : i + 4096] for i in range(0, len(data), 4096)))
    text = "".join(lines)
    assert max(map(len, lines)) <= LONGEST_LINE + 2 * len(MASK)
    assert set(text) == {".", "*", ","}
    assert (text.count("."), text.count(",")) == (at, 50_000)


def test_it_masks_overlapping_secrets_whole() -> None:
    assert Masker(["abcdef", "defghi", "abc"]).mask("-abcdefghi- abcx") == f"-{MASK}- {MASK}x"


def test_it_masks_the_lines_of_a_multi_line_secret() -> None:
    masker = Masker(["first line\nsecond line\n}\n"])
    assert masker.mask("x first line y") == f"x {MASK} y"
    assert masker.mask(json.dumps("first line\nsecond line")) == f'"{MASK}\\n{MASK}"'
    assert masker.mask("{ a } b") == "{ a } b"


def test_it_masks_what_is_secret_inside_of_structured_secrets() -> None:
    key = json.dumps({"type": "service_account", "private_key_id": "0123456789abcdef", "project": "shop"})
    masker = Masker([key, "amqp://app:p%40ssw0rd@mq/shop"], patterns=False)
    assert masker.mask("id 0123456789abcdef in shop") == f"id {MASK} in shop"
    assert masker.mask("login with p@ssw0rd or p%40ssw0rd") == f"login with {MASK} or {MASK}"


@pytest.mark.parametrize("value", ["", "a", "ab", "  \n "])
def test_it_leaves_values_that_are_too_short_to_be_secrets(value: str) -> None:
    assert not is_maskable(value)
    assert Masker([value]).mask("a bad cab\n") == "a bad cab\n"


@pytest.mark.parametrize("name", TOKENS)
def test_it_masks_well_known_tokens(name: str) -> None:
    assert Masker().mask(f"token: {TOKENS[name]}, next") == f"token: {MASK}, next"
    assert Masker(patterns=False).mask(TOKENS[name]) == TOKENS[name]


@pytest.mark.parametrize(("prefix", "secret"), LEAKS)
def test_it_masks_credentials_by_what_stands_around_them(prefix: str, secret: str) -> None:
    masked = Masker().mask(f"{prefix}{secret}@host")
    assert masked.startswith(prefix + MASK)
    assert secret not in masked


@pytest.mark.parametrize("text", ["password = (sensitive value)", "https://host:8080/path@v1", "a.b.c", "key = value"])
def test_it_leaves_innocent_text(text: str) -> None:
    assert Masker().mask(text) == text


def test_it_masks_private_keys_and_only_them() -> None:
    body = ["MIIEpAIBAAKCAQEA" + "x" * 48] * 3
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    text = "\n".join(["start", "  key: " + begin, *body, "abc=", end + " rest", "after"])
    expected = ["start", f"  key: {MASK}", MASK, MASK, MASK, MASK, f"{MASK} rest", "after"]
    assert lines_of(Masker(), text.encode()) == expected
    assert Masker().mask(f'{{"k": "{begin}\\nMIIE\\n{end}\\n"}}') == f'{{"k": "{MASK}\\n"}}'


def test_it_does_not_swallow_the_log_after_a_mere_mention_of_a_key() -> None:
    lines = lines_of(Masker(), b"a file with -----BEGIN PRIVATE KEY-----\nApply complete! Resources: 1 added.\nok\n")
    assert lines[1:] == ["Apply complete! Resources: 1 added.", "ok"]


@pytest.mark.parametrize("command", ["::add-mask hunter22 other-word", "local-exec: ::add-mask::hunter22"])
def test_it_masks_what_the_output_asks_to_mask(command: str) -> None:
    masker = Masker()
    lines = lines_of(masker, f"hunter22\n{command}\nthe hunter22\n".encode())
    assert lines[0] == "hunter22"
    assert "hunter22" not in "".join(lines[1:])
    assert lines[2] == f"the {MASK}"
    assert lines_of(masker, b"later hunter22") == [f"later {MASK}"]


def test_it_says_so_when_it_refuses_further_words() -> None:
    masker = Masker()
    assert masker.obey(f"word{number}" for number in range(MOST_ASKED))
    assert lines_of(masker, b"::add-mask more\n")[1] == REFUSED
    assert masker.mask("word0 word999") == f"{MASK} {MASK}"


def test_it_sees_through_colours_and_drops_control_characters() -> None:
    data = b"\x1b[1mhun\x1b[31mter22\x1b[0m\x00 done\x07\rnext\r\n"
    assert lines_of(Masker(["hunter22"]), data) == [f"{MASK} done", "next"]


def test_it_keeps_text_that_is_cut_inside_of_a_character() -> None:
    assert lines_of(Masker(), "naïve".encode()[:3], "naïve".encode()[3:], b"\xff") == ["naïve\ufffd"]


def test_it_masks_data() -> None:
    data = {"a": ["x hunter22", 1, None, True], "hunter22": 123456, "b": {"c": 12}}
    masked = Masker(["hunter22", "123456"]).mask_data(data)
    assert masked == {"a": [f"x {MASK}", 1, None, True], MASK: MASK, "b": {"c": 12}}


@pytest.mark.parametrize(
    "text", ["eyJ" * 40_000, "=" * 120_000, "://a:" * 24_000, "secret_key=" * 10_000, "+/" * 60_000]
)
def test_it_stays_linear_on_hostile_output(text: str) -> None:
    masker = Masker(["a" * 5000, *(f"value-{number}" for number in range(50))])
    started = time.process_time()
    lines_of(masker, b"-----BEGIN PRIVATE KEY-----\n" + text.encode())
    assert time.process_time() - started < 1
