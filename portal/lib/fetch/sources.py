"""Addresses of files and folders on source hosts, taken apart into repository, ref and path and put together again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from portal.lib.fetch.errors import BadUrl

Kind = Literal["file", "folder", "any", "repository", "plain"]

_GITHUB = re.compile(r"/(?P<repo>[^/]+/[^/]+)/(?P<view>blob|tree|raw|edit)/(?P<ref>[^/]+)(?:/(?P<path>.*))?")
_RAW_GITHUB = re.compile(r"/(?P<repo>[^/]+/[^/]+)/(?:refs/(?:heads|tags)/)?(?P<ref>[^/]+)/(?P<path>.+)")
_GITLAB = re.compile(r"/(?P<repo>.+?)/-/(?P<view>blob|tree|raw|edit)/(?P<ref>[^/]+)(?:/(?P<path>.*))?")
_GITEA = re.compile(
    r"/(?P<repo>[^/]+/[^/]+)/(?P<view>src|raw)/(?P<by>branch|tag|commit)/(?P<ref>[^/]+)(?:/(?P<path>.*))?"
)
_BITBUCKET = re.compile(r"/(?P<repo>[^/]+/[^/]+)/(?P<view>src|raw)/(?P<ref>[^/]+)(?:/(?P<path>.*))?")
_BITBUCKET_SERVER = re.compile(
    r"/(?P<owner>(?:projects|users)/[^/]+)/repos/(?P<name>[^/]+)/(?P<view>browse|raw)(?:/(?P<path>.*))?"
)
_BARE = re.compile(r"(?P<repo>/.+?\.git)(?:/(?P<view>blob|tree)/(?P<ref>[^/]+)(?:/(?P<path>.*))?)?")
_PUBLIC = re.compile(r"/(?P<repo>[^/]+/[^/]+)")
_PUBLIC_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "gitea", "bitbucket.org": "bitbucket"}
_VIEWS: dict[str, Kind] = {"blob": "file", "raw": "file", "edit": "file", "tree": "folder"}
# Addresses made by ``resolve_url`` have the form of a folder's for files too; these are never folders.
_FILE = re.compile(r".*\.(?:ya?ml|json|md|txt)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """What an address means.

    ``repo_url`` is the Git remote (empty for a ``plain`` file on any web server), ``ref`` a branch, tag or commit
    (empty for the default branch), ``path`` is relative to the root of the repository. ``kind`` is what the address
    says about the path; ``any`` where the host's addresses do not tell files from folders.
    """

    url: str
    host: str
    provider: str
    kind: Kind
    repo_url: str = ""
    ref: str = ""
    path: str = ""
    ref_type: str = "branch"

    @property
    def raw_url(self) -> str:
        """Where the file's bytes are served; the address itself for a plain one, empty where only Git serves them."""
        root = self.repo_url.removesuffix(".git")
        ref, path = quote(self.ref, safe=""), quote(self.path)
        if self.provider == "plain":
            return self.url
        if self.kind == "repository" or not self.ref or not self.path:
            return ""
        if self.host == "github.com":
            return f"https://raw.githubusercontent.com/{root.split('/', 3)[3]}/{ref}/{path}"
        match self.provider:
            case "github" | "bitbucket":
                return f"{root}/raw/{ref}/{path}"
            case "gitlab":
                return f"{root}/-/raw/{ref}/{path}"
            case "gitea":
                return f"{root}/raw/{self.ref_type}/{ref}/{path}"
            case "bitbucket-server":
                return f"{self._server_root}/raw/{path}?at={ref}"
        return ""

    @property
    def _server_root(self) -> str:
        base, _scm, repo = self.repo_url.removesuffix(".git").partition("/scm/")
        owner, _slash, name = repo.partition("/")
        kind = f"users/{owner[1:]}" if owner.startswith("~") else f"projects/{owner}"
        return f"{base}/{kind}/repos/{name}"

    def at(self, path: str, kind: Kind) -> str:
        """The address of another path in the same repository and ref."""
        root, ref = self.repo_url.removesuffix(".git"), quote(self.ref, safe="")
        view = {"file": "blob", "folder": "tree"}.get(kind, "tree")
        tail = f"/{quote(path)}" if path else ""
        match self.provider:
            case "github":
                return f"{root}/{view}/{ref}{tail}"
            case "gitlab":
                return f"{root}/-/{view}/{ref}{tail}"
            case "gitea":
                return f"{root}/src/{self.ref_type}/{ref}{tail}"
            case "bitbucket":
                return f"{root}/src/{ref}{tail}"
            case "bitbucket-server":
                return f"{self._server_root}/browse{tail}{f'?at={ref}' if ref else ''}"
        return f"{self.repo_url}/{view}/{ref}{tail}"

    def at_ref(self, ref: str) -> str:
        """The address of the root of the same repository at another ref."""
        return replace(self, ref=ref).at("", "file")


