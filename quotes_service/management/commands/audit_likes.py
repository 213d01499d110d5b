"""`manage.py audit_likes`: are the counts what Likes says, and if not, make them so."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes_service import auditing
from quotes_service.auditing import Difference, NotApplied
from quotes_service.clients import PAGE_SIZE, LikesUnavailable
from quotes_service.models import User


class Command(BaseCommand):
    """Compare every count with Likes; `--repair` mends those that differ, also under load."""

    help = (
        "Compare the counts of likes with Likes. Exit code 1: some are wrong. --repair mends"
        " them, also while likes are given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the options."""
        parser.add_argument("quotes", type=int, nargs="*", help="ids (default: all quotes)")
        parser.add_argument("--repair", action="store_true", help="mend the counts that differ")
        parser.add_argument(
            "--dry-run", action="store_true", help="with --repair: only say what would be mended"
        )
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")
        parser.add_argument(
            "--patience", type=float, default=60, help="seconds for a repair to arrive (60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Audit, and repair if asked to."""
        try:
            found = list(auditing.differences(options["quotes"]))
            repair = options["repair"] and not options["dry_run"]
            unknown = self._repair(found, options["patience"]) if repair and found else []
        except LikesUnavailable as error:
            raise CommandError(f"Likes can't be asked: {error}", returncode=2) from error
        except NotApplied as error:
            raise CommandError(str(error), returncode=2) from error
        self._print(found, unknown, repaired=repair, as_json=options["json"])
        if unknown or (not repair and any(difference.settled for difference in found)):
            sys.exit(1)

    def _repair(self, found: list[Difference], patience: float) -> list[int]:
        staff = User.objects.filter(is_staff=True, is_active=True).order_by("id").first()
        if staff is None:
            raise CommandError(
                "Likes publishes counts for staff only, and there is no such account:"
                " make one by `manage.py createsuperuser`."
            )
        unknown = []
        ids = [difference.quote_id for difference in found]
        for start in range(0, len(ids), PAGE_SIZE):
            unknown += auditing.repair(ids[start : start + PAGE_SIZE], staff, patience)
        return unknown

    def _print(
        self, found: list[Difference], unknown: list[int], *, repaired: bool, as_json: bool
    ) -> None:
        if as_json:
            differences = [asdict(difference) for difference in found]
            report = {"differences": differences, "repaired": repaired, "unknown_to_likes": unknown}
            self.stdout.write(json.dumps(report))
            return
        for difference in found:
            note = "" if difference.settled else "  (likes are on their way)"
            self.stdout.write(
                f"quote {difference.quote_id}: {difference.stored} stored,"
                f" {difference.counted} counted by Likes{note}"
            )
        wrong = sum(difference.settled for difference in found)
        mended = f" {len(found) - len(unknown)} were mended." if repaired else ""
        self.stdout.write(f"{wrong} counts are wrong.{mended}")
        for quote_id in unknown:
            self.stdout.write(f"Likes does not know quote {quote_id}: run its resync_quotes.")
