"""People and groups of a real OpenLDAP as Users and Groups of the catalog."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from catalog.entities.models import Entity
from catalog.ingestion.models import Problem
from catalog.providers.ldap.entities import DN, RDN, UUID, dn_key, entity_name
from catalog.providers.models import Provider
from catalog.providers.reading import read_provider_now
from catalog.providers.services import update_provider
from portal.accounts.ldap.connecting import DirectoryServer as Address
from portal.accounts.ldap.connecting import connected
from portal.accounts.subjects import system
from portal.lib.errors import Invalid
from tests.conftest import Cast
from tests.factories.providers import make_provider
from tests.portal.accounts.directory_server import (
    BASE,
    ROOT,
    ROOT_PASSWORD,
    SERVICE,
    SUFFIX,
    DirectoryServer,
    find_slapd,
    start,
)

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket, pytest.mark.xdist_group("directory")]
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
MANY = 1200
Make = Callable[..., Provider]


def person(name: str, full_name: str, **more: str) -> str:
    rows = {"uid": name, "cn": full_name, "sn": full_name.split()[-1], "mail": f"{name}@example.org", **more}
    body = "".join(f"{key}: {value}\n" for key, value in rows.items())
    return f"dn: uid={name},{PEOPLE}\nobjectClass: inetOrgPerson\n{body}\n"


def group(name: str, *members: str, kind: str = "groupOfNames", attribute: str = "member") -> str:
    rows = "".join(f"{attribute}: {member}\n" for member in members)
    return f"dn: cn={name},{GROUPS}\nobjectClass: {kind}\ncn: {name}\ndescription: All of {name}\n{rows}\n"


ENTRIES = (
    BASE
    + person("ada", "Ada Lovelace", description="Writes notes")
    + person("grace", "Grace Hopper")
    + person("Jean O'Neill", "Jean O'Neill", mail="jean@example.org")
    + group("crew", f"UID=ada, {PEOPLE}", f"uid=grace,{PEOPLE}")
    + group("company", f"cn=crew,{GROUPS}", f"cn=board,{GROUPS}")
    + group("board", f"uid=grace,{PEOPLE}", kind="groupOfUniqueNames", attribute="uniqueMember")
    + group("club", f"cn=crew,{GROUPS}", f"uid=gone,{PEOPLE}", f"cn=club,{GROUPS}")
)


@pytest.fixture(scope="module")
def slapd() -> str:
    """The server's program."""
    found = find_slapd()
    if found is None:
        if os.environ.get("CALLBOARD_REQUIRE_ALL"):
            pytest.fail("OpenLDAP (slapd) is not installed")
        pytest.skip("no OpenLDAP (slapd) on this machine; `make test` installs it on Debian")
    return found


@pytest.fixture
def server(tmp_path: Path, slapd: str) -> Iterator[DirectoryServer]:
    """A running directory."""
    running = start(tmp_path, slapd, ENTRIES)
    yield running
    running.stop()


def directory(cast: Cast, settings: Any, running: DirectoryServer, url: str = "", **options: Any) -> Provider:
    """A provider that reads the directory."""
    address = url or running.ldaps
    settings.READING_ALLOW = settings.READING_ALLOW_PRIVATE = [urlsplit(address).netloc]
    values = {
        "url": address, "bind_dn": SERVICE, "ca": running.ca_file.read_text(),
        "users": {"dn": PEOPLE, "filter": "(objectClass=inetOrgPerson)"},
        "groups": {"dn": GROUPS, "filter": "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))"}, **options,
    }  # fmt: skip
    return make_provider(cast.space, "people", "ldap", "service-password", **values)


@pytest.fixture
def make(cast: Cast, settings: Any, server: DirectoryServer) -> Make:
    """A function that makes a provider of the directory."""
    return lambda url="", **options: directory(cast, settings, server, url, **options)


def read(provider: Provider) -> Provider:
    read_provider_now(provider.pk)
    provider.refresh_from_db()
    return provider


def served(ref: str) -> Any:
    return json.loads(Entity.objects.get(ref=ref).served)


def change(server: DirectoryServer, verb: str, *arguments: Any) -> None:
    """Change the directory as its root."""
    with connected(Address(server.ldaps, ca_file=str(server.ca_file)), ROOT, ROOT_PASSWORD) as connection:
        assert connection is not None
        connection.read_only = False
        assert getattr(connection, verb)(*arguments), connection.result


