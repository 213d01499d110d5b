"""`manage.py dead_letters list | show | replay | discard`."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from messaging.conf import configured_broker, messaging_settings
from messaging.errors import BrokerUnavailable
from messaging.models import DeadLetter
from messaging.replays import ChosenLetters, discard, replay
from observability.terminal import printable


class Command(BaseCommand):
    """Look at dead letters, and decide on them."""

    help = "List, show, replay or discard messages that could not be handled."

    def add_arguments(self, parser: CommandParser) -> None:
        """Define the four actions. All but `show` take the same selection."""
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="those that are parked, oldest first")
        _add_selection(listing)
        listing.add_argument("--limit", type=int, default=50, help="most of them (default: 50)")
        listing.add_argument("--after", type=int, default=0, help="only those behind this id")
        listing.add_argument(
            "--state", choices=["all", *DeadLetter.State.values], default=DeadLetter.State.PARKED
        )
        show = actions.add_parser("show", help="all that is known of one")
        show.add_argument("id", type=int)
        show.add_argument("--json", action="store_true")
        for name, text in (
            ("replay", "have them handled again, under their own event ids"),
            ("discard", "give them up; their rows stay as a record"),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("ids", type=int, nargs="*")
            _add_selection(action)
            action.add_argument("--all", action="store_true", help="all that are parked")
            action.add_argument("--dry-run", action="store_true", help="only say which")
        action.add_argument("--yes", action="store_true", help="do not ask")  # discard alone asks

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the action."""
        getattr(self, f"_{options['action']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        state = None if options["state"] == "all" else options["state"]
        rows = _chosen(options, state=state).rows().filter(id__gt=options["after"])
        letters = list(rows[: options["limit"] + 1])
        more = len(letters) > options["limit"]
        letters = letters[: options["limit"]]
        if options["json"]:
            items = [_summary(letter) for letter in letters]
            after = letters[-1].pk if more else None
            self.stdout.write(json.dumps({"items": items, "next_after": after}))
            return
        for letter in letters:
            self.stdout.write(
                f"{letter.pk:>8}  {letter.parked_at:%Y-%m-%d %H:%M:%S}  {letter.state:<9}"
                f"  {letter.reason:<14}  {printable(letter.type) or '-'}"
                f"  {printable(repr(letter.error[:100]))}"
            )
        if more:
            self.stdout.write(f"There are more: --after {letters[-1].pk}")
        elif not letters:
            self.stdout.write("There are none.")

    def _show(self, options: dict[str, Any]) -> None:
        letter = DeadLetter.objects.filter(pk=options["id"]).first()
        if letter is None:
            raise CommandError(f"There is no dead letter {options['id']}.")
        whole = _summary(letter) | {
            "headers": letter.headers,
            "body": bytes(letter.body).decode("utf-8", "backslashreplace"),
            "traceback": letter.traceback,
        }
        if options["json"]:
            self.stdout.write(json.dumps(whole))
            return
        for name, value in whole.items():
            text = json.dumps(value, indent=2) if isinstance(value, dict) else value
            self.stdout.write(printable(f"{name}: {text}", lines=True))

    def _replay(self, options: dict[str, Any]) -> None:
        letters = self._chosen(options)
        if options["dry_run"] or not letters:
            what = "would be replayed" if options["dry_run"] else "replayed"
            self._write(what, letters, options)
            return
        publisher = configured_broker("dead_letters").publisher()
        try:
            done = replay(letters, publisher, messaging_settings().queue)
        except BrokerUnavailable as error:
            raise CommandError(printable(f"The broker took no more: {error}")) from error
        finally:
            publisher.close()
        self._write("replayed", [letter for letter in letters if letter.pk in done], options)

    def _discard(self, options: dict[str, Any]) -> None:
        letters = self._chosen(options)
        if options["dry_run"] or not letters:
            self._write(
                "would be discarded" if options["dry_run"] else "discarded", letters, options
            )
            return
        if not options["yes"]:
            typed = input(f"Give up {len(letters)} messages for good? Type yes: ")
            if typed.strip().lower() != "yes":
                raise CommandError("Nothing was discarded.")
        done = discard(letters)
        self._write("discarded", [letter for letter in letters if letter.pk in done], options)

    def _chosen(self, options: dict[str, Any]) -> list[DeadLetter]:
        narrowed = ("ids", "type", "reason", "since", "until")
        if not options["all"] and not any(options[name] for name in narrowed):
            raise CommandError("Say which: ids, --type, --reason, --since, --until, or --all.")
        return list(_chosen(options, ids=tuple(options["ids"])).rows())

    def _write(self, what: str, letters: list[DeadLetter], options: dict[str, Any]) -> None:
        if options["json"]:
            items = [_summary(letter) for letter in letters]
            self.stdout.write(json.dumps({"action": what, "items": items}))
            return
        for letter in letters:
            self.stdout.write(
                f"{letter.pk:>8}  {letter.reason:<14}  {printable(letter.type) or '-'}"
            )
        self.stdout.write(f"{len(letters)} {what}.")


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", help="only of this event type")
    parser.add_argument("--reason", choices=DeadLetter.Reason.values)
    parser.add_argument("--since", type=_time, help="only parked at or after (ISO 8601)")
    parser.add_argument("--until", type=_time, help="only parked before (ISO 8601)")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")


def _chosen(options: dict[str, Any], **others: Any) -> ChosenLetters:
    given = {name: options[name] for name in ("type", "reason", "since", "until")}
    return ChosenLetters(**given, **others)


def _summary(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.pk,
        "identity": letter.identity,
        "type": letter.type,
        "reason": letter.reason,
        "state": letter.state,
        "attempts": letter.attempts,
        "parked_at": letter.parked_at.isoformat(),
        "closed_at": letter.closed_at.isoformat() if letter.closed_at else None,
        "error": letter.error,
    }


def _time(text: str) -> Any:
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    if time is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-25T14:00:00Z")
    return time if time.tzinfo else timezone.make_aware(time)
