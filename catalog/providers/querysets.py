"""Named reads of what belongs to providers, each by the rights of who asks."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q, QuerySet

from catalog.entities.models import Entity
from catalog.entities.querysets import visible_entities
from catalog.ingestion.models import Location, Problem
from catalog.providers.models import Hook, Provider
from portal.accounts.subjects import Subject
from portal.spaces import access

_STANDS_FOR_A_FILE = Q(kind_key="location", name_key__startswith="generated-")


def of_provider(provider: Provider, path: str = "") -> Q:
    """What belongs to the locations of a provider, by the lookup path to the location (with ``__`` at its end)."""
    return Q(**{f"{path}provider": provider}) | Q(**{f"{path}found_file__repository__provider": provider})


def entities_of(subject: Subject, provider: Provider) -> QuerySet[Entity]:
    """The entities that a provider gives, as far as the subject may see them; not those that stand for its files."""
    locations = Location.objects.filter(of_provider(provider)).values("pk")
    return visible_entities(subject).filter(location__in=locations).exclude(_STANDS_FOR_A_FILE)


def problems_of(provider: Provider) -> QuerySet[Problem]:
    """What a provider gave that did not become an entity."""
    locations = Location.objects.filter(of_provider(provider)).values("pk")
    return Problem.objects.filter(location__in=locations).select_related("location")


def hooks_for(subject: Subject) -> QuerySet[Hook]:
    """Webhooks of what the subject may see."""
    providers = access.visible_to(subject, Provider.objects.all()).values("pk")
    locations = access.visible_to(subject, Location.objects.all()).values("pk")
    found = Hook.objects.filter(Q(provider__in=providers) | Q(location__in=locations))
    return found.select_related("provider", "location")


def add_counts(providers: list[Provider]) -> None:
    """Put ``entity_count`` and ``problem_count`` onto each provider, in two questions for all of them."""
    for name, model in (("entity_count", Entity), ("problem_count", Problem)):
        counts: Counter[int] = Counter()
        for path in ("location__provider", "location__found_file__repository__provider"):
            found = model.objects.filter(**{f"{path}__in": providers})
            if model is Entity:
                found = found.exclude(_STANDS_FOR_A_FILE)
            counts.update(dict(found.values_list(path).annotate(number=Count("pk"))))
        for provider in providers:
            setattr(provider, name, counts[provider.pk])
