"""``manage.py load_demo``: a fictional company to look around in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.accounts.subjects import system
from scaffolder.demo.loading import load_demo


class Command(BaseCommand):
    """Load the demo."""

    help = "Load the demo: spaces, about 40 entities, two blueprints and one environment. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it and say how much it is."""
        count = load_demo(subject=system("demo"))
        if options["verbosity"]:
            self.stdout.write(f"{count} catalog files are there.")
