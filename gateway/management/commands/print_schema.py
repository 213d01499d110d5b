"""Prints the GraphQL schema: `python gateway/manage.py print_schema > schema.graphql`."""

from django.core.management.base import BaseCommand

from gateway.schema.root import schema


class Command(BaseCommand):
    """Prints the GraphQL schema in its definition language."""

    help = "Print the GraphQL schema; redirect it into schema.graphql after a change."

    def handle(self, *args: object, **options: object) -> None:
        """Print it."""
        self.stdout.write(schema.as_str())
