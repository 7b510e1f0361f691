"""Addresses of source hosts, taken apart and resolved."""

from __future__ import annotations

import pytest

from portal.lib.fetch import parse_source_url, resolve_url
from portal.lib.fetch.errors import BadUrl

FILES = [
    (
        "https://github.com/o/r/blob/main/a/b.yaml",
        ("github", "file", "https://github.com/o/r.git", "main", "a/b.yaml"),
        "https://raw.githubusercontent.com/o/r/main/a/b.yaml",
    ),
    (
        "https://github.com/o/r/tree/v1.0/a",
        ("github", "folder", "https://github.com/o/r.git", "v1.0", "a"),
        "https://raw.githubusercontent.com/o/r/v1.0/a",
    ),
    (
        "https://github.com/o/r/tree/main/a.YAML",
        ("github", "any", "https://github.com/o/r.git", "main", "a.YAML"),
        "https://raw.githubusercontent.com/o/r/main/a.YAML",
    ),
    ("https://github.com/o/r/tree/main", ("github", "folder", "https://github.com/o/r.git", "main", ""), ""),
    ("https://github.com/o/r", ("github", "repository", "https://github.com/o/r.git", "", ""), ""),
    ("https://github.com/o/r.git/", ("github", "repository", "https://github.com/o/r.git", "", ""), ""),
    (
        "https://raw.githubusercontent.com/o/r/main/a%20b.yaml",
        ("github", "file", "https://github.com/o/r.git", "main", "a b.yaml"),
        "https://raw.githubusercontent.com/o/r/main/a%20b.yaml",
    ),
    (
        "https://ghe.example.com/o/r/blob/feature%2Fx/a.yaml",
        ("github", "file", "https://ghe.example.com/o/r.git", "feature/x", "a.yaml"),
        "https://ghe.example.com/o/r/raw/feature%2Fx/a.yaml",
    ),
    (
        "https://gitlab.com/g/s/p/-/blob/main/a.yaml",
        ("gitlab", "file", "https://gitlab.com/g/s/p.git", "main", "a.yaml"),
        "https://gitlab.com/g/s/p/-/raw/main/a.yaml",
    ),
    (
        "https://gitlab.example.com:8443/g/p/-/tree/main/docs/",
        ("gitlab", "folder", "https://gitlab.example.com:8443/g/p.git", "main", "docs"),
        "https://gitlab.example.com:8443/g/p/-/raw/main/docs",
    ),
    (
        "https://codeberg.org/o/r/src/branch/main/a.yaml",
        ("gitea", "any", "https://codeberg.org/o/r.git", "main", "a.yaml"),
        "https://codeberg.org/o/r/raw/branch/main/a.yaml",
    ),
    (
        "https://gitea.example.com/o/r/raw/tag/v1/a.yaml",
        ("gitea", "file", "https://gitea.example.com/o/r.git", "v1", "a.yaml"),
        "https://gitea.example.com/o/r/raw/tag/v1/a.yaml",
    ),
    (
        "https://bitbucket.org/w/r/src/main/a.yaml",
        ("bitbucket", "any", "https://bitbucket.org/w/r.git", "main", "a.yaml"),
        "https://bitbucket.org/w/r/raw/main/a.yaml",
    ),
    (
        "https://bb.example.com/projects/P/repos/r/browse/d/a.yaml?at=refs%2Fheads%2Fmain",
        ("bitbucket-server", "any", "https://bb.example.com/scm/P/r.git", "main", "d/a.yaml"),
        "https://bb.example.com/projects/P/repos/r/raw/d/a.yaml?at=main",
    ),
    (
        "https://bb.example.com/users/u/repos/r/browse",
        ("bitbucket-server", "folder", "https://bb.example.com/scm/~u/r.git", "", ""),
        "",
    ),
    (
        "https://git.example.com/team/x.git/blob/main/a.yaml",
        ("git", "file", "https://git.example.com/team/x.git", "main", "a.yaml"),
        "",
    ),
    ("https://git.example.com/team/x.git", ("git", "repository", "https://git.example.com/team/x.git", "", ""), ""),
    ("file:///srv/git/x.git/tree/main/a", ("git", "folder", "file:///srv/git/x.git", "main", "a"), ""),
    ("file:///srv/a%20b.yaml", ("local", "any", "", "", "/srv/a b.yaml"), ""),
    ("https://example.com/a/b.yaml?x=1", ("plain", "plain", "", "", ""), "https://example.com/a/b.yaml?x=1"),
    ("https://example.com", ("plain", "plain", "", "", ""), "https://example.com"),
]


