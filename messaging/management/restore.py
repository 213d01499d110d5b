"""What `finish_restore` is in each service."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from messaging.past import finishing_restore, heard_by_others, is_past


class FinishRestoreCommand(BaseCommand):
    """Leap beyond all that the other side knows of, then bring both in step.

    It may be run at any time, and again when it has failed: nothing that it does is undone by
    another run.
    """

    help = (
        "After a backup of this service was restored, or its database failed over and lost"
        " commits: go beyond the ids, versions and sequences that the other service knows, and"
        " bring both in step. The other service must run, and the broker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the options."""
        parser.add_argument(
            "--dry-run", action="store_true", help="only say whether the other side knows more"
        )
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do so, and say how much was published."""
        heard = heard_by_others()
        if heard is None:
            reason = "The other service can't be asked; nothing was changed."
            raise CommandError(reason, returncode=2)
        past, published = bool(is_past()), 0
        if not options["dry_run"]:
            parts = self.bring_in_step()
            with finishing_restore(heard):
                published = sum(parts)
        if options["json"]:
            report = {"past": past, "published": published, "dry_run": options["dry_run"]}
            self.stdout.write(json.dumps(report))
            return
        known = "newer events than" if past else "no newer events than"
        self.stdout.write(f"The other service knows {known} this database.")
        if not options["dry_run"]:
            self.stdout.write(f"{published} changes and counts will be published by the relay.")

    def bring_in_step(self) -> Iterator[int]:
        """Ask what must be known before the leap; then return what publishes, part by part."""
        raise NotImplementedError