def test_people_and_groups_become_entities(make: Make, cast: Cast) -> None:
    provider = read(make())
    assert (provider.state, provider.error) == ("read", "")
    assert provider.outcome == {
        "users": 3, "groups": 4, "entities": 7, "rejected": 0, "added": 7, "changed": 0, "removed": 0
    }  # fmt: skip
    ada = served("user:default/ada")
    assert ada["spec"]["profile"] == {"displayName": "Ada Lovelace", "email": "ada@example.org"}
    assert served("group:default/crew")["metadata"]["description"] == "All of crew"
    annotations = ada["metadata"]["annotations"]
    assert (annotations[RDN], annotations[DN]) == ("ada", f"uid=ada,{PEOPLE}")
    assert len(annotations[UUID]) == 36
    assert annotations["backstage.io/managed-by-location"] == "provider:people"
    assert Entity.objects.get(ref="user:default/ada").space == cast.space


def test_names_are_made_fit(make: Make) -> None:
    read(make())
    jean = served("user:default/jean_o_neill")
    assert jean["metadata"]["name"] == "jean_o_neill"
    assert jean["metadata"]["annotations"][RDN] == "Jean O'Neill"
    assert entity_name("Ada.Lovelace-1") == "Ada.Lovelace-1"
    assert entity_name("  Über  Crew! ") == "ber_crew"
    assert entity_name("!!!") == ""
    assert len(entity_name("x y" * 100)) <= 63


def test_who_is_in_which_group_is_told_from_either_side(make: Make) -> None:
    read(make())
    assert served("user:default/ada")["spec"]["memberOf"] == ["group:default/crew"]
    assert served("user:default/grace")["spec"]["memberOf"] == ["group:default/board", "group:default/crew"]
    company, board, crew = (served(f"group:default/{name}")["spec"] for name in ("company", "board", "crew"))
    assert company["children"] == ["group:default/board", "group:default/crew"]
    assert board["parent"] == "group:default/company"
    assert "parent" not in crew  # it has two, and an entity may have one
    assert served("group:default/club")["spec"]["children"] == ["group:default/crew"]
    relations = {(row["type"], row["targetRef"]) for row in served("group:default/crew")["relations"]}
    assert {("hasMember", "user:default/ada"), ("childOf", "group:default/company")} <= relations


def test_distinguished_names_are_compared_as_the_directory_does() -> None:
    assert dn_key("CN=Crew , OU=Groups,DC=Example") == dn_key("cn=crew,ou=groups,dc=example")


def test_attributes_and_fixed_values_are_chosen(make: Make) -> None:
    provider = make(
        namespace="staff",
        users={"dn": PEOPLE, "filter": "(uid=ada)", "map": {"name": "mail", "displayName": "sn", "description": ""},
               "set": {"metadata.labels.from": "ldap", "metadata.name": "no", "spec.profile.picture": "https://x/y.png",
                       "kind": "Group", "metadata.name.x": 1}},
        groups={"dn": GROUPS, "filter": "(cn=crew)", "map": {"type": "cn", "members": "uniqueMember"}, "scope": "one"},
    )  # fmt: skip
    read(provider)
    ada = served("user:staff/ada_example.org")
    assert ada["spec"]["profile"] == {
        "displayName": "Lovelace", "email": "ada@example.org", "picture": "https://x/y.png"
    }  # fmt: skip
    assert (ada["metadata"]["labels"], "description" in ada["metadata"]) == ({"from": "ldap"}, False)
    assert ada["spec"]["memberOf"] == []
    assert served("group:staff/crew")["spec"]["type"] == "crew"


def test_it_follows_changes_and_forgets_who_left(make: Make, server: DirectoryServer) -> None:
    provider = read(make())
    before = Entity.objects.get(ref="user:default/ada").updated_at
    change(server, "delete", f"uid=grace,{PEOPLE}")
    change(server, "modify", f"uid=Jean O'Neill,{PEOPLE}", {"mail": [("MODIFY_REPLACE", ["j@example.org"])]})
    read(provider)
    assert (provider.outcome["removed"], provider.outcome["changed"]) == (1, 1)
    assert not Entity.objects.filter(ref="user:default/grace").exists()
    assert Entity.objects.get(ref="user:default/ada").updated_at == before
    assert served("user:default/jean_o_neill")["spec"]["profile"]["email"] == "j@example.org"


