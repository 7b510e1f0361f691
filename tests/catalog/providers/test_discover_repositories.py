"""Finding catalog files in the repositories of an organisation, on a real host with three APIs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.ingestion.models import Location, LocationState
from catalog.ingestion.services import read_now, register_location, unregister_location
from catalog.providers.hosts.client import pause_of
from catalog.providers.models import FoundFile, Provider, Repository
from catalog.providers.reading import read_provider_now
from catalog.providers.services import delete_provider, queue_provider, update_provider
from portal.accounts.subjects import system
from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Invalid
from tests.catalog.providers.conftest import Make, read
from tests.catalog.providers.git_host import GitHost
from tests.conftest import Cast
from tests.factories.portal import make_token
from tests.factories.providers import component, make_provider

pytestmark = pytest.mark.django_db
FILE = "catalog-info.yaml"
KINDS = ("github", "gitlab", "gitea")


def text(name: str, **spec: Any) -> str:
    return json.dumps(component(name, **spec))


def names() -> set[str]:
    return set(Entity.objects.exclude(kind="Location").values_list("name", flat=True))


@pytest.mark.parametrize("kind", KINDS)
def test_it_finds_the_files_of_all_pages(host: GitHost, discovery: Make, kind: str, cast: Cast) -> None:
    for name in ("one", "two", "three", "four", "five"):
        host.add(f"acme/{name}", {FILE: text(name)})
    host.add("acme/plain", {"README.md": "nothing"})
    host.add("acme/empty")
    host.add("other/one", {FILE: text("foreign")})
    provider = read(discovery(kind))
    assert (provider.state, provider.error) == ("read", "")
    assert names() == {"one", "two", "three", "four", "five"}
    assert provider.outcome["repositories"] == 7
    location = Location.objects.get(target__contains="/three/")
    assert location.space == cast.space
    served = json.loads(Entity.objects.get(name="three").served)["metadata"]["annotations"]
    assert served["backstage.io/managed-by-location"] == f"url:{location.target}"
    assert served["backstage.io/source-location"].startswith(f"url:{host.url}/acme/three/")
    assert AuditEvent.objects.filter(action="provider.read").count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_follows_what_is_pushed_and_what_vanishes(host: GitHost, discovery: Make, kind: str) -> None:
    for name in ("one", "two", "three"):
        host.add(f"acme/{name}", {FILE: text(name)})
    provider = read(discovery(kind))
    host.push("acme/one", {FILE: text("one", lifecycle="old")})
    host.push("acme/two", {FILE: None, "README.md": "moved"})
    del host.repositories["acme/three"]
    host.add("acme/four", {FILE: text("four")})
    read(provider)
    assert names() == {"one", "four"}
    assert Entity.objects.get(name="one").lifecycle == "old"
    assert Location.objects.count() == 2


@pytest.mark.parametrize("kind", ["github", "gitea"])
def test_it_asks_for_nothing_that_it_knows(host: GitHost, discovery: Make, kind: str) -> None:
    for name in ("one", "two", "three"):
        host.add(f"acme/{name}", {FILE: text(name)})
    provider = read(discovery(kind))
    host.seen.clear()
    read(provider)
    assert {code for _, _, code in host.seen} == {304}
    assert len(host.seen) == 2
    location = Location.objects.get(target__contains="/one/")
    reading = read_now(location.pk)
    assert reading is not None
    assert reading.is_unchanged
    assert host.seen[-1][2] == 304


def test_it_looks_again_at_what_was_busy_where_the_host_tells_late(host: GitHost, discovery: Make) -> None:
    row = host.add("acme/one", {FILE: text("one")})
    provider = discovery("gitlab")
    row.stamp = timezone.now().isoformat()
    read(provider)
    stamp = row.stamp
    host.push("acme/one", {"deploy/catalog-info.yaml": text("two"), FILE: None})
    row.stamp = stamp  # as GitLab does within an hour
    update_provider(subject=system(), provider=provider, options={"path": "/catalog-info.yaml"})
    read(provider)
    assert names() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_find_several_files(host: GitHost, discovery: Make, kind: str) -> None:
    host.add(
        "acme/mono", {f"services/{name}/{FILE}": text(name) for name in ("a", "b")} | {f"deep/er/{FILE}": text("c")}
    )
    provider = read(discovery(kind, path="/services/*/catalog-info.yaml"))
    assert names() == {"a", "b"}
    update_provider(subject=system(), provider=provider, options={"path": "/**/catalog-info.yaml"})
    read(provider)
    assert names() == {"a", "b", "c"}
    assert FoundFile.objects.count() == 3


def test_filters_leave_repositories_out_and_say_why(host: GitHost, discovery: Make) -> None:
    host.add("acme/service-a", {FILE: text("a")}, topics=["backend", "gold"])
    host.add("acme/service-b", {FILE: text("b")}, topics=["backend", "secret"])
    host.add("acme/service-c", {FILE: text("c")}, topics=["other"])
    host.add("acme/service-d", {FILE: text("d")}, topics=["backend"], is_archived=True)
    host.add("acme/service-e", {FILE: text("e")}, topics=["backend"], is_fork=True)
    host.add("acme/library", {FILE: text("l")}, topics=["backend"])
    provider = read(discovery(names="service-*", topics=["Backend"], exclude_topics=["secret"]))
    assert names() == {"a"}
    reasons = dict(Repository.objects.values_list("name", "skipped"))
    assert reasons["acme/service-b"] == "has the topic secret"
    assert reasons["acme/service-d"] == "archived"
    assert reasons["acme/service-e"] == "a fork"
    assert "name" in reasons["acme/library"]
    update_provider(
        subject=system(),
        provider=provider,
        options={"with_archived": True, "with_forks": True, "names": "/service-[ade]/"},
    )
    read(provider)
    assert names() == {"a", "d", "e"}
    update_provider(subject=system(), provider=provider, options={"names": "/(x+x+)+y/"})
    read(provider)
    assert names() == set()


def test_a_branch_can_be_named(host: GitHost, discovery: Make) -> None:
    host.add("acme/one", {FILE: text("main")})
    host.push("acme/one", {FILE: text("next")}, "release/2")
    host.add("acme/two", {FILE: text("two")})
    read(discovery(branch="release/2"))
    assert names() == {"next"}


@pytest.mark.parametrize("kind", KINDS)
def test_people_have_repositories_too(host: GitHost, discovery: Make, kind: str) -> None:
    host.add("somebody/one", {FILE: text("one")})
    read(discovery(kind, owner="somebody"))
    assert names() == {"one"}


def test_groups_within_groups_are_read(host: GitHost, discovery: Make) -> None:
    host.add("acme/crew/one", {FILE: text("one")})
    host.add("acme/crew/two", {FILE: text("two")})
    host.add("acme/crew/three", {FILE: text("three")})
    read(discovery("gitlab", owner="acme/crew"))
    assert names() == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {"Retry_After": "900"}), (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "in 900"}),
     (429, {"RateLimit_Reset": "in 900"}), (403, {}), (403, {"Retry_After": "900"})],
)  # fmt: skip
def test_it_waits_when_the_host_asks_for_it(
    host: GitHost, discovery: Make, status: int, headers: dict[str, str]
) -> None:
    host.add("acme/one", {FILE: text("one")})
    provider = read(discovery())
    soon = int(timezone.now().timestamp()) + 900
    host.limit(status, **{name: str(soon) if value == "in 900" else value for name, value in headers.items()})
    read(provider)
    assert (provider.state, provider.failures, names()) == ("paused", 0, {"one"})
    assert provider.next_at == provider.wait_until
    assert provider.wait_until is not None
    assert timedelta(seconds=30) < provider.wait_until - timezone.now() < timedelta(seconds=901)
    host.seen.clear()
    queue_provider(provider)
    read(provider)
    Location.objects.update(marks={})
    reading = read_now(Location.objects.get().pk)
    assert host.seen == []
    assert reading is not None
    assert reading.is_postponed
    assert Location.objects.get().state == LocationState.READ
    assert "status" not in json.loads(Entity.objects.get(name="one").served)
    host.refusal = None
    Provider.objects.update(wait_until=timezone.now())
    assert read(provider).state == "read"


def test_it_goes_on_where_it_was_after_waiting(host: GitHost, discovery: Make) -> None:
    for number in range(6):
        host.add(f"acme/r{number}", {FILE: text(f"r{number}")})
    host.budget = 56
    provider = discovery()
    read_provider_now(provider.pk)
    provider.refresh_from_db()
    assert provider.state == "paused"
    found = FoundFile.objects.count()
    assert 0 < found < 6
    host.budget = None
    Provider.objects.update(wait_until=None)
    host.seen.clear()
    read(provider)
    assert FoundFile.objects.count() == 6
    assert host.asked("HEAD") == 0
    assert sum(method == "HEAD" for method, _, _ in host.seen) == 6 - found


def test_pauses_are_bounded() -> None:
    now = timezone.now()
    assert pause_of(200, {}) is None
    assert pause_of(403, {}, b"no") is None
    assert pause_of(200, {"x-ratelimit-remaining": "4000", "x-ratelimit-limit": "5000"}) is None
    far = pause_of(429, {"retry-after": "9999999"})
    odd = pause_of(429, {"retry-after": "soon", "x-ratelimit-reset": "99999999999"})
    dated = pause_of(429, {"retry-after": (now + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")})
    assert far is not None
    assert odd is not None
    assert dated is not None
    assert far - now < timedelta(hours=25)
    assert odd - now < timedelta(minutes=2)
    assert timedelta(minutes=58) < dated - now < timedelta(minutes=61)


def test_what_it_gave_stays_while_the_host_is_away(host: GitHost, discovery: Make) -> None:
    host.add("acme/one", {FILE: text("one")})
    host.add("acme/two", {FILE: text("two")})
    provider = read(discovery())
    host.limit(500)
    read(provider)
    assert (provider.state, provider.failures, names()) == ("failed", 1, {"one", "two"})
    first = provider.next_at
    read(provider)
    assert provider.failures == 2
    assert first is not None
    assert provider.next_at is not None
    assert provider.next_at - first > timedelta(minutes=30)
    host.refusal = (200, {"message": "a login page"}, {})
    assert "API" in read(provider).error
    host.refusal, host.token = None, "another"
    assert "401" in read(provider).error
    assert names() == {"one", "two"}


def test_one_broken_repository_does_not_stop_the_others(host: GitHost, discovery: Make) -> None:
    host.add("acme/one", {FILE: text("one")})
    host.add("acme/two", {FILE: text("two")})
    host.broken = "acme/one"
    provider = read(discovery())
    assert (provider.state, names()) == ("read", {"two"})
    assert "1 repositories" in provider.error
    assert "500" in Repository.objects.get(name="acme/one").error
    host.broken = ""
    read(provider)
    assert (provider.error, names()) == ("", {"one", "two"})


def test_the_token_opens_its_own_repository_and_nothing_else(host: GitHost, discovery: Make) -> None:
    """Whoever writes a catalog file must not get other files read with credentials that they do not have."""
    host.add("acme/hidden", {"secret.txt": "s3cret", "other.yaml": text("hidden")})
    own = component("own", metadata={"description": {"$text": "./words.txt"}})
    spy = component("spy", metadata={"description": {"$text": f"{host.url}/acme/hidden/blob/main/secret.txt"}})
    guide = {
        "apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "guide"},
        "spec": {"targets": [f"{host.url}/acme/hidden/blob/main/other.yaml", "./parts/*.yaml"]},
    }  # fmt: skip
    documents = "\n---\n".join(map(json.dumps, (own, spy, guide)))
    host.add("acme/one", {FILE: documents, "words.txt": "hello", "parts/a.yaml": text("a"), "parts/b.yaml": text("b")})
    read(discovery())
    assert names() == {"own", "a", "b"}
    assert json.loads(Entity.objects.get(name="own").served)["metadata"]["description"] == "hello"
    problems = {problem.ref or problem.address for problem in Location.objects.get().problems.all()}
    assert problems == {"component:default/spy", f"url:{host.url}/acme/hidden/blob/main/other.yaml"}


def test_the_token_never_follows_a_page_elsewhere(host: GitHost, discovery: Make) -> None:
    host.add("acme/one", {FILE: text("one")})
    host.refusal = (200, [], {"Link": '<http://127.0.0.1:1/next>; rel="next"'})
    assert "another host" in read(discovery()).error


def test_hosts_are_those_that_operators_allow(host: GitHost, discovery: Make, settings: Any) -> None:
    settings.READING_ALLOW = ["github.com"]
    assert "READING_ALLOW" in read(discovery()).error
    assert host.seen == []


def test_files_that_somebody_registered_stay_theirs(host: GitHost, discovery: Make, cast: Cast) -> None:
    host.add("acme/one", {FILE: text("one")})
    target = f"{host.url}/acme/one/blob/main/{FILE}"
    theirs = register_location(subject=system(), type="url", target=target, space=cast.sibling, publish=False)
    provider = read(discovery())
    assert FoundFile.objects.get().location is None
    unregister_location(subject=system(), location=theirs)
    read(provider)
    found = FoundFile.objects.get().location
    assert found is not None
    assert (found.space, names()) == (cast.space, {"one"})
    with pytest.raises(Conflict, match="git"):
        unregister_location(subject=cast.subject("owner"), location=found)


def test_it_moves_with_what_it_gave_and_goes_with_it(host: GitHost, discovery: Make, cast: Cast) -> None:
    host.add("acme/one", {FILE: text("one")})
    provider = read(discovery())
    update_provider(subject=system(), provider=provider, space=cast.sibling)
    read(provider)
    assert Entity.objects.get(name="one").space == cast.sibling
    assert delete_provider(subject=system(), provider=provider) == 2  # with the Location that stands for the file
    assert (Location.objects.count(), Entity.objects.count(), Repository.objects.count()) == (0, 0, 0)


def test_a_secret_goes_nowhere_else_and_is_never_told(
    host: GitHost, discovery: Make, cast: Cast, client: Client
) -> None:
    provider = discovery()
    with pytest.raises(Invalid, match="secret again"):
        update_provider(subject=system(), provider=provider, options={"api_url": "http://127.0.0.1:9/api"})
    headers = {"Authorization": f"Bearer {make_token(cast.owner)}"}
    answer = client.get("/api/v1/catalog-providers/git", headers=headers)
    assert answer.json()["has_secret"] is True
    assert host.token not in answer.content.decode()
    client.patch("/api/v1/catalog-providers/git", {"secret": "n3w"}, "application/json", headers=headers)
    provider.refresh_from_db()
    assert provider.secret == "n3w"
    assert "n3w" not in json.dumps([event.arguments for event in AuditEvent.objects.all()])
    client.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")
    for tail in ("", "change/"):
        assert "n3w" not in client.get(f"/catalog/-/providers/git/{tail}").content.decode()


@pytest.mark.parametrize(
    ("options", "field"),
    [({"owner": ""}, "owner"), ({"owner": "a/b"}, "owner"), ({"owner": "x", "path": "../x"}, "path"),
     ({"owner": "x", "url": "ftp://x"}, "url"), ({"owner": "x", "url": "https://u:p@x"}, "url"),
     ({"owner": "x", "names": "/(/"}, "names"), ({"owner": "x", "topics": "a"}, "topics"), ({"oops": 1}, "oops"),
     ({"owner": 3}, "owner"), ({"owner": "x", "with_forks": "yes"}, "with_forks")],
)  # fmt: skip
def test_wrong_options_are_named(cast: Cast, options: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_provider(cast.space, "bad", "github", **options)
    assert caught.value.data["errors"][0]["field"] == field
