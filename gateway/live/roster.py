"""Who subscribes to what."""

from collections.abc import Iterable

from gateway.live.subscriber import Subscriber


class Roster:
    """Subscribers by the quotes that they asked for. (Dictionaries, as sets that keep order.)"""

    def __init__(self) -> None:
        self._of_all: dict[Subscriber, None] = {}
        self._of_quote: dict[int, dict[Subscriber, None]] = {}
        self._members: dict[Subscriber, None] = {}

    def add(self, subscriber: Subscriber) -> None:
        """Take a subscriber."""
        self._members[subscriber] = None
        if subscriber.numbers is None:
            self._of_all[subscriber] = None
        for number in subscriber.numbers or ():
            self._of_quote.setdefault(number, {})[subscriber] = None

    def remove(self, subscriber: Subscriber) -> None:
        """Forget a subscriber, if it is here."""
        self._members.pop(subscriber, None)
        self._of_all.pop(subscriber, None)
        for number in subscriber.numbers or ():
            found = self._of_quote.get(number, {})
            found.pop(subscriber, None)
            if not found:
                self._of_quote.pop(number, None)

    def clear(self) -> list[Subscriber]:
        """Forget all subscribers, and return them."""
        members = list(self._members)
        for subscriber in members:
            self.remove(subscriber)
        return members

    def all(self) -> Iterable[Subscriber]:
        """Return all subscribers."""
        return list(self._members)

    def of(self, number: int) -> list[Subscriber]:
        """Return the subscribers of a quote."""
        return [*self._of_all, *self._of_quote.get(number, ())]

    def wants(self, number: int) -> bool:
        """Return whether anybody subscribes to a quote."""
        return bool(self._of_all) or number in self._of_quote
