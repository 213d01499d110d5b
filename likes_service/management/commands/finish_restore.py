"""`manage.py finish_restore`: after a backup of Likes was restored."""

from collections.abc import Iterator

from django.core.management.base import CommandError

from likes_service import restoring
from likes_service.errors import QuotesUnavailable
from messaging.management.restore import FinishRestoreCommand


class Command(FinishRestoreCommand):
    """Read all quotes of Quotes, and publish their counts."""

    def bring_in_step(self) -> Iterator[int]:
        """Return what reads and publishes."""
        try:
            yield from restoring.bring_in_step()
        except QuotesUnavailable as error:
            raise CommandError(f"Run this again: {error.detail}", returncode=2) from error
