"""Webhooks of Git hosts: who may speak, what is heard once, and which locations are read again at once."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

import pytest
from django.test import Client

from catalog.entities.models import Entity
from catalog.ingestion.models import Location
from catalog.ingestion.services import read_now, register_location
from catalog.providers.models import Delivery, Hook, Provider
from catalog.providers.webhooks.pushes import push_of
from catalog.providers.webhooks.services import MOST_BYTES, make_hook
from portal.accounts.subjects import system
from portal.audit.models import AuditEvent
from tests.catalog.providers.conftest import Make, read
from tests.catalog.providers.git_host import GitHost
from tests.catalog.providers.test_discover_repositories import FILE, names, text
from tests.conftest import Cast
from tests.factories.portal import make_token
from tests.factories.providers import component

pytestmark = pytest.mark.django_db
BEFORE, AFTER = "a" * 40, "b" * 40


def push_body(host: GitHost, name: str, *changed: str, kind: str = "github", **more: Any) -> dict[str, Any]:
    """What a host sends about a push that modified files."""
    url = f"{host.url}/{name}"
    commits = [{"id": AFTER, "added": [], "modified": list(changed), "removed": []}]
    body = {"ref": "refs/heads/main", "before": BEFORE, "after": AFTER, "commits": commits}
    if kind == "gitlab":
        project = {"web_url": url, "git_http_url": f"{url}.git", "default_branch": "main"}
        return {**body, "object_kind": "push", "project": project, "total_commits_count": 1, **more}
    repository = {"html_url": url, "clone_url": f"{url}.git", "default_branch": "main"}
    return {**body, "repository": repository, **more}


def send(
    client: Client, hook: Hook, body: Any, kind: str = "github", event: str = "", secret: str = "", delivery: str = ""
) -> Any:
    """Deliver a body as a host does."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    secret = secret or hook.secret
    signature = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    delivery = delivery or str(uuid.uuid4())
    headers = {
        "github": {"X-GitHub-Event": event or "push", "X-GitHub-Delivery": delivery,
                   "X-Hub-Signature-256": f"sha256={signature}"},
        "gitea": {"X-Gitea-Event": event or "push", "X-GitHub-Event": event or "push", "X-Gitea-Delivery": delivery,
                  "X-Gitea-Signature": signature},
        "gitlab": {"X-Gitlab-Event": event or "Push Hook", "X-Gitlab-Event-UUID": delivery, "X-Gitlab-Token": secret},
    }[kind]  # fmt: skip
    return client.generic("POST", f"/webhooks/git/{hook.uid}", content, "application/json", headers=headers)


def waiting() -> set[str]:
    """The repositories whose locations are to be read again."""
    return {target.split("/")[4] for target in Location.objects.filter(marks={}).values_list("target", flat=True)}


@pytest.fixture
def provider(host: GitHost, discovery: Make) -> Provider:
    """A provider that has read three repositories."""
    for name in ("one", "two", "three"):
        host.add(f"acme/{name}", {FILE: text(name), "README.md": "x"})
    found = read(discovery())
    assert waiting() == set()
    return found


@pytest.fixture
def hook(provider: Provider) -> Hook:
    return make_hook(subject=system(), provider=provider)


@pytest.mark.parametrize("kind", ["github", "gitlab", "gitea"])
def test_a_push_has_its_files_read_again_and_no_others(
    host: GitHost, discovery: Make, client: Client, kind: str
) -> None:
    for name in ("one", "two"):
        host.add(f"acme/{name}", {FILE: text(name)})
    provider = read(discovery(kind))
    hook = make_hook(subject=system(), provider=provider)
    host.push("acme/one", {FILE: text("one", lifecycle="old")})
    answer = send(client, hook, push_body(host, "acme/one", FILE, kind=kind), kind)
    assert (answer.status_code, answer.json()) == (202, {"result": "queued", "locations": 1})
    assert waiting() == {"one"}
    read(provider)
    assert Entity.objects.get(name="one").lifecycle == "old"
    assert AuditEvent.objects.filter(action="git_webhook.push").count() == 1
    hook.refresh_from_db()
    assert hook.heard.startswith(kind)


def test_other_files_branches_and_repositories_change_nothing(host: GitHost, hook: Hook, client: Client) -> None:
    for body in (
        push_body(host, "acme/one", "README.md"), push_body(host, "acme/one", FILE, ref="refs/heads/other"),
        push_body(host, "acme/unknown", "README.md"), push_body(host, "other/one", FILE, ref="refs/tags/v1"),
    ):  # fmt: skip
        answer = send(client, hook, body)
        assert (answer.status_code, answer.json()["result"]) == (202, "ignored")
    assert waiting() == set()
    assert Provider.objects.get().again == 0


