"""The keys of Quotes: fetched when they are needed, and no more often than that."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pytest_django import Settings

from identity.errors import InvalidToken, KeysUnavailable
from identity.keys import FETCHES_AT_ONCE, MAX_AGE, KeySet
from identity.tokens import Caller, forget, verify
from tests.identity.conftest import PATIENCE, KeyServer, SigningKey
from tools.children import wait_until


def test_after_a_rotation_tokens_of_both_keys_are_accepted(
    key_server: KeyServer, key: SigningKey, clock: Callable[[float], None]
) -> None:
    old = key.sign(sub="1")
    verify(old)
    new = SigningKey(with_alg=False)
    key_server.keys = [new.jwk, key.jwk]
    clock(11)
    assert verify(new.sign(sub="2")).user_id == 2
    assert verify(old).user_id == 1


def test_a_withdrawn_key_stops_working_even_for_tokens_let_in_before(
    key_server: KeyServer, key: SigningKey, clock: Callable[[float], None]
) -> None:
    token = key.sign()
    verify(token)
    key_server.keys = [SigningKey().jwk]
    clock(301)
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(token)


def test_a_made_up_key_id_just_before_a_rotation_keeps_no_new_key_out(
    key_server: KeyServer, key: SigningKey
) -> None:
    verify(key.sign())
    with pytest.raises(InvalidToken):
        verify(SigningKey().sign())
    new = SigningKey()
    key_server.keys = [new.jwk, key.jwk]
    assert verify(new.sign(sub="2")).user_id == 2


def test_made_up_key_ids_ask_quotes_a_few_times_and_then_once_a_second(
    key_server: KeyServer, key: SigningKey, clock: Callable[[float], None]
) -> None:
    for _ in range(FETCHES_AT_ONCE):
        with pytest.raises(InvalidToken):
            verify(SigningKey().sign())
    for _ in range(3):
        for _ in range(20):
            with pytest.raises(KeysUnavailable):  # it may be new
                verify(SigningKey().sign())
        clock(1)
        with pytest.raises(InvalidToken):
            verify(SigningKey().sign())
    assert key_server.asked == FETCHES_AT_ONCE + 3


def test_under_many_made_up_key_ids_a_new_key_is_let_in_within_a_second(
    key_server: KeyServer, key: SigningKey, clock: Callable[[float], None]
) -> None:
    for _ in range(FETCHES_AT_ONCE):
        with pytest.raises(InvalidToken):
            verify(SigningKey().sign())
    new = SigningKey()
    key_server.keys = [new.jwk, key.jwk]
    with pytest.raises(KeysUnavailable):  # and no `InvalidToken`: they needn't log in again
        verify(new.sign())
    clock(1)
    with pytest.raises(InvalidToken):
        verify(SigningKey().sign())
    assert verify(new.sign(sub="2")).user_id == 2


def test_one_made_up_key_id_is_refused_however_often_it_comes(
    key_server: KeyServer, key: SigningKey, clock: Callable[[float], None]
) -> None:
    token = SigningKey().sign()
    for _ in range(20):
        with pytest.raises(InvalidToken):
            verify(token)
    assert key_server.asked == 1
    clock(11)
    with pytest.raises(InvalidToken):
        verify(token)
    assert key_server.asked == 2


def test_key_ids_that_are_remembered_are_bounded(
    key_server: KeyServer, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.keys.MAX_ABSENT", 2)
    keys = KeySet(key_server.url)
    assert [keys.get(kid) for kid in ("a", "b", "c")] == [None] * 3
    assert list(keys._absent) == ["b", "c"]


def test_made_up_keys_keep_nobody_waiting(
    key_server: KeyServer,
    key: SigningKey,
    clock: Callable[[float], None],
) -> None:
    good = key.sign()
    verify(good)
    clock(10)
    asked = key_server.asked
    key_server.answering.clear()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(verify, SigningKey().sign())
        wait_until(lambda: key_server.asked > asked, patience=PATIENCE, what="the keys are asked")
        others = [pool.submit(verify, SigningKey().sign()) for _ in range(5)]
        # Not refused: what is on its way may have the key.
        assert all(isinstance(each.exception(PATIENCE), KeysUnavailable) for each in others)
        assert verify(good) == Caller(user_id=7)
        assert not first.done()
        key_server.answering.set()
        assert isinstance(first.exception(PATIENCE), InvalidToken)


def test_a_key_that_is_new_is_waited_for_by_all_who_need_it(
    key_server: KeyServer,
    key: SigningKey,
    clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("identity.keys.MAX_WAIT", timedelta(seconds=PATIENCE))
    verify(key.sign())
    clock(10)
    new = SigningKey()
    key_server.keys.append(new.jwk)
    asked = key_server.asked
    key_server.answering.clear()
    with ThreadPoolExecutor(5) as pool:
        callers = [pool.submit(verify, new.sign()) for _ in range(5)]
        wait_until(lambda: key_server.asked > asked, patience=PATIENCE, what="the keys are asked")
        key_server.answering.set()
        assert {each.result(PATIENCE) for each in callers} == {Caller(user_id=7)}
    assert key_server.asked == asked + 1


def test_a_refresh_that_timed_out_does_not_keep_a_new_key_out(
    key_server: KeyServer,
    key: SigningKey,
    clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("identity.keys.REFRESH_TIMEOUT", timedelta(milliseconds=50))
    good, new = key.sign(), SigningKey()
    verify(good)
    key_server.keys.append(new.jwk)
    clock(MAX_AGE.total_seconds() + 1)
    asked = key_server.asked
    key_server.answering.clear()
    assert verify(good) == Caller(user_id=7)  # after the refresh has timed out
    assert key_server.asked == asked + 1
    key_server.answering.set()
    assert verify(new.sign()) == Caller(user_id=7)


def test_known_tokens_are_verified_without_asking_quotes(
    key_server: KeyServer, key: SigningKey
) -> None:
    for subject in range(1, 20):
        verify(key.sign(sub=str(subject)))
    assert key_server.asked == 1


def test_after_a_restart_while_quotes_is_down_the_kept_keys_verify(
    key_server: KeyServer, key: SigningKey, settings: Settings
) -> None:
    verify(key.sign())
    settings.JWKS_URL = "http://127.0.0.1:9/nobody-listens"
    forget()
    assert verify(key.sign(sub="5")).user_id == 5
    with pytest.raises(KeysUnavailable):  # a key that Quotes has made since, perhaps
        verify(SigningKey().sign())


@pytest.mark.parametrize("kept", [b"", b"not json", b"[]", b'{"keys": 5}', b'{"keys": [5, {}]}'])
def test_a_broken_file_of_keys_is_as_good_as_none(
    key_server: KeyServer, key: SigningKey, settings: Settings, kept: bytes
) -> None:
    from pathlib import Path

    file = Path(settings.JWKS_FILE)
    file.parent.mkdir(parents=True)
    file.write_bytes(kept)
    assert verify(key.sign(sub="5")).user_id == 5
    assert json.loads(file.read_bytes()) == {"keys": [key.jwk]}


def test_with_no_keys_at_all_it_is_not_the_tokens_fault(
    key_server: KeyServer, key: SigningKey, settings: Settings
) -> None:
    settings.JWKS_URL = "http://127.0.0.1:9/nobody-listens"
    forget()
    with pytest.raises(KeysUnavailable):
        verify(key.sign())