def test_what_it_gave_stays_while_the_directory_is_away(make: Make, server: DirectoryServer) -> None:
    provider = read(make())
    Provider.objects.update(secret="x")
    update_provider(subject=system(), provider=provider, secret="wrong")
    assert "does not let" in read(provider).error
    update_provider(subject=system(), provider=provider, secret="service-password")
    assert read(provider).state == "read"
    update_provider(subject=system(), provider=provider, options={"users": {"dn": f"ou=nowhere,{SUFFIX}"}})
    assert "noSuchObject" in read(provider).error
    update_provider(
        subject=system(), provider=provider,
        options={"users": {"dn": PEOPLE, "filter": "(uid=nobody)"}, "groups": {"dn": GROUPS, "filter": "(cn=nothing)"}},
    )  # fmt: skip
    assert "no people and no groups" in read(provider).error
    update_provider(subject=system(), provider=provider, options={"users": {"dn": PEOPLE, "filter": "((("}})
    assert "filter" in read(provider).error
    server.stop()
    assert "cannot be read" in read(provider).error
    assert (provider.state, Entity.objects.count()) == ("failed", 7)


def test_an_entry_without_a_name_is_told_and_others_come(make: Make) -> None:
    provider = read(make(users={"dn": PEOPLE, "filter": "(objectClass=inetOrgPerson)", "map": {"name": "description"}}))
    assert (provider.outcome["rejected"], provider.outcome["entities"]) == (2, 5)
    assert Problem.objects.filter(reason="rejected").count() == 2


@pytest.mark.parametrize("limits", ["", "size=500 size.prtotal=unlimited"])
def test_large_directories_are_read_to_their_end_or_not_at_all(
    cast: Cast, settings: Any, tmp_path: Path, slapd: str, limits: str
) -> None:
    """A server cuts its answers at 500 entries; whoever took those for all of them would delete the others."""
    many = "".join(person(f"p{number}", f"Person {number}") for number in range(MANY))
    running = start(tmp_path, slapd, ENTRIES + many, limits)
    try:
        provider = read(directory(cast, settings, running))
    finally:
        running.stop()
    if limits:
        assert provider.outcome["users"] == MANY + 3
    else:
        assert "sizeLimitExceeded" in provider.error
        assert not Entity.objects.exists()


def test_only_allowed_servers_are_asked_and_only_over_tls(make: Make, server: DirectoryServer, settings: Any) -> None:
    assert read(make(server.ldap)).state == "read"  # StartTLS
    provider = Provider.objects.get()
    settings.READING_ALLOW = ["localhost"]
    assert "READING_ALLOW" in read(provider).error
    settings.READING_ALLOW = [urlsplit(server.ldap).netloc]
    settings.READING_ALLOW_PRIVATE = []
    assert "READING_ALLOW_PRIVATE" in read(provider).error
    settings.READING_ALLOW_PRIVATE = settings.READING_ALLOW
    update_provider(subject=system(), provider=provider, options={"is_starttls": False})
    assert "plain" in read(provider).error
    update_provider(subject=system(), provider=provider, options={"is_starttls": True, "ca": ""})
    assert "cannot be read" in read(provider).error


@pytest.mark.parametrize(
    ("options", "field"),
    [({"url": "http://x"}, "url"), ({"url": "ldaps://x", "users": {"dn": ""}}, "users"),
     ({"url": "ldaps://u@x"}, "url"),
     ({"url": "ldaps://x", "users": {"dn": "a", "scope": "all"}}, "users.scope"), ({"url": ""}, "url"),
     ({"url": "ldaps://x", "users": {"dn": "a", "map": {"name": 1}}}, "users.map"),
     ({"url": "ldaps://x", "users": {"dn": "a"}, "ca": "no"}, "ca"), ({"url": "ldaps://x", "users": []}, "users")],
)  # fmt: skip
def test_wrong_options_are_named(cast: Cast, options: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make_provider(cast.space, "bad", "ldap", **options)
    assert caught.value.data["errors"][0]["field"] == field