def parse_source_url(url: str) -> SourceUrl:
    """Take an http(s) or ``file://`` address apart.

    Addresses of GitHub, GitLab, Gitea and Bitbucket pages are known by their form, on hosts of any name; any remote
    may also be written ``https://host/x.git/blob/ref/path`` or ``file:///x.git/tree/ref/path``. What has none of
    these forms is a plain file. Raises BadUrl for other schemes and for what is no address.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise BadUrl(f"{url!r} is not a valid address.", url=url) from error
    if parts.scheme == "file" and parts.path.startswith("/") and host in {"", "localhost"}:
        return _bare(url, "", "", parts.path) or SourceUrl(url, "", "local", "any", path=unquote(parts.path))
    if parts.scheme not in {"http", "https"} or not host:
        raise BadUrl(f"{url!r} is neither an http(s) nor a file address.", url=url)
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    found = _on_known_host(url, host, base, parts.path) or _by_form(url, host, base, parts.path, parts.query)
    return found or SourceUrl(url, host, "plain", "plain")


def _on_known_host(url: str, host: str, base: str, path: str) -> SourceUrl | None:
    if host == "raw.githubusercontent.com" and (found := _RAW_GITHUB.fullmatch(path)):
        repo = f"https://github.com/{found['repo']}.git"
        return SourceUrl(url, "github.com", "github", "file", repo, unquote(found["ref"]), unquote(found["path"]))
    if host == "bitbucket.org" and (found := _BITBUCKET.fullmatch(path)):
        return _found(url, host, "bitbucket", base, found)
    if host in _PUBLIC_HOSTS and (found := _PUBLIC.fullmatch(path.rstrip("/"))):
        repo = f"{base}/{found['repo'].removesuffix('.git')}.git"
        return SourceUrl(url, host, _PUBLIC_HOSTS[host], "repository", repo)
    return None


def _by_form(url: str, host: str, base: str, path: str, query: str) -> SourceUrl | None:
    for provider, form in (("gitlab", _GITLAB), ("gitea", _GITEA), ("github", _GITHUB)):
        if (found := form.fullmatch(path)) and not found["repo"].endswith(".git"):
            return _found(url, host, provider, base, found)
    if found := _BITBUCKET_SERVER.fullmatch(path):
        return _bitbucket_server(url, host, base, found, query)
    return _bare(url, host, base, path)


def _found(url: str, host: str, provider: str, base: str, found: re.Match[str]) -> SourceUrl:
    parts = found.groupdict()
    path = unquote(parts["path"] or "").strip("/")
    repo = f"{base}/{parts['repo']}.git"
    kind, ref = _kind(parts["view"], path), unquote(parts["ref"])
    return SourceUrl(url, host, provider, kind, repo, ref, path, parts.get("by") or "branch")


def _kind(view: str, path: str) -> Kind:
    if not path:
        return "folder"
    kind = _VIEWS.get(view, "any")
    return "any" if kind == "folder" and _FILE.fullmatch(path) else kind


def _bitbucket_server(url: str, host: str, base: str, found: re.Match[str], query: str) -> SourceUrl:
    kind_of_owner, _slash, owner = found["owner"].partition("/")
    owner = f"~{owner}" if kind_of_owner == "users" else owner
    ref = (parse_qs(query).get("at") or [""])[0].removeprefix("refs/heads/").removeprefix("refs/tags/")
    path = unquote(found["path"] or "").strip("/")
    repo = f"{base}/scm/{owner}/{found['name']}.git"
    return SourceUrl(url, host, "bitbucket-server", "any" if path else "folder", repo, ref, path)


def _bare(url: str, host: str, base: str, path: str) -> SourceUrl | None:
    found = _BARE.fullmatch(path.rstrip("/"))
    if not found:
        return None
    repo = f"{base}{found['repo']}" if base else f"file://{found['repo']}"
    if not found["view"]:
        return SourceUrl(url, host, "git", "repository", repo)
    inner = unquote(found["path"] or "").strip("/")
    return SourceUrl(url, host, "git", _kind(found["view"], inner), repo, unquote(found["ref"]), inner)


def resolve_url(url: str, base: str) -> str:
    """The absolute address of ``url`` as written in the file at ``base``.

    Relative addresses are taken from the folder of that file, those with a leading ``/`` from the root of its
    repository, as Backstage does. Raises BadUrl when ``url`` is relative and ``base`` empty, or when it leaves the
    repository.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", url):
        return url
    if not base:
        raise BadUrl(f"The address {url!r} is relative, and it is not known relative to what.", url=url)
    source = parse_source_url(base)
    if source.provider in {"plain", "local"} or source.kind == "repository":
        return urljoin(base, url)
    folder = [] if url.startswith("/") else source.path.split("/")[:-1]
    # NOTE: addresses at GitHub become those of folders, whose form the host takes for files too; Backstage does so.
    return source.at(_climbed(folder, url), "folder" if source.provider == "github" else source.kind)


def _climbed(folder: list[str], relative: str) -> str:
    parts = list(folder)
    for part in relative.split("/"):
        if part == ".." and not parts:
            raise BadUrl(f"The address {relative!r} leads out of its repository.", url=relative)
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
