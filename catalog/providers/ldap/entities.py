"""From entries of a directory to Users and Groups.

Rules: Backstage's ``LdapOrgEntityProvider``: names of attributes, annotations, which relations are taken from where,
and that a group has a parent only where there is just one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from catalog.entities.refs import Entity
from catalog.providers.ldap.reading import Row
from catalog.providers.options import DirectoryOptions, Search
from portal.accounts.ldap.connecting import first_text, texts

RDN, UUID, DN = "backstage.io/ldap-rdn", "backstage.io/ldap-uuid", "backstage.io/ldap-dn"
USER_MAP = {
    "rdn": "uid", "name": "uid", "displayName": "cn", "email": "mail", "memberOf": "memberOf", "description": "",
    "picture": "",
}  # fmt: skip
GROUP_MAP = {
    "rdn": "cn", "name": "cn", "description": "description", "displayName": "cn", "type": "groupType", "email": "",
    "picture": "", "memberOf": "memberOf", "members": "member",
}  # fmt: skip
_MEMBERS = ("member", "uniqueMember", "memberUid")
_UUIDS = ("entryUUID", "objectGUID", "ipaUniqueID", "nsUniqueId")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
_LONGEST_NAME = 63


def entity_name(text: str) -> str:
    """A name that an entity may have: ``text`` itself, or in lower case with ``_`` for whatever may not stand there.

    Rule: Backstage's ``normalizeEntityName``. Empty where nothing is left.
    """
    text = text.strip()
    if _NAME.fullmatch(text):
        return text
    plain = re.sub(r"[^a-z0-9_.-]+", "_", text.lower())
    plain = re.sub(r"_+", "_", plain)[:_LONGEST_NAME]
    return plain.strip("_.-")


@dataclass(slots=True)
class _Named:
    """An entity with the names by which others refer to it, and those that it refers to."""

    entity: Entity
    ref: str
    names: set[str]
    member_of: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)


def entities_of(options: DirectoryOptions, users: Iterable[Row], groups: Iterable[Row]) -> list[Entity]:
    """All entities with their relations, groups first; entries without a name stay without one, and are refused."""
    people = [_user(options, row) for row in users]
    teams = [_group(options, row) for row in groups]
    _relate(people, teams)
    return [each.entity for each in [*sorted(teams, key=_by_ref), *sorted(people, key=_by_ref)]]


def _by_ref(each: _Named) -> str:
    return each.ref


def _user(options: DirectoryOptions, row: Row) -> _Named:
    entity: Entity = {
        "apiVersion": "backstage.io/v1beta1", "kind": "User", "metadata": {"name": "", "annotations": {}},
        "spec": {"profile": {}, "memberOf": []},
    }  # fmt: skip
    mapped = USER_MAP | dict(options.users.map)
    named = _fill(entity, row, options, options.users, mapped)
    named.member_of = _refs(row, mapped["memberOf"])
    return named


def _group(options: DirectoryOptions, row: Row) -> _Named:
    entity: Entity = {
        "apiVersion": "backstage.io/v1beta1", "kind": "Group", "metadata": {"name": "", "annotations": {}},
        "spec": {"type": "unknown", "profile": {}, "children": []},
    }  # fmt: skip
    mapped = GROUP_MAP | dict(options.groups.map)
    named = _fill(entity, row, options, options.groups, mapped)
    if kind := first_text(row, mapped["type"]):
        entity["spec"]["type"] = kind
    named.member_of = _refs(row, mapped["memberOf"])
    # groupOfNames, groupOfUniqueNames and posixGroup each call their members differently.
    attributes = _MEMBERS if mapped["members"] == GROUP_MAP["members"] else (mapped["members"],)
    named.members = [ref for attribute in attributes for ref in _refs(row, attribute)]
    return named


def _fill(entity: Entity, row: Row, options: DirectoryOptions, search: Search, mapped: Mapping[str, str]) -> _Named:
    for path, value in search.set.items():
        _set(entity, path, value)
    metadata, profile = entity["metadata"], entity["spec"].setdefault("profile", {})
    metadata["name"] = entity_name(first_text(row, mapped["name"]))
    metadata["namespace"] = options.namespace
    _put(metadata, "description", first_text(row, mapped["description"]))
    uuid = first_text(row, options.uuid_attribute) if options.uuid_attribute else _uuid(row)
    annotations = metadata.setdefault("annotations", {})
    for name, value in ((RDN, first_text(row, mapped["rdn"])), (UUID, uuid), (DN, row["dn"])):
        _put(annotations, name, value)
    for name in ("displayName", "email", "picture"):
        _put(profile, name, first_text(row, mapped[name]))
    ref = f"{entity['kind']}:{options.namespace}/{metadata['name']}".lower()
    names = {dn_key(row["dn"]), first_text(row, mapped["rdn"]).lower(), uuid.lower(), ref}
    return _Named(entity, ref, names - {""})


def _uuid(row: Row) -> str:
    return next((found for name in _UUIDS if (found := first_text(row, name))), "")


def _put(place: dict[str, Any], name: str, value: str) -> None:
    if value:
        place[name] = value


def _set(entity: Entity, path: str, value: Any) -> None:
    """Set a dotted path; what stands in the way of it is left alone, and so is who the entity is."""
    *way, last = path.split(".")
    if path in ("kind", "apiVersion", "metadata.name", "metadata.namespace") or not last:
        return
    place: Any = entity
    for name in way:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            return
    place[last] = deepcopy(value)


def _refs(row: Row, attribute: str) -> list[str]:
    return [dn_key(value) for value in texts(row, attribute)] if attribute else []


def dn_key(text: str) -> str:
    """A distinguished name by which two that mean the same are equal: case and blanks around marks do not count."""
    return re.sub(r"\s*([,=+])\s*", r"\1", text.strip()).lower()


def _relate(people: list[_Named], teams: list[_Named]) -> None:
    """Fill in who is in which group, and which group is in which; each may be told from either side."""
    person = {name: each for each in people for name in each.names}
    team = {name: each for each in teams for name in each.names}
    groups_of: dict[str, set[str]] = {}
    parents: dict[str, set[str]] = {}
    children: dict[str, set[str]] = {}

    def lies_in(inner: _Named, outer: _Named) -> None:
        if inner is not outer:
            parents.setdefault(inner.ref, set()).add(outer.ref)
            children.setdefault(outer.ref, set()).add(inner.ref)

    for each in people:
        for name in each.member_of:
            if name in team:
                groups_of.setdefault(each.ref, set()).add(team[name].ref)
    for each in teams:
        for name in each.member_of:
            if name in team:
                lies_in(each, team[name])
        for name in each.members:
            if name in person:
                groups_of.setdefault(person[name].ref, set()).add(each.ref)
            elif name in team:
                lies_in(team[name], each)
    for each in people:
        each.entity["spec"]["memberOf"] = sorted(groups_of.get(each.ref, ()))
    for each in teams:
        each.entity["spec"]["children"] = sorted(children.get(each.ref, ()))
        if len(found := parents.get(each.ref, set())) == 1:
            each.entity["spec"]["parent"] = min(found)