@pytest.mark.parametrize(
    "more", [{"forced": True}, {"commits": []}, {"after": "0" * 40, "deleted": True}, {"commits": [1]}]
)
def test_where_the_body_does_not_tell_all_files_all_are_read(
    host: GitHost, hook: Hook, client: Client, more: dict[str, Any]
) -> None:
    send(client, hook, push_body(host, "acme/two", **more))
    assert waiting() == {"two"}


def test_long_pushes_are_not_believed_to_be_told_whole(host: GitHost) -> None:
    body = push_body(host, "acme/one", "a", kind="gitlab", total_commits_count=21)
    push = push_of("gitlab", "Push Hook", body)
    assert push is not None
    assert push.changed is None
    whole = push_of("gitlab", "Push Hook", push_body(host, "acme/one", "a", kind="gitlab"))
    assert whole is not None
    assert whole.changed == {"a"}


def test_a_new_file_is_looked_for(host: GitHost, hook: Hook, client: Client, provider: Provider) -> None:
    host.add("acme/four", {"README.md": "x"})
    host.push("acme/four", {FILE: text("four")})
    commit = {"added": [FILE], "modified": [], "removed": []}
    body = push_body(host, "acme/four", commits=[commit])
    assert send(client, hook, body).json() == {"result": "queued", "locations": 0}
    read(provider)
    assert names() == {"one", "two", "three", "four"}
    host.push("acme/one", {FILE: None})
    body = push_body(host, "acme/one", commits=[{**commit, "added": [], "removed": [FILE]}])
    assert send(client, hook, body).json() == {"result": "queued", "locations": 1}
    read(provider)
    assert names() == {"two", "three", "four"}
    asked = Provider.objects.get().again
    assert send(client, hook, push_body(host, "acme/two", FILE)).json() == {"result": "queued", "locations": 1}
    assert Provider.objects.get().again == asked


def test_files_that_a_document_was_made_of_count(host: GitHost, discovery: Make, client: Client) -> None:
    words = component("one", metadata={"description": {"$text": "./docs/words.txt"}})
    guide = {
        "apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "guide"},
        "spec": {"targets": ["./parts/*.yaml", "./more.yaml"]},
    }  # fmt: skip
    files = {FILE: f"{json.dumps(words)}\n---\n{json.dumps(guide)}", "docs/words.txt": "hello", "docs/other.txt": "x",
             "parts/a.yaml": text("a"), "more.yaml": text("more")}  # fmt: skip
    host.add("acme/one", files)
    provider = read(discovery())
    hook = make_hook(subject=system(), provider=provider)
    assert names() == {"one", "a", "more"}
    for path, result in (
        ("docs/words.txt", 1),
        ("parts/a.yaml", 1),
        ("more.yaml", 1),
        ("parts/new.yaml", 1),
        ("docs/other.txt", 0),
    ):
        Location.objects.update(marks={"url:x": "", **Location.objects.get().marks})
        answer = send(client, hook, push_body(host, "acme/one", path))
        assert (path, answer.json()["locations"]) == (path, result)
        read(provider)


def test_a_location_can_have_a_webhook_of_its_own(host: GitHost, cast: Cast, client: Client) -> None:
    host.token = ""
    host.add("acme/one", {f"a/{FILE}": text("a"), f"b/{FILE}": text("b")})
    targets = {name: f"{host.url}/acme/one/blob/main/{name}/{FILE}" for name in "ab"}
    made = {
        name: register_location(subject=system(), type="url", target=target, space=cast.space, publish=False)
        for name, target in targets.items()
    }
    Location.objects.update(marks={"kept": "x"})
    hook = make_hook(subject=system(), location=made["a"])
    assert send(client, hook, push_body(host, "acme/one", f"b/{FILE}")).json()["locations"] == 0
    assert send(client, hook, push_body(host, "acme/one", f"a/{FILE}")).json()["locations"] == 1
    made["a"].refresh_from_db()
    made["b"].refresh_from_db()
    assert (made["a"].marks, made["b"].marks) == ({}, {"kept": "x"})


@pytest.mark.parametrize(
    ("target", "changed", "expected"),
    [("/tree/main/svc", "svc/deep/x.yaml", 1), ("/tree/main/svc", "other/x.yaml", 0), ("/tree/main/svc", "svc/x.md", 0),
     ("/blob/main/**/info.yaml", "a/b/info.yaml", 1), ("/blob/main/**/info.yaml", "a/b/other.yaml", 0),
     (".git", "x.yml", 1), ("/blob/next/info.yaml", "info.yaml", 0)],
)  # fmt: skip
def test_folders_patterns_and_whole_repositories_hear_what_is_in_them(
    host: GitHost, cast: Cast, client: Client, target: str, changed: str, expected: int
) -> None:
    location = register_location(
        subject=system(), type="url", target=f"{host.url}/acme/one{target}", space=cast.space, publish=False
    )
    hook = make_hook(subject=system(), location=location)
    assert send(client, hook, push_body(host, "acme/one", changed)).json()["locations"] == expected


