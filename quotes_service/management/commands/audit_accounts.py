"""`manage.py audit_accounts`: does Likes know who may act, and if not, tell it."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotes_service import account_audit
from quotes_service.clients import LikesUnavailable
from quotes_service.models import User


class Command(BaseCommand):
    """Compare all accounts with the replica of Likes; `--repair` publishes anew what differs."""

    help = (
        "Compare who may act with what Likes knows. Exit code 1: something differs. --repair"
        " publishes it anew, for all services."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the options."""
        parser.add_argument("--repair", action="store_true", help="publish what differs anew")
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Audit, and repair if asked to."""
        staff = User.objects.filter(is_staff=True, is_active=True).order_by("id").first()
        if staff is None:
            raise CommandError(
                "Likes says who may act to staff only, and there is no such account:"
                " make one by `manage.py createsuperuser`."
            )
        try:
            found = list(account_audit.differences(staff))
        except LikesUnavailable as error:
            raise CommandError(f"Likes can't be asked: {error}", returncode=2) from error
        if options["repair"]:
            for difference in found:
                account_audit.repair(difference)
        if options["json"]:
            report = [asdict(difference) for difference in found]
            self.stdout.write(json.dumps({"differences": report, "repaired": options["repair"]}))
        else:
            for each in found:
                self.stdout.write(f"account {each.user_id}: {each.here}; at Likes {each.there}")
            published = " They are published anew." if options["repair"] and found else ""
            self.stdout.write(f"{len(found)} accounts differ.{published}")
        if found and not options["repair"]:
            sys.exit(1)
