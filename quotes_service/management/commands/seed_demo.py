"""`manage.py seed_demo`: something to see in an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from quotes_service import domain
from quotes_service.models import Quote, User

QUOTES = (
    ("The only thing we have to fear is fear itself.", "Franklin D. Roosevelt"),
    ("I think, therefore I am.", "René Descartes"),
    ("The unexamined life is not worth living.", "Socrates"),
    ("If I have seen further, it is by standing on the shoulders of giants.", "Isaac Newton"),
    ("Be yourself; everyone else is already taken.", "attributed to Oscar Wilde"),
    ("That's one small step for man, one giant leap for mankind.", "Neil Armstrong"),
    ("A journey of a thousand miles begins with a single step.", "Laozi"),
    ("To be, or not to be, that is the question.", "William Shakespeare"),
    ("Veni, vidi, vici.", "Julius Caesar"),
    ("Premature optimization is the root of all evil.", "Donald Knuth"),
    ("Simplicity is prerequisite for reliability.", "Edsger W. Dijkstra"),
    ("七転び八起き", "Japanese proverb"),
)


class Command(BaseCommand):
    """Make a demo user, an administrator and a dozen well-known quotes, if there is nothing."""

    help = "Fill an empty database with demo accounts and a dozen well-known quotes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define `--password`."""
        parser.add_argument(
            "--password",
            default=settings.DEMO_PASSWORD,
            help="of both accounts (default: DEMO_PASSWORD, or one that is public)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, unless there is anything, in one transaction."""
        if settings.PRODUCTION:
            raise CommandError("seed_demo makes accounts with a known password: not in production.")
        password = options["password"]
        with transaction.atomic():
            if User.objects.exists() or Quote.objects.exists():
                self.stdout.write("The database is not empty: nothing was changed.")
                return
            demo = User.objects.create_user("demo", "demo@example.com", password)
            User.objects.create_superuser("admin", "admin@example.com", password)
            for title, author in QUOTES:
                domain.create_quote(user_id=demo.pk, title=title, author=author)
        self.stdout.write(f"Made {len(QUOTES)} quotes, and the users demo and admin.")
