"""What an operator does with dead letters."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from messaging.brokers.interface import Broker, Topology
from messaging.conf import configured_broker
from messaging.consumer import Consumer
from messaging.events import ID_HEADER
from messaging.models import DeadLetter, InboxEvent
from messaging.replays import ChosenLetters, RequestedReplays, _close, request_replay
from tests.messaging import handlers
from tests.messaging.conformance.messages import publish
from tests.messaging.events import Counted, Troubled
from tests.messaging.running import (
    PATIENCE,
    at_work,
    lose_queue,
    numbers_entered,
    sent,
    until_entries,
)
from tools.children import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def dead_letters(*arguments: str) -> str:
    out = StringIO()
    call_command("dead_letters", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> Any:
    return json.loads(dead_letters(*arguments, "--json"))


def until_parked(count: int) -> None:
    parked = DeadLetter.objects.filter(state="parked")
    wait_until(lambda: parked.count() == count, patience=PATIENCE, what=f"{count} parked")


@pytest.fixture
def letters(db: None) -> list[DeadLetter]:
    """Five dead letters of two types, an hour apart."""
    now = timezone.now()
    return [
        DeadLetter.objects.create(
            identity=f"/ledger#{number}",
            type="ledger.counted" if number % 2 else "ledger.other",
            reason="failed" if number < 3 else "invalid",
            body=b'{"number": 1}',
            headers={ID_HEADER: str(number), "content_type": "application/json"},
            error="ValueError: no",
            traceback="Traceback …",
            attempts=3,
            parked_at=now - timedelta(hours=5 - number),
        )
        for number in range(5)
    ]


def test_a_failed_event_that_is_replayed_is_handled_once_it_can_be(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    publish(broker, [sent(messaging, Troubled(number=7))])
    with at_work(Consumer):
        until_parked(1)
        handlers.FAILING.clear()
        replied = as_json("replay", "--all")
        until_entries(1)
    assert replied["action"] == "replayed"
    assert numbers_entered() == [7]
    assert DeadLetter.objects.get().state == "replayed"


def test_a_replayed_event_that_fails_again_is_parked_again_and_not_taken_for_done(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    publish(broker, [sent(messaging, Troubled(number=7))])
    with at_work(Consumer):
        until_parked(1)
        first = DeadLetter.objects.get().parked_at
        dead_letters("replay", "--all")
        wait_until(
            lambda: DeadLetter.objects.filter(state="parked", parked_at__gt=first).exists(),
            patience=PATIENCE,
            what="it is parked again",
        )
    assert DeadLetter.objects.count() == 1
    assert numbers_entered() == []


def test_a_replay_that_was_requested_is_sent_by_the_consumer(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.update({7, 8})
    publish(broker, [sent(messaging, Troubled(number=number)) for number in (7, 8)])
    with at_work(Consumer):
        until_parked(2)
    handlers.FAILING.clear()
    letters = list(DeadLetter.objects.order_by("id"))
    assert request_replay(letters) == [letter.pk for letter in letters]
    assert request_replay(letters) == []
    with at_work(Consumer):
        until_entries(2)
        replayed = DeadLetter.objects.filter(state="replayed", closed_at__isnull=False)
        wait_until(lambda: replayed.count() == 2, patience=PATIENCE, what="both are closed")
    assert numbers_entered() == [7, 8]


def test_a_requested_replay_that_the_broker_refuses_is_parked_again_and_holds_up_none(
    broker: Broker, messaging: Topology, letters: list[DeadLetter]
) -> None:
    if configured_broker("test").queue_state(messaging.queue).consumers is None:
        pytest.skip("the embedded broker refuses nothing")
    letters[0].headers = {"CC": "must be a list"}
    letters[0].save()
    request_replay(letters[:2])
    with at_work(Consumer):
        closed = DeadLetter.objects.filter(pk=letters[1].pk, state="replayed")
        wait_until(closed.exists, patience=PATIENCE, what="the second is replayed")
    assert DeadLetter.objects.get(pk=letters[0].pk).state == "parked"


def test_consumers_do_not_wait_for_the_confirm_of_a_replay(letters: list[DeadLetter]) -> None:
    class Silent:
        """Accepts what it is sent, and confirms nothing."""

        asked: ClassVar[list[float]] = []

        def send(self, messages: object) -> Any:
            return self

        def wait(self, timeout: float) -> None:
            self.asked.append(timeout)

    request_replay(letters[:1])
    replays = RequestedReplays(Silent(), "ledger")  # type: ignore[arg-type]
    for _ in range(3):
        replays.step()
    assert Silent.asked == [0, 0]
    assert DeadLetter.objects.get(pk=letters[0].pk).state == "requested"


def test_a_letter_parked_again_before_it_was_marked_stays_parked(letters: list[DeadLetter]) -> None:
    DeadLetter.objects.filter(pk=letters[0].pk).update(parked_at=timezone.now())
    assert not _close(letters[0], DeadLetter.State.REPLAYED)
    assert DeadLetter.objects.get(pk=letters[0].pk).state == "parked"


def test_an_event_that_was_handled_meanwhile_is_not_handled_twice_by_a_replay(
    broker: Broker, messaging: Topology
) -> None:
    handlers.FAILING.add(7)
    message = sent(messaging, Troubled(number=7))
    publish(broker, [message])
    with at_work(Consumer):
        until_parked(1)
        handlers.FAILING.clear()
        publish(broker, [message])  # the same event came by another way
        until_entries(1)
        dead_letters("replay", "--all")
        publish(broker, [sent(messaging, Counted(number=8))])
        until_entries(2)
    assert numbers_entered() == [7, 8]
    assert InboxEvent.objects.count() == 2


def test_a_listing_is_filtered_and_paged(letters: list[DeadLetter]) -> None:
    first = as_json("list", "--limit", "2")
    assert [item["id"] for item in first["items"]] == [letters[0].pk, letters[1].pk]
    rest = as_json("list", "--after", str(first["next_after"]))
    assert [item["id"] for item in rest["items"]] == [letter.pk for letter in letters[2:]]
    assert rest["next_after"] is None
    assert len(as_json("list", "--type", "ledger.counted")["items"]) == 2
    assert len(as_json("list", "--reason", "invalid")["items"]) == 2
    since = letters[3].parked_at.isoformat()
    assert len(as_json("list", "--since", since)["items"]) == 2
    assert len(as_json("list", "--until", since)["items"]) == 3
    assert "ledger.counted" in dead_letters("list")
    assert "There are more: --after" in dead_letters("list", "--limit", "1")


def test_showing_one_tells_all_that_is_known(letters: list[DeadLetter]) -> None:
    shown = as_json("show", str(letters[1].pk))
    assert shown["body"] == '{"number": 1}'
    assert shown["headers"][ID_HEADER] == "1"
    assert shown["traceback"] == "Traceback …"
    assert "ValueError: no" in dead_letters("show", str(letters[1].pk))
    with pytest.raises(CommandError, match="There is no dead letter 0"):
        dead_letters("show", "0")


def test_what_a_message_says_of_itself_is_not_obeyed_by_the_terminal(
    letters: list[DeadLetter],
) -> None:
    obeyed = "\x1b[2J\x9b1m\x07\r\u202e"
    letter = letters[0]
    DeadLetter.objects.filter(pk=letter.pk).update(
        type=f"a{obeyed}", error=obeyed, traceback=f"first\n{obeyed}", body=obeyed.encode(),
        headers={obeyed: obeyed}, identity=obeyed,
    )  # fmt: skip
    one = str(letter.pk)
    shown = [dead_letters("list"), dead_letters("show", one), dead_letters("list", "--json")]
    shown.append(dead_letters("discard", one, "--dry-run"))
    assert not set("".join(shown)) & set("\x1b\x9b\x07\r\u202e")
    assert "first\n" in shown[1]


def test_discarding_asks_and_keeps_a_record(
    letters: list[DeadLetter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was discarded"):
        dead_letters("discard", str(letters[0].pk))
    assert DeadLetter.objects.filter(state="parked").count() == 5
    monkeypatch.setattr("builtins.input", lambda question: "yes")
    assert "1 discarded" in dead_letters("discard", str(letters[0].pk))
    record = DeadLetter.objects.get(pk=letters[0].pk)
    assert (record.state, bytes(record.body)) == ("discarded", b'{"number": 1}')
    assert record.closed_at is not None
    assert len(as_json("list", "--state", "discarded")["items"]) == 1


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_a_dry_run_changes_nothing(letters: list[DeadLetter], action: str) -> None:
    replied = as_json(action, "--reason", "invalid", "--dry-run")
    assert len(replied["items"]) == 2
    assert DeadLetter.objects.filter(state="parked").count() == 5


@pytest.mark.parametrize("action", ["replay", "discard"])
def test_nothing_is_done_without_saying_which(letters: list[DeadLetter], action: str) -> None:
    with pytest.raises(CommandError, match="Say which"):
        dead_letters(action)


def test_a_replay_with_the_broker_away_says_so_and_leaves_it_parked(
    letters: list[DeadLetter], settings: Any, tmp_path: Any
) -> None:
    settings.BROKER_URL = "amqp://guest:guest@127.0.0.1:1/"
    with pytest.raises(CommandError, match="The broker took no more"):
        dead_letters("replay", "--all")
    assert ChosenLetters().rows().count() == 5


def test_a_replay_that_the_broker_refuses_says_so_and_leaves_it_parked(
    letters: list[DeadLetter], messaging: Topology
) -> None:
    lose_queue(messaging.queue)
    with pytest.raises(CommandError, match=r"The broker took no more: .*returned"):
        dead_letters("replay", "--all")
    assert ChosenLetters().rows().count() == 5
