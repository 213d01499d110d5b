"""`manage.py messages status`: how messaging is doing, for people and for monitors."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from database.faults import DATABASE_FAULTS
from database.readiness import check_writable
from messaging.conf import configured_broker, messaging_settings
from messaging.errors import BrokerUnavailable
from messaging.status import Limits, Status, read_status

PROBLEM, UNKNOWN = 1, 2


class Command(BaseCommand):
    """Show the state of outbox, queue and dead letters."""

    help = (
        "Show the state of outbox, queue and dead letters. Exit code 0: well; 1: something is"
        " over a limit; 2: the database or the broker can't be asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Define `status` and its limits."""
        status = parser.add_subparsers(dest="action", required=True).add_parser("status")
        limits = Limits()
        status.add_argument("--json", action="store_true", help="as JSON, for programs")
        for name, text in (
            ("outbox_age", "seconds that an event may wait in the outbox"),
            ("lag_events", "events that may wait to be handled"),
            ("lag_seconds", "seconds without progress while events wait"),
            ("dead_letters", "dead letters that may be parked"),
            ("overdue_retries", "messages that may be late to come back for their retry"),
            ("set_aside", "events that may be set aside"),
            ("consumers", "consumers that the queue must have"),
        ):
            default = getattr(limits, name)
            status.add_argument(
                f"--{name.replace('_', '-')}",
                type=type(default),
                default=default,
                help=f"{text} (default: {default})",
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, and exit with the code."""
        settings = messaging_settings()
        limits = Limits(**{name: options[name] for name in Limits.__dataclass_fields__})
        try:
            broker = configured_broker(f"{settings.queue} status")
            status = read_status(broker, settings.topology)
        except BrokerUnavailable as error:
            self._unknown(f"The broker can't be asked: {error}", options["json"])
        except DATABASE_FAULTS as error:
            self._unknown(f"The database can't be asked: {error}", options["json"])
        else:
            self._write(status, [*_of_the_database(), *status.problems(limits)], options["json"])

    def _write(self, status: Status, problems: list[str], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(status.as_json() | {"problems": problems}))
        else:
            for name, value in status.as_json().items():
                self.stdout.write(f"{name.replace('_', ' '):<24}{_shown(name, value)}")
            for problem in problems:
                self.stdout.write(self.style.ERROR(problem))
        if problems:
            sys.exit(PROBLEM)

    def _unknown(self, what: str, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"problems": [what]}))
        else:
            self.stderr.write(what)
        sys.exit(UNKNOWN)


def _shown(name: str, value: Any) -> Any:
    if value is None:
        return "-" if name == "outbox_oldest_seconds" else "?"
    return ("no", "yes")[value] if isinstance(value, bool) else value


def _of_the_database() -> list[str]:
    try:
        check_writable()
    except DATABASE_FAULTS as error:
        return [f"Nothing can be written: {error}."]
    return []
