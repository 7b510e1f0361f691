"""``manage.py create_token USER --name N [--role R --space S]``: print a new API token and nothing else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.lib.errors import PortalError
from portal.spaces.models import Role, Space
from portal.spaces.tokens import issue_token


class Command(BaseCommand):
    """Make an API token for a user."""

    help = "Make an API token for a user and print it. With --role and --space it has that role there and no more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """User, name, and optionally a role in a space."""
        parser.add_argument("user", help="username of the token's owner")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--role", help="slug of the role that the token has, for example reader")
        parser.add_argument("--space", help="slug of the space that the role holds in, for example root")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the plain token."""
        if bool(options["role"]) != bool(options["space"]):
            raise CommandError("Give both --role and --space, or neither.")
        try:
            owner = User.objects.get(username=options["user"])
            roles = []
            if options["role"] or options["space"]:
                roles = [(Role.objects.get(slug=options["role"]), Space.objects.get(slug=options["space"]))]
            _, plain = issue_token(subject=system("create_token"), owner=owner, name=options["name"], roles=roles)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user {options['user']!r}.") from error
        except Role.DoesNotExist as error:
            raise CommandError(f"There is no role {options['role']!r}.") from error
        except Space.DoesNotExist as error:
            raise CommandError(f"There is no space {options['space']!r}.") from error
        except PortalError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(plain)
