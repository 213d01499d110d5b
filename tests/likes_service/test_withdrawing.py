"""The likes of a deleted account are withdrawn, each once, whatever dies or comes between."""

from collections.abc import Callable
from functools import partial

import pytest

from identity.accounts import AccountState
from likes_service import domain, withdrawing
from likes_service.errors import NotLiked
from likes_service.models import Like, Quote, Withdrawal
from messaging import faults
from rest.errors import InvalidToken
from tests.likes_service.at_once import DEADLINE, held_open, waiting_for_another
from tests.likes_service.conftest import published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def liked(make_quote: Callable[..., Quote]) -> None:
    """Users 5 and 6 like quotes 1 to 5."""
    for quote_id in range(1, 6):
        make_quote(quote_id)
        like(5, quote_id)
        like(6, quote_id)


def like(user_id: int, quote_id: int) -> None:
    domain.like_quote(user_id=user_id, quote_id=quote_id)


def end(user_id: int = 5) -> None:
    withdrawing.follow_accounts([AccountState(user_id, 2, deleted=True)])


def withdraw_all() -> int:
    """Withdraw until nothing is left. Return how many steps that took."""
    steps = 0
    while withdrawing.withdraw():
        steps += 1
    return steps


def balance(user_id: int) -> dict[int, int]:
    """What the events of a user add up to, for each quote."""
    effects = {"likes.like.created": 1, "likes.like.deleted": -1}
    sums: dict[int, int] = {}
    for name, data in published():
        if data["user_id"] == user_id:
            sums[data["quote_id"]] = sums.get(data["quote_id"], 0) + effects[name]
    return sums


def test_all_likes_of_a_deleted_account_are_withdrawn_and_no_others(liked: None) -> None:
    end()
    withdraw_all()
    assert set(Like.objects.values_list("user_id", flat=True)) == {6}
    assert balance(5) == dict.fromkeys(range(1, 6), 0)
    assert balance(6) == dict.fromkeys(range(1, 6), 1)
    assert not Withdrawal.objects.exists()


def test_of_accounts_that_like_nothing_there_is_nothing_to_withdraw(liked: None) -> None:
    lost = range(100, 2100)  # as many as a restore of Quotes may name
    states = [AccountState(user_id, 2, deleted=True) for user_id in lost]
    withdrawing.follow_accounts([*states, AccountState(5, 2, deleted=True)])
    assert withdraw_all() == 2  # the likes of one, and that there are no more


def test_a_step_is_bounded(liked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawing, "LIKES_AT_ONCE", 2)
    end()
    assert withdrawing.withdraw()
    assert Like.objects.filter(user_id=5).count() == 3
    assert withdraw_all() == 3  # two more with likes, and one that finds none
    assert not Like.objects.filter(user_id=5).exists()


def test_what_died_in_the_middle_is_done_again_and_nothing_twice(
    liked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "LIKES_AT_ONCE", 2)
    end()
    withdrawing.withdraw()
    with monkeypatch.context() as armed:
        armed.setattr(faults, "reach", faults._armed("after_withdrawing:raise:1"))
        with pytest.raises(RuntimeError):
            withdrawing.withdraw()
    withdraw_all()
    assert balance(5) == dict.fromkeys(range(1, 6), 0)


def test_the_end_of_an_account_told_twice_withdraws_once(liked: None) -> None:
    end()
    withdraw_all()
    end()
    withdraw_all()
    assert balance(5) == dict.fromkeys(range(1, 6), 0)
    assert not Withdrawal.objects.exists()


def test_a_deactivated_account_keeps_its_likes(liked: None) -> None:
    withdrawing.follow_accounts([AccountState(5, 2, active=False)])
    assert withdraw_all() == 0
    assert Like.objects.filter(user_id=5).count() == 5


def test_a_like_under_way_while_the_account_ends_is_withdrawn(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote(7)
    with held_open(partial(like, 5, 7)), waiting_for_another(end) as ended:
        pass
    ended.result(DEADLINE)
    withdraw_all()
    assert not Like.objects.exists()
    assert balance(5) == {7: 0}


def test_a_like_that_was_let_in_before_the_account_ended_is_refused(
    make_quote: Callable[..., Quote],
) -> None:
    make_quote(7)
    with held_open(end), waiting_for_another(partial(like, 5, 7)) as liked:
        pass
    with pytest.raises(InvalidToken):
        liked.result(DEADLINE)
    assert published() == []


def test_a_like_taken_back_meanwhile_is_taken_back_once(liked: None) -> None:
    end()
    unlike = partial(domain.unlike_quote, user_id=5, quote_id=3)
    with held_open(unlike), waiting_for_another(withdrawing.withdraw) as withdrawn:
        pass
    withdrawn.result(DEADLINE)
    withdraw_all()
    assert balance(5) == dict.fromkeys(range(1, 6), 0)
    with pytest.raises(NotLiked):
        unlike()
