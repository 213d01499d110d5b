"""Whose tokens hold no longer, as the log says: their streams end, and begin no more."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from identity.tokens import Caller
from messaging.brokers.interface import Entry

# Accounts that are remembered, for tokens that are tried again. Their services refuse them anyway.
MOST = 10_000


@dataclass(frozen=True)
class Ending:
    """That the tokens of a user hold no longer which were issued before; `END` for all of them."""

    user_id: int
    before: datetime


END = datetime.max.replace(tzinfo=UTC)


def ending_of(entry: Entry) -> Ending | None:
    """Return which tokens an entry of the log ends; None if it ends none."""
    message = entry.message
    if message.type not in ("quotes.user.updated", "quotes.user.deleted"):
        return None
    try:
        account = orjson.loads(message.body)
        user_id = int(account["id"])
        if message.type == "quotes.user.deleted" or not account["active"]:
            return Ending(user_id, END)
        valid_from = account["valid_from"]
        return None if valid_from is None else Ending(user_id, datetime.fromisoformat(valid_from))
    except (ValueError, KeyError, TypeError):
        return None  # not one of ours, and nobody's token


class Endings:
    """The last endings that came by the log."""

    def __init__(self) -> None:
        self._of_user: OrderedDict[int, Ending] = OrderedDict()

    def add(self, ending: Ending) -> None:
        """Take one, and forget the oldest."""
        self._of_user[ending.user_id] = ending
        self._of_user.move_to_end(ending.user_id)
        if len(self._of_user) > MOST:
            self._of_user.popitem(last=False)

    def concern(self, caller: Caller | None) -> bool:
        """Return whether a caller's token is known to hold no longer."""
        if caller is None:
            return False
        known = self._of_user.get(caller.user_id)
        return known is not None and caller.issued_at < known.before
