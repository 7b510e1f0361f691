"""Registering, refreshing and unregistering: what happens to entities, and who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from catalog.entities.models import Entity, FacetCount, Relation
from catalog.ingestion.models import Location, Problem
from catalog.ingestion.services import (
    forget_marks,
    preview_location,
    read_now,
    register_location,
    unregister_location,
)
from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from tests.conftest import Cast
from tests.factories.catalog import make_location
from tests.factories.portal import make_space

SignIn = Callable[[User], Client]


def document(name: str, kind: str = "Component", **spec: object) -> str:
    """One YAML document of a component."""
    body = {"type": "service", "lifecycle": "production", "owner": "team-a", **spec}
    return json.dumps({"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": body})


def names() -> set[str]:
    return set(Entity.objects.exclude(kind="Location").values_list("name", flat=True))


def counts() -> dict[str, int]:
    rows = FacetCount.objects.filter(key="kind").values_list("value", "count")
    return dict(rows)


def test_it_reads_a_file_with_several_documents(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(f"{document('desk')}\n---\n---\n{document('window', dependsOn=['component:desk'])}\n")
    location = make_location(cast.space, file)
    assert names() == {"desk", "window"}
    assert location.state == "read"
    served = json.loads(Entity.objects.get(name="desk").served)
    assert {"type": "dependencyOf", "targetRef": "component:default/window"} in served["relations"]


def test_it_tells_each_refused_document_with_its_line(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(f"{document('desk')}\n---\nkind: [broken\n---\nkind: Component\n---\n{document('window')}\n")
    location = make_location(cast.space, file)
    assert names() == {"desk", "window"}
    assert [(problem.document, problem.line) for problem in location.problems.all()] == [(1, 4), (2, 5)]


def test_it_keeps_what_was_good_while_its_file_is_broken(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(f"{document('desk')}\n---\n{document('window')}\n")
    location = make_location(cast.space, file)
    uid = Entity.objects.get(name="desk").uid
    file.write_text(f"{document('desk', owner='')}\n---\n{document('window')}\n")
    read_now(location.pk)
    desk = Entity.objects.get(name="desk")
    assert desk.uid == uid
    assert json.loads(desk.served)["status"]["items"][0]["level"] == "error"
    assert json.loads(desk.served)["spec"]["owner"] == "team-a"
    file.write_text(document("desk"))
    read_now(location.pk)
    assert "status" not in json.loads(Entity.objects.get(name="desk").served)
    assert names() == {"desk"}


def test_it_keeps_everything_while_the_file_is_gone(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(document("desk"))
    location = make_location(cast.space, file)
    file.unlink()
    read_now(location.pk)
    location.refresh_from_db()
    assert names() == {"desk"}
    assert location.state == "failed"
    assert location.failures == 1
    assert "no file" in location.error


def test_it_removes_what_is_described_no_more(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(f"{document('desk')}\n---\n{document('window', dependsOn=['component:desk'])}\n")
    location = make_location(cast.space, file)
    file.write_text(document("desk"))
    read_now(location.pk)
    assert names() == {"desk"}
    assert counts() == {"Component": 1, "Location": 1}
    relations = json.loads(Entity.objects.get(name="desk").served)["relations"]
    assert [row["type"] for row in relations] == ["ownedBy"]


def test_it_does_nothing_where_nothing_changed(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    file.write_text(document("desk"))
    location = make_location(cast.space, file)
    before = Entity.objects.get(name="desk").updated_at
    reading = read_now(location.pk)
    assert reading is not None
    assert reading.is_unchanged
    forget_marks(location)
    reading = read_now(location.pk)
    assert reading is not None
    assert reading.outcome.unchanged == 2
    assert Entity.objects.get(name="desk").updated_at == before


def test_it_follows_locations_and_patterns_once_each(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    for name in ("one", "two"):
        (tmp_path / "teams" / f"{name}.yaml").write_text(document(name))
    root = {"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "all"},
            "spec": {"targets": ["./teams/*.yaml", "./teams/one.yaml", "./all.yaml", "../../etc/passwd"]}}  # fmt: skip
    (tmp_path / "all.yaml").write_text(json.dumps(root))
    location = make_location(cast.space, tmp_path / "all.yaml")
    assert names() == {"one", "two"}
    assert Entity.objects.get(name="one").parent_ref == "location:default/all"
    problem = Problem.objects.get(location=location)
    assert "outside" in problem.message


def test_it_does_not_follow_links_out_of_the_folder(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(document("secret"))
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "catalog-info.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "open" / "loop").symlink_to(tmp_path / "open")
    make_location(cast.space, tmp_path / "open")
    assert names() == set()


def test_it_lets_the_first_have_a_name_and_the_second_when_it_is_free(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "catalog-info.yaml").write_text(document("desk", lifecycle=name))
    first = make_location(cast.space, tmp_path / "first")
    second = make_location(cast.sibling, tmp_path / "second")
    assert Entity.objects.get(name="desk").lifecycle == "first"
    assert second.problems.get().reason == "conflict"
    with django_capture_on_commit_callbacks(execute=True):
        unregister_location(subject=system(), location=first)
    assert read_now(second.pk) is not None
    assert Entity.objects.get(name="desk").lifecycle == "second"
    assert not second.problems.exists()


def test_it_puts_an_entity_into_a_space_below_and_nowhere_else(cast: Cast, tmp_path: Path) -> None:
    below = make_space("pit", cast.space)
    texts = [json.loads(document(name)) for name in ("down", "aside")]
    texts[0]["metadata"]["annotations"] = {"callboard.io/space": "pit"}
    texts[1]["metadata"]["annotations"] = {"callboard.io/space": cast.sibling.slug}
    file = tmp_path / "catalog-info.yaml"
    file.write_text("\n---\n".join(map(json.dumps, texts)))
    location = make_location(cast.space, file)
    assert Entity.objects.get(name="down").space == below
    assert Entity.objects.get(name="aside").space == cast.space
    assert location.problems.get().reason == "space"


def test_it_takes_everything_along_when_it_is_unregistered(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(f"{document('desk')}\n---\n{document('window')}")
    location = make_location(cast.space, tmp_path)
    assert unregister_location(subject=cast.subject("owner"), location=location) == 3
    assert not Entity.objects.exists()
    assert not Relation.objects.exists()
    assert not FacetCount.objects.exists()
    assert AuditEvent.objects.filter(action="location.delete").count() == 1


def test_it_lets_operators_alone_read_this_machine(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(document("desk"))
    for target, kind in ((str(tmp_path), "file"), (f"file://{tmp_path}/x.git/blob/main/a.yaml", "url")):
        with pytest.raises(Forbidden):
            register_location(subject=cast.subject("owner"), type=kind, target=target, space=cast.space)
    assert register_location(subject=cast.subject("operator"), type="file", target=str(tmp_path), space=cast.space).pk


def test_it_refuses_what_it_can_not_register(cast: Cast) -> None:
    def register(target: str, who: str = "member", kind: str = "url") -> Location:
        return register_location(subject=cast.subject(who), type=kind, target=target, space=cast.space)

    for target in ("", "javascript:alert(1)", "ftp://example.com/x", "https://", "x" * 3000):
        with pytest.raises(Invalid):
            register(target)
    with pytest.raises(Invalid):
        register("https://example.com/catalog-info.yaml", kind="http")
    with pytest.raises(NotFound):
        register("https://example.com/catalog-info.yaml", who="stranger")
    assert register("https://example.com/catalog-info.yaml").space == cast.space
    with pytest.raises(Conflict):
        register("https://example.com/catalog-info.yaml", who="owner")


def test_it_previews_without_writing(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(f"{document('desk')}\n---\nkind: 1\n")
    preview = preview_location(subject=cast.subject("operator"), type="file", target=str(tmp_path), space=cast.space)
    assert [found.ref for found in preview.found][1:] == ["component:default/desk"]
    assert len(preview.troubles) == 1
    assert not Entity.objects.exists()


def test_it_ingests_from_the_command_line(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "catalog-info.yaml").write_text(f"{document('desk')}\n---\nkind: 1\n")
    call_command("ingest", str(tmp_path), "--space", "stage")
    out = capsys.readouterr().out
    assert "2 entities, 2 relations" in out
    assert "catalog-info.yaml, document 2, line 3: rejected" in out
    assert Entity.objects.get(name="desk").space == cast.space
    with pytest.raises(CommandError, match="There is no"):
        call_command("ingest", str(tmp_path / "absent"))
    with pytest.raises(CommandError, match="stage"):
        call_command("ingest", str(tmp_path), "--space", "wings")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00bad",
        b"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" + b"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" * 1
        + b"".join(f"k{i}: &k{i} [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n".encode() for i in range(50)),
        b"[" * 20_000,
        b"a: 1\na: 2\n",
        b'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: "a\\0b"}\nspec: {}\n',
        b'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: half, title: "\\ud800 \\0"}\n'
        b"spec: {type: a, lifecycle: b, owner: c}\n",
        b"just text",
        b"? [1, 2]\n: odd\n",
    ],
    ids=["encoding", "aliases", "depth", "doubled", "nul", "surrogate", "scalar", "keys"],
)  # fmt: skip
def test_it_survives_hostile_files(cast: Cast, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalog-info.yaml").write_bytes(content)
    (tmp_path / "catalog-info-good.yaml").write_text(document("desk"))
    location = make_location(cast.space, tmp_path)
    assert "desk" in names()
    assert location.state == "read"
    assert location.problems.exists() or "half" in names()


def test_it_shows_locations_by_rights(cast: Cast, as_client: SignIn, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(f"{document('desk')}\n---\nkind: 1\n")
    location = make_location(cast.space, tmp_path)
    addresses = [f"/catalog/-/locations/{location.uid}/{tail}" for tail in ("", "unregister/")]
    client = as_client(cast.owner)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    assert str(tmp_path) in client.get("/catalog/-/locations/").content.decode()
    client = as_client(cast.stranger)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert str(tmp_path) not in client.get("/catalog/-/locations/").content.decode()
    client = as_client(cast.member)
    assert client.post(f"/catalog/-/locations/{location.uid}/refresh/").status_code == 302
    assert client.post(f"/catalog/-/locations/{location.uid}/unregister/").status_code == 403
    client = as_client(cast.owner)
    assert client.post(f"/catalog/-/locations/{location.uid}/unregister/").status_code == 302
    assert names() == set()


def test_it_registers_by_form(cast: Cast, as_client: SignIn) -> None:
    client = as_client(cast.member)
    assert client.get("/catalog/-/register/").status_code == 200
    data = {"target": "https://elsewhere.invalid/catalog-info.yaml", "space": "stage"}
    preview = client.post("/catalog/-/register/", {**data, "preview": "1"})
    assert preview.status_code == 200
    assert "READING_ALLOW" in preview.content.decode()
    assert client.post("/catalog/-/register/", data).status_code == 302
    assert client.post("/catalog/-/register/", data).status_code == 422
    assert client.post("/catalog/-/register/", {**data, "space": "wings"}).status_code == 422
