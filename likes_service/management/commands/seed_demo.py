"""`manage.py seed_demo`: an account for this service's admin, which has its own accounts."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction


class Command(BaseCommand):
    """Make an administrator, if there is no account."""

    help = "Make the administrator admin, unless the admin of Likes has an account already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define `--password`."""
        parser.add_argument(
            "--password",
            default=settings.DEMO_PASSWORD,
            help="of the account (default: DEMO_PASSWORD, or one that is public)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless there is anybody, in one transaction."""
        if settings.PRODUCTION:
            raise CommandError(
                "seed_demo makes an account with a known password: not in production."
            )
        with transaction.atomic():
            if User.objects.exists():
                self.stdout.write("There is an account already: nothing was changed.")
                return
            User.objects.create_superuser("admin", "admin@example.com", options["password"])
        self.stdout.write("Made the user admin.")
