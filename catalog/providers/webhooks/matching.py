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
    return any(_is_touched(push, address) for address in _addresses(location))


def _is_touched(push: Push, address: str) -> bool:
    """Whether a push touches what an address stands for: a file, the files of a pattern, or whatever is in a folder."""
    source = parsed(address)
    if source is None or not is_of(push, source):
        return False
    if push.changed is None:
        return True
    if is_glob(LocationRef("url", address)):
        return any(glob_matches(source.path, path) for path in push.changed)
    if source.kind in ("folder", "repository"):
        return any(_is_below(path, source.path) for path in push.changed)
    return source.path in push.changed


def _is_below(path: str, folder: str) -> bool:
    is_yaml = path.lower().endswith((".yaml", ".yml"))
    return is_yaml and (not folder or path.startswith(f"{folder}/"))


def _addresses(location: Location) -> Iterator[str]:
    """What the location names, and what was read for it last: documents, patterns, and what placeholders name."""
    yield location.target
    addresses = {name.removeprefix("in:") for name in location.marks if name.startswith(("url:", "in:url:"))}
    addresses.update(Entity.objects.filter(location=location).values_list("address", flat=True))
    for address in addresses:
        if address.startswith("url:"):
            yield address.removeprefix("url:")


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
    """Whether a push may have brought or taken files of the name that a provider looks for."""
    pattern = str(provider.options["path"]).strip("/")
    return push.moved is None or any(glob_matches(pattern, path) for path in push.moved)
