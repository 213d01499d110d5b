"""The log, read once by each process: a thread follows it, and others look for what was missed."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import structlog
from django.conf import settings

from gateway.live.changes import START, Mention, Place, collapsed, mention_of
from gateway.live.endings import Ending, ending_of
from gateway.live.recent import MOST
from messaging.brokers import Broker, BrokerUnavailable, broker_for
from messaging.brokers.interface import Entry, Reader

NAME = "events.log"  # as messaging's settings have it
BATCH = 500
READ_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between attempts
# What one who was away may have missed: more is not sent, but begun anew.
MOST_MISSED = 2_000

logger = structlog.get_logger(__name__)


def broker() -> Broker:
    """Make the broker of the settings; does not connect."""
    return broker_for(settings.BROKER_URL, "live", fast=settings.AMQP_FAST)


class Follower:
    """Follows the log in a thread of its own, and says what it reads and whether it can.

    Its functions are called in that thread: `read` with what came, `ended` with whose tokens hold
    no longer, `lost` when the log was made anew since, so that nobody knows what it lacks, and
    `interrupted` with yes and no.
    """

    def __init__(
        self,
        read: Callable[[Sequence[Mention]], None],
        ended: Callable[[Sequence[Ending]], None],
        lost: Callable[[], None],
        interrupted: Callable[[bool], None],
    ) -> None:
        self._read = read
        self._ended = ended
        self._lost = lost
        self._interrupted = interrupted
        self._position: Place | None = None
        self._reader: Reader | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)

    def start(self) -> None:
        """Begin to follow: from the end of the log on, once it is known what came lately."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, within a few seconds."""
        self._stop.set()
        if self._reader is not None:
            self._reader.close()
        self._thread.join(READ_SECONDS + 5)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                self._follow()
                pause = FIRST_PAUSE
            except BrokerUnavailable as error:
                logger.warning("log_unavailable", reason=str(error), retry_in=pause)
                self._interrupted(True)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _follow(self) -> None:
        position = self._position
        # From the last that was read, so that it shows whether it is still the same log.
        begin = None if position is None else max(position.offset, 0)
        reader = self._reader = broker().reader(NAME, begin)
        compared = position is None or position == START
        try:
            while not self._stop.is_set():
                entries = reader.read(BATCH, READ_SECONDS)
                if entries and self._position is None:
                    self._recall(entries[0].offset)
                self._note_endings(entries)
                mentions = [mention_of(entry) for entry in entries]
                if mentions and not compared:
                    compared = True
                    if mentions[0].place == position:
                        del mentions[0]
                    else:
                        logger.error("log_made_anew", was_at=position)
                        self._lost()
                self._position = mentions[-1].place if mentions else self._position or START
                self._read(mentions)
                self._interrupted(False)
        finally:
            reader.close()

    def _recall(self, until: int) -> None:
        """Read what came before, for as long as a token holds that has been ended since."""
        mentions: deque[Mention] = deque(maxlen=MOST)
        for entries in written_lately(until):
            if self._stop.is_set():
                return
            self._note_endings(entries)
            mentions.extend(map(mention_of, entries))
        self._read(list(mentions))

    def _note_endings(self, entries: Sequence[Entry]) -> None:
        if endings := [each for entry in entries if (each := ending_of(entry))]:
            self._ended(endings)


def written_lately(until: int) -> Iterator[list[Entry]]:
    """Read what was written within the lifetime of a token, before an offset."""
    reader = broker().reader(NAME, settings.TOKEN_LIFETIME)
    reached: int | None = None
    try:
        while reached is None or reached < until - 1:
            entries = reader.read(BATCH, READ_SECONDS)
            if not entries and reached is None:
                return  # nothing is so young
            reached = entries[-1].offset if entries else reached
            yield [each for each in entries if each.offset < until]
    finally:
        reader.close()


def missed(since: Place, until: Place) -> tuple[Place, dict[int, Mention]] | None:
    """Read what was mentioned between two places. Return it and the place that was reached.

    Return None if the log doesn't reach back so far, is another one, or says too much since.
    """
    reader = broker().reader(NAME, max(since.offset, 0))
    reached, found = since, dict[int, Mention]()
    try:
        while reached.offset < until.offset:
            mentions = [mention_of(entry) for entry in reader.read(BATCH, 10 * READ_SECONDS)]
            if not mentions:
                raise BrokerUnavailable("the log doesn't say what it has")
            if reached is since:
                if not _continues(since, mentions[0].place):
                    return None
                mentions = [each for each in mentions if each.place != since]
            found = collapsed(mentions, found)
            if len(found) > MOST_MISSED:
                return None
            reached = mentions[-1].place if mentions else Place(*since)
    finally:
        reader.close()
    return reached, found


def _continues(since: Place, first: Place) -> bool:
    """Return whether an entry is where the log goes on from a place without a gap."""
    return first.offset == 0 if since == START else first == since
