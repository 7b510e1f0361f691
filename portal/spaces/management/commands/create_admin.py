"""``manage.py create_admin NAME``: a new admin of the root space, or the way back in for one who is locked out."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.accounts.factors.services import reset_factors
from portal.accounts.subjects import system
from portal.spaces.bootstrap import make_root_admin


class Command(BaseCommand):
    """Make a root admin and print the password."""

    help = "Make or reactivate an admin of the root space, and print the new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The username."""
        parser.add_argument("name", help="username")
        parser.add_argument(
            "--reset-factors", action="store_true", help="take away the person's second factors, for whoever lost them"
        )

        parser.add_argument(
            "--disable-login-policies", action="store_true", help="switch every login policy off, if none lets you in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the password once."""
        password = secrets.token_urlsafe(12)
        user = make_root_admin(username=options["name"], password=password)
        if options["reset_factors"]:
            kinds = reset_factors(subject=system("operator"), user=user)
            told = f"took away: {', '.join(sorted(kinds))}" if kinds else "had none to take away"
            # The password alone stands on standard output, so that scripts can read it.
            self.stderr.write(f"{user.username}: second factors {told}; signed out everywhere.")
        if options["disable_login_policies"]:
            # Imported here since spaces lie below the policies that give roles in them.
            from portal.login_policies.services import disable_all

            names = disable_all(subject=system("operator"))
            self.stderr.write(f"switched off: {', '.join(names)}" if names else "no login policy was enabled")
        self.stdout.write(password)
