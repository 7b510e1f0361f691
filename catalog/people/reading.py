"""Accounts, groups and entities as the rules see them, each found by what the others are called.

Nothing is kept: every lookup is by an index (hashed terms and names of entities, names and addresses of accounts), so
that a link is never older than the rows that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Lower
from django.db.models.lookups import In

from catalog.entities.indexing import term
from catalog.entities.models import Entity
from catalog.people.matching import Candidate, Holder
from catalog.people.models import Rule
from catalog.people.names import AccountName, GroupName, account_name, group_name
from portal.accounts.models import User

USER, GROUP = "user", "group"
ACCOUNT_ANNOTATION = "callboard.dev/account"
GROUP_ANNOTATION = "callboard.dev/group"
_ANNOTATION = {
    USER: f"metadata.annotations.{ACCOUNT_ANNOTATION}",
    GROUP: f"metadata.annotations.{GROUP_ANNOTATION}",
}
_EMAIL = "spec.profile.email"
_Rows: TypeAlias = QuerySet[Entity, tuple[str, str | None, str | None, str]]
# More entities than that which all say that they are the same person are no help to anybody.
_MOST = 500


def accounts(condition: Q | None = None) -> list[Holder]:
    """People who may sign in. Suspended ones are nobody, so that their successors are not in their way."""
    found = User.objects.filter(is_active=True).filter(condition or Q()).annotate(is_proven=_is_proven())
    rows = found.order_by("username").values_list("pk", "username", "display_name", "email", "is_proven")
    return [_account(*row) for row in rows]


def groups(condition: Q | None = None) -> list[Holder]:
    """Groups of the portal."""
    rows = Group.objects.filter(condition or Q()).order_by("name").values_list("pk", "name")
    return [_group(pk, name) for pk, name in rows]


def _is_proven() -> Q:
    """Whether the address of an account is more than its own word.

    SECURITY: providers' addresses and those that people add themselves have a row here, which says whether they are
    confirmed; only admins, provisioning, the directory and the proxy set an address without one.
    """
    doubtful = EmailAddress.objects.annotate(lowered=Lower("email")).filter(
        user=OuterRef("pk"), lowered=Lower(OuterRef("email")), verified=False
    )
    return ~Q(email="") & ~Q(Exists(doubtful))


def _account(pk: int, username: str, display_name: str, email: str, is_proven: bool) -> Holder:
    keys = {
        Rule.ANNOTATION: username.lower(),
        Rule.EMAIL: email.lower() if is_proven else "",
        Rule.NAME: account_name(username),
    }
    return Holder(USER, pk, display_name or username, username, keys)


def _group(pk: int, name: str) -> Holder:
    return Holder(GROUP, pk, name, name, {Rule.ANNOTATION: name.lower(), Rule.NAME: group_name(name)})


def candidates(kind: str, condition: Q | None = None) -> list[Candidate]:
    """The User or Group entities, or some of them."""
    return _read(_entities(kind).filter(condition or Q()))


def matching_entities(holders: Iterable[Holder], rules: Sequence[Rule]) -> dict[str, list[Candidate]]:
    """The entities that match these accounts and groups by any rule, by kind. One query."""
    wanted: dict[tuple[str, Rule], set[str]] = {}
    for holder in holders:
        for rule in rules:
            if key := holder.keys.get(rule):
                wanted.setdefault((holder.kind, rule), set()).add(key)
    # Limited rule by rule, so that heaps of entities with somebody's address do not hide the one that names them.
    parts = [
        _entities(kind).filter(_looked_for(kind, rule, keys))[: _MOST + len(keys)]
        for (kind, rule), keys in wanted.items()
    ]
    found: dict[str, list[Candidate]] = {USER: [], GROUP: []}
    if parts:
        for candidate in _read(parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]):
            found[candidate.ref.partition(":")[0]].append(candidate)
    return found


def matching_holders(kind: str, rows: Iterable[Candidate], rules: Sequence[Rule]) -> list[Holder]:
    """The accounts or groups that match these entities by any rule. One query."""
    said = {rule: {row.keys[rule] for row in rows if row.keys.get(rule)} for rule in rules}
    if not any(said.values()):
        return []
    return accounts(_accounts_with(said)) if kind == USER else groups(_groups_with(said))


def _accounts_with(said: dict[Rule, set[str]]) -> Q:
    names, texts = said.get(Rule.NAME, set()), said.get(Rule.ANNOTATION, set())
    found = Q(pk__in=[])
    if texts:
        found |= _in(Lower("username"), texts)
    if emails := said.get(Rule.EMAIL, set()):
        found |= _in(Lower("email"), emails)
    return found | _in(AccountName("username"), names) if names else found


def _groups_with(said: dict[Rule, set[str]]) -> Q:
    names, texts = said.get(Rule.NAME, set()), said.get(Rule.ANNOTATION, set())
    found = Q(pk__in=[])
    if texts:
        found |= _in(Lower("name"), texts)
    return found | _in(GroupName("name"), names) if names else found


def _in(expression: Any, texts: set[str]) -> Q:
    return Q(In(expression, sorted(texts)))


def _looked_for(kind: str, rule: Rule, keys: set[str]) -> Q:
    if rule == Rule.NAME:
        return Q(name_key__in=sorted(keys))
    # PERF: hashes in the one inverted index; a false hit is sorted out when the texts are compared.
    key = _ANNOTATION[kind] if rule == Rule.ANNOTATION else _EMAIL
    return Q(terms__overlap=[term(key, text) for text in sorted(keys)])


def _entities(kind: str) -> _Rows:
    found = Entity.objects.filter(kind_key=kind).annotate(
        said=KeyTextTransform(0, KeyTransform(_ANNOTATION[kind], "facts")),
        email=KeyTextTransform(0, KeyTransform(_EMAIL, "facts"))
        if kind == USER
        else Value("", output_field=TextField()),
        called=F("name_key"),
    )
    return found.values_list("ref", "said", "email", "called")


def _read(rows: _Rows) -> list[Candidate]:
    return [
        Candidate(ref, {Rule.ANNOTATION: said or "", Rule.EMAIL: email or "", Rule.NAME: name})
        for ref, said, email, name in sorted(rows)
    ]
