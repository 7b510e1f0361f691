"""What ingestion asks about the locations that providers keep."""

from __future__ import annotations

from django.urls import reverse

from catalog.ingestion.keepers import PROVIDED, Holder, Keeper, RepositoryReader, add_keeper
from catalog.ingestion.models import Location
from catalog.providers.hosts.reading import HostReader
from catalog.providers.models import FoundFile, Provider
from catalog.providers.services import queue_provider


def register() -> None:
    """Answer from now on."""
    add_keeper(Keeper(holder_of, reader_for, read_again))


def provider_of(location: Location) -> Provider | None:
    """The provider that keeps a location."""
    if location.type == PROVIDED:
        return Provider.objects.filter(home=location).first()
    found = FoundFile.objects.filter(location=location).select_related("repository__provider").first()
    return found.repository.provider if found else None


def holder_of(location: Location) -> Holder | None:
    """The provider's name and page."""
    provider = provider_of(location)
    return Holder(provider.name, reverse("providers:detail", args=[provider.name])) if provider else None


def reader_for(location: Location) -> RepositoryReader | None:
    """Opens the files of the repository that the location's file lies in, with the provider's credentials."""
    if location.pk is None:
        return None  # one that is only looked at
    found = FoundFile.objects.filter(location=location).select_related("repository__provider").first()
    return HostReader(found.repository) if found else None


def read_again(location: Location) -> None:
    """Have the provider of a provided location read again."""
    provider = Provider.objects.filter(home=location).first()
    if provider is not None:
        queue_provider(provider)
