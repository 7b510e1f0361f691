"""Questions to the catalog as SQL: filters, order, full text, totals and facets, always by rights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, Sum, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from catalog.entities import withholding
from catalog.entities.filters import AllOf, AnyOf, Exists, Filter, HasPrefix, In, Not
from catalog.entities.indexing import COUNTED, WORDED, term
from catalog.entities.models import Entity, FacetCount
from catalog.entities.policies import Permission
from portal.accounts.subjects import Subject
from portal.spaces import access

_EVERYTHING = Q()
_NOTHING = Q(pk__in=[])
# Keys that every entity has, so that ordering by them leaves nothing out.
_OF_UIDS = frozenset("0123456789abcdef-")
_ALWAYS = {"kind", "apiversion", "metadata.name", "metadata.namespace", "metadata.uid"}
_COLUMNS = {"metadata.name": "name_key", "kind": "kind_key"}


class _HasPrefix(Func):
    """Whether any value in a list of texts begins with a text, taken literally."""

    template = "EXISTS (SELECT FROM jsonb_array_elements_text(%(expressions)s))"
    arg_joiner = ") AS v WHERE starts_with(v, "
    output_field = BooleanField()


class _Holds(Func):
    """Whether any value in a list of texts has a text somewhere, taken literally."""

    template = "EXISTS (SELECT FROM jsonb_array_elements_text(%(expressions)s) > 0)"
    arg_joiner = ") AS v WHERE strpos(v, "
    output_field = BooleanField()


class _IsGiven(Func):
    template = "(%(expressions)s) IS NOT NULL"
    output_field = BooleanField()


def visible_entities(subject: Subject) -> QuerySet[Entity]:
    """The entities that the subject may see."""
    return access.visible_to(subject, Entity.objects.all())


def condition(asked: Filter, subject: Subject | None = None) -> Q:
    """A filter as a condition on entities; gives the same as ``filters.matches``.

    With a subject it says nothing of relations that others say whom the subject does not see.
    """
    match asked:
        case AllOf(filters):
            found = _EVERYTHING
            for inner in filters:
                found &= condition(inner, subject)
            return found
        case AnyOf(filters):
            if any(condition(inner, subject) == _EVERYTHING for inner in filters):
                return _EVERYTHING
            found = _NOTHING
            for inner in filters:
                found |= condition(inner, subject)
            return found
        case Not(inner):
            found = condition(inner, subject)
            return _NOTHING if found == _EVERYTHING else ~found
        case Exists(key):
            plain = _EVERYTHING if key in _ALWAYS else Q(terms__contains=[term(key)])
            return _told(plain, subject, key)
        case In(key, values):
            return _told(_one_of(key, values), subject, key, Q(goal__in=values))
        case HasPrefix(key, prefix):
            starts = Q(terms__contains=[term(key)]) & Q(_HasPrefix(KeyTransform(key, "facts"), Value(prefix)))
            return _told(starts, subject, key, Q(goal__startswith=prefix))


def is_withheld(subject: Subject, key: str) -> bool:
    """May the index have something under ``key`` that the subject may not know of?"""
    return withholding.said_by_others(key) and not withholding.sees_all(subject)


def _told(found: Q, subject: Subject | None, key: str, test: Q | None = None) -> Q:
    if subject is None or not is_withheld(subject, key):
        return found
    return found & Q(withholding.related(subject, key, test))


def _one_of(key: str, values: tuple[str, ...]) -> Q:
    if not values:
        return _NOTHING
    if key in _COLUMNS:
        return Q(**{f"{_COLUMNS[key]}__in": values})
    if len(values) == 1:
        return Q(terms__contains=[term(key, values[0])])
    return Q(terms__overlap=[term(key, value) for value in values])


def containing(text: str, keys: Iterable[str]) -> Q:
    """Entities with ``text`` somewhere in the values of one of ``keys``; case does not matter."""
    text, keys, found = text.lower(), list(keys), _NOTHING
    for key in keys:
        if key == "metadata.name":
            found |= Q(name_key__contains=text)
        elif key == "metadata.uid":
            # PERF: this is the key where none is named, and most texts can not stand in one.
            found |= Q(uid__contains=text) if _OF_UIDS.issuperset(text) else _NOTHING
        else:
            found |= Q(terms__contains=[term(key)]) & Q(_Holds(KeyTransform(key, "facts"), Value(text)))
    # PERF: the short column rules out nearly all rows before the values of the rest are unpacked.
    return Q(words__contains=text) & found if WORDED.issuperset(keys) else found


def sort_expression(key: str) -> Any:
    """The text that entities are ordered by: the first value of ``key`` in lower case, byte by byte."""
    if key in _COLUMNS:
        return F(_COLUMNS[key])
    return Func(KeyTextTransform(0, KeyTransform(key, "facts")), template='(%(expressions)s COLLATE "C")',
                output_field=TextField())  # fmt: skip


def having(key: str) -> Q:
    """Entities that can be ordered by ``key``: those with a value."""
    if key in _ALWAYS:
        return _EVERYTHING
    return Q(terms__contains=[term(key)]) & Q(_IsGiven(KeyTextTransform(0, KeyTransform(key, "facts"))))


def kind_of(asked: Filter | None) -> str | None:
    """The kind where a filter asks for one kind and nothing else; an empty text where it asks for nothing."""
    match asked:
        case None:
            return ""
        case In("kind", (kind,)):
            return kind
        case AllOf(()):
            return ""
    return None


def total(subject: Subject, asked: Filter | None, found: QuerySet[Entity]) -> int:
    """How many entities ``found`` holds, which are those that fit ``asked`` and that the subject may see."""
    kind = kind_of(asked)
    if kind is None:
        return found.count()
    rows, extra = _counted_and_granted(subject)
    rows = rows.filter(key="kind")
    if kind:
        rows, extra = rows.filter(kind_key=kind), extra.filter(kind_key=kind)
    return (rows.aggregate(sum=Sum("count"))["sum"] or 0) + extra.count()


def _counted_and_granted(subject: Subject) -> tuple[QuerySet[FacetCount], QuerySet[Entity]]:
    """The counts of the spaces that the subject sees as a whole, and the single entities that it sees elsewhere."""
    where = access.reach(subject, Permission.ENTITY_READ)
    if where.everywhere:
        return FacetCount.objects.all(), Entity.objects.none()
    spaces = list(where.space_ids)
    single = access.granted_to(subject, Entity.objects.exclude(space_id__any=spaces))
    return FacetCount.objects.filter(space_id__any=spaces), single


def facets(
    subject: Subject, keys: Iterable[str], asked: Filter | None, found: QuerySet[Entity], *, is_whole: bool = True
) -> dict[str, list[tuple[str, int]]]:
    """For each key its values as written, with how many of ``found`` have them; by value.

    ``is_whole`` says that ``found`` is all that fits ``asked``; then the counts kept with every write may answer.
    """
    kind = kind_of(asked) if is_whole else None
    answer = {}
    for key in keys:
        if kind is not None and key.lower() in COUNTED:
            counts = _counted_values(subject, key.lower(), kind)
        elif is_withheld(subject, key.lower()):
            counts = dict(withholding.targets_of(subject, key.lower(), found))
        else:
            counts = dict(values_of(found, key.lower()))
        answer[key] = sorted(counts.items())
    return answer


def _counted_values(subject: Subject, key: str, kind: str) -> dict[str, int]:
    rows, extra = _counted_and_granted(subject)
    rows = rows.filter(key=key)
    if kind:
        rows, extra = rows.filter(kind_key=kind), extra.filter(kind_key=kind)
    counts = dict(rows.values_list("value").annotate(sum=Sum("count")))
    for value, count in values_of(extra, key):
        counts[value] = counts.get(value, 0) + count
    return counts


def _counted_values_of(found: QuerySet[Entity], key: str) -> list[tuple[str, int]]:
    """As ``values_of``, from the pairs that rows keep for counting: those are short, and nothing is unpacked."""
    pairs = found.order_by().annotate(pair=Func(F("counted"), function="unnest", output_field=TextField()))
    counts = pairs.values_list("pair").annotate(count=Count("pk"))
    return [(pair.partition("=")[2], count) for pair, count in counts if pair.startswith(f"{key}=")]


def values_of(found: QuerySet[Entity], key: str) -> list[tuple[str, int]]:
    """The values that ``found`` have under ``key``, as written, each with the number of entities."""
    if key in COUNTED:
        return _counted_values_of(found, key)
    values = Coalesce(KeyTransform(key, "written"), KeyTransform(key, "facts"))
    unnested = Func(values, function="jsonb_array_elements_text", output_field=TextField())
    rows = found.filter(terms__contains=[term(key)]).annotate(facet=unnested).order_by()
    counts: dict[str, int] = {}
    for value, count in rows.values_list("facet").annotate(count=Count("pk", distinct=True)):
        if value is not None:
            counts[value] = count
    return list(counts.items())
