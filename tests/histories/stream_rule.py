"""Rule: a subscriber who comes back by cursor has no gap, and nothing that it is told goes back.

Messages in between may be left out, where a later one of the same quote stands for them. So a gap
shows in what has been told of each quote when all is told.
"""

from collections.abc import Iterator

from tests.histories.operations import Effect, Facts, History, Kind, Operation, Outcome, Violation
from tests.histories.streams import Stream, Told


def check_streams(history: History) -> Iterator[Violation]:
    """Yield what subscribers were not told, or told wrongly, or in the wrong order."""
    written = _written(history)
    for stream in history.streams:
        yield from _places(stream)
        yield from _order(stream)
        yield from _texts(stream, history.before, written)
        if history.after is not None:
            yield from _gaps(stream, history, history.after)


def _places(stream: Stream) -> Iterator[Violation]:
    """A connection goes forward in the log, from the cursor on that it came back with."""
    for connection in stream.connections:
        reached = connection.after
        for told in connection.told:
            if reached is not None and told.place <= reached:
                yield _violation(Effect.DOUBLED, stream, f"was told again, behind {reached}", told)
            reached = told.place


def _order(stream: Stream) -> Iterator[Violation]:
    """No quote goes back to an earlier version, and none comes back that is gone."""
    last: dict[int, Told] = {}
    for told in stream.told():
        before = last.get(told.quote)
        if before is not None and not told.gone:
            if before.gone:
                yield _violation(Effect.UNTRUE, stream, "saw a quote come back", before, told)
            elif (told.version or 0) < (before.version or 0):
                yield _violation(Effect.UNTRUE, stream, "saw a quote go back", before, told)
        last[told.quote] = told


def _texts(
    stream: Stream, before: Facts, written: dict[tuple[int | None, str], Operation]
) -> Iterator[Violation]:
    """What is told is a text that somebody had asked for by then, under its version."""
    for told in stream.told():
        if told.title is None or before.quotes.get(told.quote, ("",))[0] == told.title:
            continue
        write = written.get((told.quote, told.title)) or written.get((None, told.title))
        if write is None or write.called > told.at:
            yield _violation(Effect.UNTRUE, stream, "was told what nobody had written", told)
        elif write.version is not None and write.version != told.version:
            what = f"was told the text of version {write.version} as another"
            yield _violation(Effect.UNTRUE, stream, what, told)


def _gaps(stream: Stream, history: History, after: Facts) -> Iterator[Violation]:
    """What was told last of each quote that has changed is how it is in the end."""
    last = {told.quote: told for told in stream.told()}
    for quote, (title, version, likes) in after.quotes.items():
        if history.before.quotes.get(quote) == (title, version, likes):
            continue
        told = last.get(quote)
        if told is None:
            yield _violation(Effect.LOST, stream, f"was never told of quote {quote}")
        elif (told.title, told.version, told.likes) != (title, version, likes):
            what = f"was not told that quote {quote} has version {version} and {likes} likes"
            yield _violation(Effect.LOST, stream, what, told)
    deleted = {
        one.quote for one in history.of_kind(Kind.DELETE) if one.outcome is Outcome.DONE
    } - after.quotes.keys()
    shown = {quote for quote, told in last.items() if not told.gone} - after.quotes.keys()
    unheard = {quote for quote in deleted if quote is not None and quote not in last}
    for quote in sorted(shown | unheard):
        yield _violation(Effect.LOST, stream, f"was not told that quote {quote} is gone")


def _written(history: History) -> dict[tuple[int | None, str], Operation]:
    """Return who wrote each text first; a create without an answer doesn't know of which quote."""
    writes = sorted(history.of_kind(Kind.CREATE, Kind.UPDATE), key=lambda one: -one.called)
    return {(one.quote, one.title): one for one in writes if one.title is not None}


def _violation(effect: Effect, stream: Stream, what: str, *told: Told) -> Violation:
    shown = "".join(f"\n    {each}" for each in told)
    return Violation.of(effect, f"{stream.client} {what}{shown}", [])
