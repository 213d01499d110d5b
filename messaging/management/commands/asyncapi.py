"""`manage.py asyncapi`: print the AsyncAPI document of this service."""

from typing import Any

import orjson
from django.core.management.base import BaseCommand

from messaging.asyncapi import document


class Command(BaseCommand):
    """Print what this service sends and receives."""

    help = "Print the AsyncAPI document of what this service sends and receives, as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the document."""
        self.stdout.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2).decode())
