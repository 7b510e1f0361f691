"""``manage.py ingest``: register an address, read it at once, and say what came of it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from catalog.entities.models import Entity, Relation
from catalog.ingestion.models import Location, Problem
from catalog.ingestion.reading import Reading
from catalog.ingestion.services import forget_marks, read_now, register_location
from catalog.ingestion.sources import as_file_location
from portal.accounts.subjects import system
from portal.lib.errors import PortalError
from portal.spaces.models import Space


class Command(BaseCommand):
    """Operators act for the portal itself here: files of this machine may be read."""

    help = "Register a file, folder, repository or address of catalog files; read it; print counts and problems."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to read, and where it shall live."""
        parser.add_argument("target", metavar="PATH_OR_URL")
        parser.add_argument("--space", default="", metavar="SPACE", help="short name of the space (default: root)")

    def handle(self, *, target: str, space: str, **_: Any) -> None:
        """Register, read, print. Fails where the location itself cannot be read."""
        try:
            location = self._location(target, space)
            reading = read_now(location.pk)
        except PortalError as error:
            raise CommandError(error.detail) from error
        if reading is None:
            raise CommandError("A worker is reading this location just now. Try again in a minute.")
        location.refresh_from_db()
        self._print(location, reading)
        if location.error:
            raise CommandError(f"{location.target} cannot be read: {location.error}")

    def _location(self, target: str, slug: str) -> Location:
        wanted = as_file_location(target, Path.cwd())
        if wanted.type == "file" and not _exists(wanted.target):
            raise CommandError(f"There is no {target}.")
        known = Location.objects.filter(type=wanted.type, target=wanted.target).select_related("space").first()
        if known is not None:
            if slug and known.space.slug != slug:
                raise CommandError(f"{known} is registered in the space {known.space.slug}. Unregister it there first.")
            forget_marks(known)
            return known
        space = Space.objects.filter(slug=slug or "root").first()
        if space is None:
            raise CommandError(f"There is no space {slug!r}.")
        return register_location(
            subject=system("manage.py ingest"), type=wanted.type, target=wanted.target, space=space, publish=False
        )

    def _print(self, location: Location, reading: Reading) -> None:
        done = reading.outcome
        entities = Entity.objects.filter(location=location)
        kinds = entities.values_list("kind").annotate(count=Count("pk")).order_by("kind")
        relations = Relation.objects.filter(origin__location=location).count()
        self.stdout.write(f"{location} in {location.space.slug}")
        self.stdout.write(f"{sum(count for _, count in kinds)} entities, {relations} relations")
        for kind, count in kinds:
            self.stdout.write(f"  {kind:<12} {count:>7}")
        self.stdout.write(
            f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged, {done.removed} removed"
        )
        problems = list(Problem.objects.filter(location=location))
        self.stdout.write(f"{len(problems)} problem{'' if len(problems) == 1 else 's'}")
        for problem in problems:
            self.stdout.write(
                f"  {_place(problem, location)}: {problem.get_reason_display().lower()}: {problem.message}"
            )


def _exists(target: str) -> bool:
    return Path(target).exists() or any(mark in target for mark in "*?[{")


def _place(problem: Problem, location: Location) -> str:
    address = problem.address.removeprefix(f"{location.type}:").removeprefix(f"{location.target}/")
    place = address or str(location)
    if problem.document is not None:
        place += f", document {problem.document + 1}"
    return f"{place}, line {problem.line}" if problem.line else place
