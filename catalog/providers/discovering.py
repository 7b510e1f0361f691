"""Finding catalog files in the repositories of a Git host, and keeping a location for each.

The list of repositories is asked for page by page, and unchanged pages are not sent. A repository is only looked at
when it was pushed to since. What was done stands when the host asks to wait: the next reading goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.entities.globs import glob_matches
from catalog.entities.locations import generated_ref
from catalog.entities.refs import LocationRef
from catalog.ingestion.models import Location
from catalog.ingestion.publishing import publish_reading
from catalog.ingestion.services import queue_reading, remove_location
from catalog.providers.hosts.base import Found, Host
from catalog.providers.hosts.client import AskedToWait
from catalog.providers.hosts.registry import host_for
from catalog.providers.models import FoundFile, Provider, Repository
from catalog.providers.options import name_rule
from portal.lib.errors import PortalError

MOST_REPOSITORIES = 50_000
# Found files are looked at when their repository is pushed to; this often even so, for what they name elsewhere.
_EVERY_SECONDS = 6 * 3600
_MOST_ERRORS = 10
_HOT = timedelta(hours=2)
_SLOWEST_PATTERN = 0.05


@dataclass(slots=True)
class Discovered:
    """What a reading of a host did."""

    repositories: int = 0
    skipped: int = 0
    files: int = 0
    added: int = 0
    removed: int = 0
    read_again: int = 0
    errors: int = 0
    error: str = ""
    gone: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts alone."""
        names = ("repositories", "skipped", "files", "added", "removed", "read_again", "errors")
        return {name: getattr(self, name) for name in names}


def discover(provider: Provider) -> Discovered:
    """Bring the locations of a provider up to date with its host.

    Nothing is removed before the list of repositories has been read to its end. Raises ``AskedToWait``, and whatever
    else keeps the host from being read.
    """
    return _Discovery(provider, host_for(provider)).run()


