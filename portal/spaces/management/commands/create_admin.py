"""``manage.py create_admin NAME``: a new admin of the root space, or the way back in for one who is locked out."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.spaces.bootstrap import make_root_admin


class Command(BaseCommand):
    """Make a root admin and print the password."""

    help = "Make or reactivate an admin of the root space, and print the new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The username."""
        parser.add_argument("name", help="username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the password once."""
        password = secrets.token_urlsafe(12)
        make_root_admin(username=options["name"], password=password)
        self.stdout.write(password)