def test_nobody_learns_which_webhooks_there_are(host: GitHost, hook: Hook, client: Client) -> None:
    body = push_body(host, "acme/one", FILE)
    answers = [
        send(client, Hook(uid=uuid.uuid4(), secret=hook.secret), body), send(client, hook, body, secret="wrong"),
        send(client, hook, body, "gitlab", secret="wrong"), send(client, hook, body, "gitea", secret="wrong"),
        client.post(f"/webhooks/git/{hook.uid}", body, "application/json"),
        client.post(f"/webhooks/git/{hook.uid}", body, "application/json",
                    headers={"X-GitHub-Event": "push", "X-Hub-Signature-256": "sha256=ü"}),
    ]  # fmt: skip
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert (waiting(), Delivery.objects.count()) == (set(), 0)


def test_tries_without_the_secret_are_counted(host: GitHost, hook: Hook, client: Client, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "git_webhook": (3, 600)}
    body = push_body(host, "acme/one", "README.md")
    for number in range(10):
        assert send(client, hook, {**body, "number": number}).status_code == 202
    codes = [send(client, hook, body, secret="wrong").status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    answer = send(client, hook, body, secret="wrong")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab"])
def test_a_delivery_is_heard_once(host: GitHost, hook: Hook, client: Client, kind: str, provider: Provider) -> None:
    body = push_body(host, "acme/one", FILE, kind=kind)
    assert send(client, hook, body, kind, delivery="1").json()["result"] == "queued"
    Location.objects.filter(marks={}).update(marks={"kept": "x"})
    assert send(client, hook, body, kind, delivery="1").json() == {"result": "known", "locations": 0}
    assert waiting() == set()
    # The id is not signed, so the same body under another id is the same delivery; GitLab signs nothing at all.
    again = send(client, hook, body, kind, delivery="2").json()["result"]
    assert again == ("queued" if kind == "gitlab" else "known")


def test_other_events_are_let_pass(host: GitHost, hook: Hook, client: Client) -> None:
    for kind, event in (("github", "ping"), ("github", "issues"), ("gitea", "release"), ("gitlab", "Note Hook")):
        answer = send(client, hook, {"zen": event}, kind, event)
        assert (answer.status_code, answer.json()["result"]) == (202, "ignored")
    for body in (b"nothing", b"[]", json.dumps({"ref": "refs/heads/main"}).encode()):
        answer = send(client, hook, body)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert client.get(f"/webhooks/git/{hook.uid}").status_code == 405


def test_forms_are_read_and_large_bodies_refused(host: GitHost, hook: Hook, client: Client) -> None:
    from urllib.parse import urlencode

    content = urlencode({"payload": json.dumps(push_body(host, "acme/one", FILE))}).encode()
    signature = hmac.new(hook.secret.encode(), content, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signature}"}
    answer = client.generic(
        "POST", f"/webhooks/git/{hook.uid}", content, "application/x-www-form-urlencoded", headers=headers
    )
    assert answer.json()["result"] == "queued"
    assert send(client, hook, b"x" * (MOST_BYTES + 1)).status_code == 413


def test_webhooks_are_made_by_rights_and_their_secret_told_once(cast: Cast, client: Client, provider: Provider) -> None:
    def call(who: str, method: str, path: str = "", body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {make_token(getattr(cast, who))}"}
        return client.generic(method, f"/api/v1/git-webhooks{path}", json.dumps(body or {}), "application/json",
                              headers=headers)  # fmt: skip

    assert call("member", "POST", body={"provider": "git"}).status_code == 403
    assert call("stranger", "POST", body={"provider": "git"}).status_code == 404
    made = call("owner", "POST", body={"provider": "git"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    hook = Hook.objects.get()
    assert (hook.secret, str(hook.uid) in made.json()["address"]) == (secret, True)
    assert secret not in call("member", "GET").content.decode()
    assert call("stranger", "GET").json()["results"] == []
    again = call("owner", "POST", body={"provider": "git"}).json()
    assert (again["uid"], again["secret"] == secret) == (made.json()["uid"], False)
    assert call("owner", "POST", body={}).status_code == 400
    assert call("member", "DELETE", f"/{hook.uid}").status_code == 403
    assert call("owner", "DELETE", f"/{hook.uid}").status_code == 204
    assert not Hook.objects.exists()


def test_a_read_file_is_read_from_the_api_and_not_from_a_cache(host: GitHost, provider: Provider) -> None:
    host.seen.clear()
    Location.objects.filter(target__contains="/one/").update(marks={})
    read_now(Location.objects.get(target__contains="/one/").pk)
    assert [path for _, path, _ in host.seen] == [f"/api/v3/repos/acme/one/contents/{FILE}?ref=main"]
