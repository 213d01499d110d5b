"""`manage.py outbox list | show | send | discard`: the events that the broker refuses."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.models import OutboxEvent
from messaging.set_aside import count_behind, discard, events_set_aside, send_again
from observability.terminal import printable


class Command(BaseCommand):
    """Look at events that are set aside, and decide on them."""

    help = "List, show, send again or discard events of the outbox that the broker refuses."

    def add_arguments(self, parser: CommandParser) -> None:
        """Define the four actions."""
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="those that are set aside, oldest first")
        listing.add_argument("--type", help="only of this event type")
        listing.add_argument("--limit", type=int, default=50, help="most of them (default: 50)")
        listing.add_argument("--after", type=int, default=0, help="only those behind this id")
        listing.add_argument("--json", action="store_true", help="as JSON, for programs")
        show = actions.add_parser("show", help="all that is known of one")
        show.add_argument("id", type=int)
        show.add_argument("--json", action="store_true")
        for name, text in (
            ("send", "have the relay send them again, and what waits behind them"),
            ("discard", "give them up, and let what waits behind them go on"),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("ids", type=int, nargs="*")
            action.add_argument("--type", help="only of this event type")
            action.add_argument("--all", action="store_true", help="all that are set aside")
            action.add_argument("--dry-run", action="store_true", help="only say which")
            action.add_argument("--json", action="store_true", help="as JSON, for programs")
        action.add_argument("--yes", action="store_true", help="do not ask")  # discard alone asks

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the action."""
        getattr(self, f"_{options['action']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        rows = _of_type(options).filter(id__gt=options["after"])
        events = list(rows[: options["limit"] + 1])
        more = len(events) > options["limit"]
        events = events[: options["limit"]]
        if options["json"]:
            items = [_summary(event) for event in events]
            after = events[-1].pk if more else None
            self.stdout.write(json.dumps({"items": items, "next_after": after}))
            return
        for event in events:
            self.stdout.write(
                f"{event.pk:>8}  {event.set_aside_at:%Y-%m-%d %H:%M:%S}  {printable(event.type)}"
                f"  {printable(event.key)}  {printable((event.refusal or '')[:200])}"
            )
        if more:
            self.stdout.write(f"There are more: --after {events[-1].pk}")
        elif not events:
            self.stdout.write("There are none.")

    def _show(self, options: dict[str, Any]) -> None:
        event = events_set_aside().filter(pk=options["id"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['id']} that is set aside.")
        whole = _summary(event) | {"behind": count_behind(event), "data": event.data}
        if options["json"]:
            self.stdout.write(json.dumps(whole))
            return
        for name, value in whole.items():
            self.stdout.write(printable(f"{name}: {value}", lines=True))

    def _send(self, options: dict[str, Any]) -> None:
        events = self._chosen(options)
        if options["dry_run"]:
            self._write("would be sent again", events, options)
            return
        done = send_again(events)
        self._write("sent again", [event for event in events if event.pk in done], options)

    def _discard(self, options: dict[str, Any]) -> None:
        events = self._chosen(options)
        if options["dry_run"] or not events:
            what = "would be discarded" if options["dry_run"] else "discarded"
            self._write(what, events, options)
            return
        if not options["yes"]:
            typed = input(f"Give up {len(events)} events for good? Type yes: ")
            if typed.strip().lower() != "yes":
                raise CommandError("Nothing was discarded.")
        done = discard(events)
        self._write("discarded", [event for event in events if event.pk in done], options)

    def _chosen(self, options: dict[str, Any]) -> list[OutboxEvent]:
        if not (options["all"] or options["ids"] or options["type"]):
            raise CommandError("Say which: ids, --type, or --all.")
        rows = _of_type(options)
        return list(rows.filter(pk__in=options["ids"]) if options["ids"] else rows)

    def _write(self, what: str, events: list[OutboxEvent], options: dict[str, Any]) -> None:
        if options["json"]:
            items = [_summary(event) for event in events]
            self.stdout.write(json.dumps({"action": what, "items": items}))
            return
        for event in events:
            self.stdout.write(f"{event.pk:>8}  {printable(event.type)}  {printable(event.key)}")
        self.stdout.write(f"{len(events)} {what}.")


def _of_type(options: dict[str, Any]) -> Any:
    rows = events_set_aside()
    return rows.filter(type=options["type"]) if options["type"] else rows


def _summary(event: OutboxEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "event_id": event.event_id,
        "type": event.type,
        "subject": event.key,
        "reason": event.refusal,
        "created_at": event.created_at.isoformat(),
        "set_aside_at": event.set_aside_at.isoformat() if event.set_aside_at else None,
        "try_again_at": event.try_again_at.isoformat() if event.try_again_at else None,
    }