@pytest.mark.parametrize(("url", "parts", "raw"), FILES, ids=[row[0] for row in FILES])
def test_it_takes_addresses_apart(url: str, parts: tuple[str, ...], raw: str) -> None:
    source = parse_source_url(url)
    assert (source.provider, source.kind, source.repo_url, source.ref, source.path) == parts
    assert source.raw_url == raw


@pytest.mark.parametrize(
    "url",
    [
        "",
        "relative/x",
        "ssh://git@github.com/o/r",
        "git@github.com:o/r.git",
        "ftp://x/y",
        "file://host/x",
        "http://[::1",
    ],
)
def test_it_refuses_other_addresses(url: str) -> None:
    with pytest.raises(BadUrl):
        parse_source_url(url)


@pytest.mark.parametrize(
    ("url", "base", "resolved"),
    [
        (
            "./skeleton",
            "https://github.com/o/r/blob/main/t/template.yaml",
            "https://github.com/o/r/tree/main/t/skeleton",
        ),
        ("../x y", "https://github.com/o/r/blob/main/t/u/t.yaml", "https://github.com/o/r/tree/main/t/x%20y"),
        ("/x", "https://github.com/o/r/blob/main/t/u/t.yaml", "https://github.com/o/r/tree/main/x"),
        (".", "https://github.com/o/r/blob/main/t.yaml", "https://github.com/o/r/tree/main"),
        ("a.yaml", "https://gitlab.com/g/p/-/blob/main/d/t.yaml", "https://gitlab.com/g/p/-/blob/main/d/a.yaml"),
        ("a", "https://codeberg.org/o/r/src/tag/v1/d/t.yaml", "https://codeberg.org/o/r/src/tag/v1/d/a"),
        ("a", "https://bitbucket.org/w/r/src/main/t.yaml", "https://bitbucket.org/w/r/src/main/a"),
        (
            "a",
            "https://bb.example.com/projects/P/repos/r/browse/d/t.yaml?at=main",
            "https://bb.example.com/projects/P/repos/r/browse/d/a?at=main",
        ),
        ("../a", "file:///srv/x.git/blob/main/d/t.yaml", "file:///srv/x.git/blob/main/a"),
        ("../a", "file:///srv/d/t.yaml", "file:///srv/a"),
        ("b.yaml", "https://example.com/d/a.yaml", "https://example.com/d/b.yaml"),
        ("https://other.example.com/x", "https://example.com/d/a.yaml", "https://other.example.com/x"),
        ("https://other.example.com/x", "", "https://other.example.com/x"),
    ],
)
def test_it_resolves_relative_addresses(url: str, base: str, resolved: str) -> None:
    assert resolve_url(url, base) == resolved


@pytest.mark.parametrize(("url", "base"), [("./a", ""), ("../../a", "https://github.com/o/r/blob/main/t/t.yaml")])
def test_it_refuses_addresses_that_lead_nowhere(url: str, base: str) -> None:
    with pytest.raises(BadUrl):
        resolve_url(url, base)


def test_it_gives_the_address_of_a_whole_repository_at_a_ref() -> None:
    address = {url: parse_source_url(url).at_ref("a/b") for url in ("https://github.com/o/r", "file:///srv/x.git")}
    assert address == {
        "https://github.com/o/r": "https://github.com/o/r/blob/a%2Fb",
        "file:///srv/x.git": "file:///srv/x.git/blob/a%2Fb",
    }
    assert resolve_url("/catalog-info.yaml", address["file:///srv/x.git"]) == (
        "file:///srv/x.git/tree/a%2Fb/catalog-info.yaml"
    )
