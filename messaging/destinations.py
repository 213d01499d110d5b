"""Where the messages of an event go: to the exchange, to the log, or to both.

The log is fed apart from the exchange. Were it bound to the exchange, it would take every message:
the broker would confirm what the queue of no service takes, and nobody would hear of a lost
binding. So what goes to both is two messages, and done with once both are confirmed.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec.structs import replace

from messaging import outbox
from messaging.brokers.interface import Confirmation, Refusal
from messaging.conf import MessagingSettings, messaging_settings
from messaging.events import Message
from messaging.outbox import OutboxRow


def addressed(rows: Sequence[OutboxRow]) -> tuple[list[OutboxRow], list[Message]]:
    """Return the messages of rows, in their order, and for each message the row that it is of."""
    settings = messaging_settings()
    owners: list[OutboxRow] = []
    messages: list[Message] = []
    for row, message in zip(rows, outbox.messages_of(rows), strict=True):
        if is_exchanged(row.type, settings):
            owners.append(row)
            messages.append(message)
        if is_logged(row.type, settings):
            owners.append(row)
            messages.append(replace(message, exchange="", routing_key=settings.log))
    return owners, messages


def is_exchanged(event_type: str, settings: MessagingSettings) -> bool:
    """Return whether events of a type go to the exchange."""
    return not _is_one_of(event_type, tuple(settings.only_logged))


def is_logged(event_type: str, settings: MessagingSettings) -> bool:
    """Return whether events of a type go to the log."""
    return _is_one_of(event_type, (*settings.logged, *settings.only_logged))


def done_with(owners: Sequence[OutboxRow], confirmed: int) -> list[OutboxRow]:
    """Return the rows of which all messages are among the first so many."""
    unfinished = owners[confirmed].id if confirmed < len(owners) else None
    rows = {row.id: row for row in owners[:confirmed] if row.id != unfinished}
    return list(rows.values())


def refusals(owners: Sequence[OutboxRow], confirmation: Confirmation) -> Mapping[int, Refusal]:
    """Return what was refused. One of the messages of one row is known to be of it, at least."""
    if confirmation.one_refused and len({row.id for row in owners}) == 1:
        return {0: Refusal(confirmation.problem or "", lasting=True)}
    return confirmation.refused


@lru_cache(maxsize=1000)
def _is_one_of(event_type: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(event_type, pattern) for pattern in patterns)
