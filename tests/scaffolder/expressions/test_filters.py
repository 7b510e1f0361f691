from __future__ import annotations

from typing import Any

import pytest

from scaffolder.expressions.engine import Engine

HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucketCloud",
    "bitbucket.example.com": "bitbucketServer",
    "dev.azure.com": "azure",
    "gitea.example.com:8443": "gitea",
    "gerrit.example.com": "gerrit",
    "forge.example.com": "homegrown",
}
ENGINE = Engine(HOSTS)


def filtered(value: Any, expression: str) -> Any:
    """The value of ``${{ v | expression }}``, or the words of its failure in a list."""
    rendered = ENGINE.render_value(f"${{{{ v | {expression} }}}}", {"v": value})
    return [rendered.warnings[0].message] if rendered.warnings else rendered.value


@pytest.mark.parametrize(
    ("address", "spec"),
    [
        ("github.com?owner=o&repo=r", {"host": "github.com", "owner": "o", "repo": "r"}),
        ("GitHub.com:443/ignored?repo=/r/&owner=%2Fo%2F#x", {"host": "github.com", "owner": "o", "repo": "r"}),
        ("github.com?owner=o+p&repo=r%C3%A9", {"host": "github.com", "owner": "o p", "repo": "ré"}),
        ("github.com?owner=o&repo=r&owner=second", {"host": "github.com", "owner": "o", "repo": "r"}),
        ("gitlab.com?owner=a%2Fb&repo=r", {"host": "gitlab.com", "owner": "a/b", "repo": "r"}),
        ("gitlab.com?project=7", {"host": "gitlab.com", "project": "7"}),
        ("gitea.example.com:8443?repo=r", {"host": "gitea.example.com:8443", "repo": "r"}),
        ("gerrit.example.com?repo=a/b", {"host": "gerrit.example.com", "repo": "a/b"}),
        (
            "bitbucket.org?workspace=w&project=p&repo=r",
            {"host": "bitbucket.org", "workspace": "w", "project": "p", "repo": "r"},
        ),
        ("bitbucket.example.com?project=p&repo=r", {"host": "bitbucket.example.com", "project": "p", "repo": "r"}),
        (
            "dev.azure.com?organization=o&project=p&repo=r",
            {"host": "dev.azure.com", "organization": "o", "project": "p", "repo": "r"},
        ),
        ("forge.example.com?owner=o&repo=r", {"host": "forge.example.com", "owner": "o", "repo": "r"}),
    ],
)
def test_it_splits_a_repository_address(address: str, spec: dict[str, str]) -> None:
    assert filtered(address, "parseRepoUrl") == spec


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "cannot be read"),
        ("git hub.com?owner=o&repo=r", "cannot be read"),
        ("github.com:99999?owner=o&repo=r", "cannot be read"),
        ("elsewhere.test?owner=o&repo=r", "No integration is configured for the host elsewhere.test"),
        ("github.com@elsewhere.test?owner=o&repo=r", "the host elsewhere.test"),
        ("toString?owner=o&repo=r", "the host tostring"),
        ("github.com?owner=o", "lacks repo"),
        ("github.com?owner=&repo=r", "lacks owner"),
        ("gitlab.com?repo=r", "lacks owner"),
        ("bitbucket.org?project=p&repo=r", "lacks workspace"),
        ("bitbucket.example.com?repo=r", "lacks project"),
        ("dev.azure.com?owner=o&repo=r", "lacks project"),
        ("gitea.example.com:8443?owner=o", "lacks repo"),
    ],
)
def test_it_refuses_a_repository_address(address: str, words: str) -> None:
    assert words in filtered(address, "parseRepoUrl")[0]


def test_it_makes_a_slug() -> None:
    assert filtered("github.com?owner=o&repo=r", "projectSlug") == "o/r"
    assert filtered("github.com?owner=o&repo=r", "parseRepoUrl | pick('repo')") == "r"


@pytest.mark.parametrize(
    ("reference", "arguments", "parts"),
    [
        ("component:ns/Name", "", ("component", "ns", "Name")),
        ("user:alice", "", ("user", "default", "alice")),
        ("a:b:c", "", ("a", "default", "b:c")),
        ("ns/b:c", "({defaultKind: 'api'})", ("api", "ns", "b:c")),
        ("name", "({defaultKind: 'api', defaultNamespace: 'x'})", ("api", "x", "name")),
        ({"kind": "K", "name": "n"}, "", ("K", "default", "n")),
    ],
)
def test_it_splits_an_entity_reference(reference: Any, arguments: str, parts: tuple[str, str, str]) -> None:
    want = dict(zip(("kind", "namespace", "name"), parts, strict=True))
    assert filtered(reference, f"parseEntityRef{arguments}") == want


@pytest.mark.parametrize("reference", ["", "name", ":b", "a:", "/b", "a:/b", "a:b/", {"kind": "K"}])
def test_it_refuses_an_entity_reference(reference: Any) -> None:
    assert "reference" in filtered(reference, "parseEntityRef")[0]


PICKED: dict[str, Any] = {"a": {"b": [1, {"c": 2, "x.y": 5}]}, "a.b": 3, "": {"": 4}, "list": [[1, 2]], "q": "text"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("'a'", PICKED["a"]),
        ("'a.b'", 3),
        ("'a.b.1.c'", 2),
        ("'a.b[1].c'", 2),
        ("'a.b[1][\"x.y\"]'", 5),
        ("\"a.b[1]['x.y']\"", 5),
        ("'list[0][1]'", 2),
        ("['a', 'b', 0]", 1),
        ("'.'", 4),
        ("'q.length'", 4),
        ("'q[0]'", "t"),
        ("'nope.z', 'fallback'", "fallback"),
        ("[], 'fallback'", "fallback"),
        ("'a..b', 'fallback'", "fallback"),
        ("'a[', 'fallback'", "fallback"),
    ],
)
def test_it_picks_by_a_path(path: str, value: object) -> None:
    assert filtered(PICKED, f"pick({path})") == value


def test_it_picks_nothing_of_the_language_itself() -> None:
    for path in ("constructor", "__proto__", "constructor.constructor", "toString.constructor"):
        picked = ENGINE.render_value(f"${{{{ v | pick('{path}') | dump }}}}", {"v": PICKED})
        assert picked.warnings or not isinstance(picked.value, str), path