class _Discovery:
    def __init__(self, provider: Provider, host: Host) -> None:
        self.provider = provider
        self.host = host
        self.options = provider.options
        self.done = Discovered()
        self.with_files: set[int] = set()
        self.with_free: set[int] = set()

    def run(self) -> Discovered:
        found: dict[str, Found] = {}
        for repository in self.host.repositories():
            found[repository.key] = repository
            if len(found) >= MOST_REPOSITORIES:
                break
        rows = self._rows(found.values())
        mine = FoundFile.objects.filter(repository__provider=self.provider)
        self.with_files = set(mine.values_list("repository_id", flat=True))
        self.with_free = set(mine.filter(location=None).values_list("repository_id", flat=True))
        for repository in found.values():
            self._look_at(rows[repository.key], repository)
        self._drop_vanished(set(found))
        self.done.repositories = len(found)
        self.done.files = FoundFile.objects.filter(repository__provider=self.provider).count()
        return self.done

    def _rows(self, found: Iterable[Found]) -> dict[str, Repository]:
        now = timezone.now()
        rows = [
            Repository(
                provider=self.provider, key=each.key, name=each.name, url=each.url, branch=self._branch(each),
                skipped=self._reason_to_skip(each), seen_at=now,
            )
            for each in found
        ]  # fmt: skip
        Repository.objects.bulk_create(
            rows, batch_size=1000, update_conflicts=True, unique_fields=["provider", "key"],
            update_fields=["name", "url", "branch", "skipped", "seen_at"],
        )  # fmt: skip
        return {row.key: row for row in Repository.objects.filter(provider=self.provider)}

    def _branch(self, repository: Found) -> str:
        return self.options["branch"] or repository.branch

    def _reason_to_skip(self, repository: Found) -> str:
        """Why the repository is not looked at; empty where it is."""
        options, topics = self.options, {topic.lower() for topic in repository.topics}
        if repository.is_archived and not options["with_archived"]:
            return "archived"
        if repository.is_fork and not options["with_forks"]:
            return "a fork"
        if repository.is_empty or not self._branch(repository):
            return "empty"
        if not self._fits(repository.name):
            return f"its name does not fit {options['names']}"
        if options["topics"] and not topics & set(options["topics"]):
            return "has none of the topics"
        if taken := topics & set(options["exclude_topics"]):
            return f"has the topic {min(taken)}"
        return ""

    def _fits(self, name: str) -> bool:
        pattern = self.options["names"]
        inner = name.rpartition("/")[2]
        rule = name_rule(pattern)
        if rule is None:
            return not pattern or glob_matches(pattern, inner)
        try:
            # SECURITY: somebody's expression may take for ever on some name.
            return rule.fullmatch(inner, timeout=_SLOWEST_PATTERN) is not None
        except TimeoutError:
            return False

    def _look_at(self, row: Repository, repository: Found) -> None:
        if row.skipped:
            self.done.skipped += 1
            if row.pk in self.with_files:
                self._apply(row, repository, [])
            return
        state = f"{repository.stamp}|{row.branch}|{self.options['path']}|{row.url}"
        if row.looked_at == state and not self._is_hot(repository):
            if row.pk in self.with_free:
                self._claim_free(row)
            return
        try:
            paths = self.host.files(repository, row.branch, self.options["path"])
        except AskedToWait:
            raise
        except PortalError as error:
            self._fail(row, error)
            return
        self._apply(row, repository, paths)
        Repository.objects.filter(pk=row.pk).update(looked_at=state, error="")

    def _is_hot(self, repository: Found) -> bool:
        """Whether there may have been a push since that the stamp does not tell."""
        if self.host.is_stamp_exact:
            return False
        try:
            stamp = datetime.fromisoformat(repository.stamp)
        except ValueError:
            return True
        return timezone.now() - (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)) < _HOT

    def _fail(self, row: Repository, error: PortalError) -> None:
        """Note why a repository could not be looked at; what it gave stays. Too many of them are the host's failure."""
        self.done.errors += 1
        self.done.error = error.detail
        Repository.objects.filter(pk=row.pk).update(error=error.detail)
        if self.done.errors >= _MOST_ERRORS:
            raise error

    @transaction.atomic
    def _apply(self, row: Repository, repository: Found, paths: list[str]) -> None:
        """Make locations for new files, have those read again that were there, remove those that are gone."""
        wanted = {self.host.address(repository, row.branch, path): path for path in paths}
        known = {file.target: file for file in FoundFile.objects.filter(repository=row).select_related("location")}
        for target, file in known.items():
            if target not in wanted:
                self._remove(file)
            elif file.location is None:
                self._register(file)
            else:
                queue_reading(file.location)
                self.done.read_again += 1
        for target, path in wanted.items():
            if target not in known:
                self._register(FoundFile.objects.create(repository=row, path=path, target=target))

    def _claim_free(self, row: Repository) -> None:
        """Try files once more that somebody else had registered."""
        for file in FoundFile.objects.filter(repository=row, location=None):
            self._register(file)

    def _register(self, file: FoundFile) -> None:
        made, is_new = Location.objects.get_or_create(
            type="url", target=file.target,
            defaults={
                "space": self.provider.space, "is_optional": True, "every_seconds": _EVERY_SECONDS,
                "entity_ref": generated_ref(LocationRef("url", file.target)),
            },
        )  # fmt: skip
        if not is_new:
            return  # somebody else's, as long as they keep it
        FoundFile.objects.filter(pk=file.pk).update(location=made)
        publish_reading(made)
        self.done.added += 1

    def _remove(self, file: FoundFile) -> None:
        location = file.location
        file.delete()
        self.done.removed += 1
        if location is not None:
            remove_location(location)

    def _drop_vanished(self, keys: set[str]) -> None:
        for row in Repository.objects.filter(provider=self.provider).exclude(key__in=keys):
            with transaction.atomic():
                for file in FoundFile.objects.filter(repository=row).select_related("location"):
                    self._remove(file)
                row.delete()
            self.done.gone.append(row.name)
