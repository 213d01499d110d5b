"""`manage.py resync_quotes`: builds or repairs the replica from Quotes."""

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from likes_service import clients
from likes_service.errors import QuotesUnavailable
from likes_service.resync import Summary, resync_quotes
from messaging.backoff import Backoff

BAR_WIDTH = 40


class Command(BaseCommand):
    """Read all quotes of Quotes, in pages, and keep what is newer than what is here."""

    help = (
        "Bring the replica up to Quotes over REST. Safe at any time: what events have brought is"
        " never set back. One that was interrupted goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the options."""
        parser.add_argument("--restart", action="store_true", help="from the first quote on")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")
        parser.add_argument(
            "--attempts", type=int, default=10, help="to reach Quotes, in a row (default: 10)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Resync, with a progress bar where somebody looks at it."""
        summary = self._resync(options)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(summary) | {"dry_run": options["dry_run"]}))
            return
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{summary.read} quotes read: {summary.created} {would}created,"
            f" {summary.updated} {would}updated, {summary.deleted} {would}deleted."
        )

    def _resync(self, options: dict[str, Any]) -> Summary:
        backoff, failures, summary = Backoff(), 0, Summary()
        restart = options["restart"]
        while True:
            before = Summary(**asdict(summary))
            try:
                newest = clients.newest_quote_id() if self._is_watched() else 0
                for part in resync_quotes(restart=restart, dry_run=options["dry_run"]):
                    summary = _sum(before, part)
                    restart, failures = False, 0
                    self._draw(summary, newest)
            except QuotesUnavailable as error:
                failures += 1
                if failures >= options["attempts"]:
                    raise CommandError(
                        f"Quotes can't be asked: {error} What was read is kept; run this again"
                        " to go on."
                    ) from error
                if options["dry_run"]:
                    summary = Summary()  # it begins at the start
                time.sleep(backoff.next_delay())
            else:
                return summary

    def _is_watched(self) -> bool:
        return bool(self.stderr.isatty())

    def _draw(self, summary: Summary, newest: int) -> None:
        if not self._is_watched():
            return
        part = min(1.0, summary.last_id / newest) if newest else 1.0
        bar = "█" * round(part * BAR_WIDTH)
        self.stderr.write(f"\r{bar:<{BAR_WIDTH}} {part:4.0%}  {summary.read} quotes", ending="")
        if part >= 1:
            self.stderr.write("")


def _sum(before: Summary, part: Summary) -> Summary:
    return Summary(
        read=before.read + part.read,
        created=before.created + part.created,
        updated=before.updated + part.updated,
        deleted=before.deleted + part.deleted,
        last_id=part.last_id,
    )
