"""Which locations a push concerns: those of its repository and branch whose files it touches, and no others."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.entities.globs import glob_matches, is_glob
from catalog.entities.models import Entity
from catalog.entities.refs import LocationRef
from catalog.ingestion.models import Location
from catalog.providers.hosts.reading import same_repository
from catalog.providers.models import Provider, Repository
from catalog.providers.webhooks.pushes import Push
from portal.lib.errors import PortalError
from portal.lib.fetch import SourceUrl, parse_source_url


def is_of(push: Push, source: SourceUrl) -> bool:
    """Whether an address lies in the repository and branch of a push."""
    return any(same_repository(source.repo_url, url) for url in push.urls) and (
        source.ref == push.branch if source.ref else push.branch == push.default_branch
    )


def concerns(push: Push, location: Location) -> bool:
    """Whether a location has to be read again after a push."""
    named = parsed(location.target)
    if named is not None and is_of(push, named) and _is_named(push, location, named):
        return True
    return any(push.touches([source.path]) for source in _files(location) if is_of(push, source))


def _is_named(push: Push, location: Location, source: SourceUrl) -> bool:
    """Whether the push touches what the location itself stands for: a file, a pattern, or whatever is in a folder."""
    if push.changed is None:
        return True
    if is_glob(LocationRef(location.type, location.target)):
        return any(glob_matches(source.path, path) for path in push.changed)
    if source.kind in ("folder", "repository"):
        return any(_is_below(path, source.path) for path in push.changed)
    return source.path in push.changed


def _is_below(path: str, folder: str) -> bool:
    is_yaml = path.lower().endswith((".yaml", ".yml"))
    return is_yaml and (not folder or path.startswith(f"{folder}/"))


def _files(location: Location) -> Iterator[SourceUrl]:
    """The files that the location was made of when it was read: its documents, and what their placeholders name."""
    addresses = {name.removeprefix("in:") for name in location.marks if name.startswith(("url:", "in:url:"))}
    addresses.update(Entity.objects.filter(location=location).values_list("address", flat=True))
    for address in addresses:
        if address.startswith("url:") and (source := parsed(address.removeprefix("url:"))):
            yield source


def parsed(address: str) -> SourceUrl | None:
    """An address taken apart; None where it names no repository."""
    try:
        source = parse_source_url(address)
    except PortalError:
        return None
    return source if source.repo_url else None


def is_looked_for(push: Push, repository: Repository) -> bool:
    """Whether the push may have added or removed catalog files that the provider looks for."""
    return not repository.skipped and push.branch == repository.branch and touches_pattern(push, repository.provider)


def touches_pattern(push: Push, provider: Provider) -> bool:
    """Whether a push may have changed files of the name that a provider looks for."""
    pattern = str(provider.options["path"]).strip("/")
    return push.changed is None or any(glob_matches(pattern, path) for path in push.changed)
