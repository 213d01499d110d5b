"""Writes go on, and nothing is lost or doubled, while processes are killed and RabbitMQ is away."""

import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.system.clients import number_of
from tests.system.load import under_load
from tests.system.stack import PATIENCE, Stack
from tests.system.subscribers import subscribed
from tools.children import wait_until
from tools.servers import PrivateRabbitMQ


def test_a_thousand_likes_by_a_thousand_users_fifty_at_once_are_a_thousand(stack: Stack) -> None:
    quote_id = stack.user().create("Liked by all")
    with ThreadPoolExecutor(50) as pool:
        shown = list(pool.map(lambda user: user.like(quote_id), stack.users(1000)))
    assert max(shown) <= 1000
    stack.wait_until_agreed()
    assert stack.user().likes(quote_id) == 1000
    assert stack.quotes()[number_of(quote_id)][1] == stack.likes()[number_of(quote_id)] == 1000


@pytest.mark.parametrize("seed", [1])
def test_each_process_in_turn_is_killed_under_load_and_nothing_is_lost_doubled_or_left_untold(
    stack: Stack, seed: int
) -> None:
    with subscribed(stack, 10) as subscribers:
        with under_load(stack, seed=seed) as load:
            for name in stack.product.names:
                load.wait_for_more(20)
                killed = stack.supervisor.pid(name)
                stack.supervisor.send(name, signal.SIGKILL)
                wait_until(
                    partial(stack.runs_again, name, killed),
                    patience=PATIENCE,
                    what=f"{name} is back",
                )
            stack.product.wait_until_ready()
            load.wait_for_more(20)
        subscribers.judge(load)


def test_writes_are_accepted_while_rabbitmq_is_stopped_and_arrive_after_its_return(
    stack: Stack, node: PrivateRabbitMQ
) -> None:
    with under_load(stack, seed=2) as load:
        load.wait_for_more(50)
        node.kill()
        load.wait_for_more(300)
        assert stack.outbox("quotes") > 0
        assert stack.outbox("likes") > 0
        node.start()
        load.wait_for_more(50)
