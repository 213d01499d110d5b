"""Few threads are at work at a time, yet nobody waits for one that isn't."""

import queue
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from gateway.server.threads import Threads
from tools.children import wait_until

PATIENCE = 30
NEVER = 3600.0  # seconds until somebody looks: only what is told has a thread woken


class Server:
    """A server's threads, which take what has come from one queue as Granian's do."""

    def __init__(self, threads: Threads, size: int) -> None:
        self.threads = threads
        self.at_rest: set[int] = set()
        self.rests: list[int] = []  # all that there were, by whom
        self._come: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._all = [threading.Thread(target=self._serve) for _ in range(size)]
        for thread in self._all:
            thread.start()

    def take(self, request: Callable[[], object]) -> None:
        """Have it answered by some thread."""
        self._come.put(request)

    def let_go(self, number: int = 1) -> None:
        """End so many threads that have nothing to do."""
        for _ in range(number):
            self._come.put(None)

    def settle(self, at_rest: int) -> None:
        """Have all threads at work at once, and wait until so many rest."""
        all_of_them = threading.Barrier(len(self._all))
        for _ in self._all:
            self.take(all_of_them.wait)
        self.wait_until_at_rest(at_rest)

    def wait_until_at_rest(self, number: int) -> None:
        """Wait until so many rest."""
        wait_until(lambda: len(self.at_rest) == number, patience=PATIENCE, what=f"{number} rest")

    def end(self) -> None:
        """End all threads."""

        def nobody_rests() -> bool:
            self.threads.look(NEVER)
            return not self.at_rest

        wait_until(nobody_rests, patience=PATIENCE, what="nobody rests")
        self.let_go(len(self._all))
        for thread in self._all:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _serve(self) -> None:
        while (request := self._come.get()) is not None:
            self.threads.begin()
            request()
            if self.threads.end():
                self.at_rest.add(threading.get_ident())
                self.rests.append(threading.get_ident())
                self.threads.rest()
                self.at_rest.discard(threading.get_ident())


@pytest.fixture
def start() -> Iterator[Callable[[Threads, int], Server]]:
    """What starts a server, which is ended after the test."""
    servers = []

    def started(threads: Threads, size: int) -> Server:
        servers.append(Server(threads, size))
        return servers[-1]

    yield started
    for server in servers:
        server.end()


@pytest.fixture
def settled(start: Callable[[Threads, int], Server]) -> Server:
    """Eight threads, of which two are to work and six rest."""
    server = start(Threads(at_work=2, long=NEVER), 8)
    server.settle(at_rest=6)
    return server


def _who_answers(server: Server, requests: int) -> set[int]:
    who: list[int] = []
    for _ in range(requests):
        server.take(lambda: who.append(threading.get_ident()))
    wait_until(lambda: len(who) == requests, patience=PATIENCE, what="all are answered")
    return set(who)


def test_as_many_threads_work_as_are_meant_to_while_the_others_rest(settled: Server) -> None:
    assert len(_who_answers(settled, 500)) <= 2


def test_while_one_waits_for_a_service_another_works(settled: Server) -> None:
    answers = threading.Event()

    def ask() -> None:
        with settled.threads.waiting():
            answers.wait(PATIENCE)

    for _ in range(5):
        settled.take(ask)
    _who_answers(settled, 20)
    settled.wait_until_at_rest(1)  # five wait, two work
    answers.set()

    def all_others_rest() -> bool:
        _who_answers(settled, 20)
        return len(settled.at_rest) == 6

    wait_until(all_others_rest, patience=PATIENCE, what="six rest again")


def test_threads_that_are_taken_without_a_word_have_others_work_instead(settled: Server) -> None:
    body_is_there = threading.Event()
    taken = [threading.Event() for _ in range(5)]

    def read(number: int) -> None:
        taken[number].set()
        body_is_there.wait(PATIENCE)

    for number in range(5):
        settled.take(partial(read, number))

    def are_taken() -> bool:
        settled.threads.look(0)
        return all(event.is_set() for event in taken)

    wait_until(are_taken, patience=PATIENCE, what="five are taken")
    settled.threads.look(0)
    # From now on nobody has to look for the others to go on working.
    assert len(_who_answers(settled, 100)) <= 3
    body_is_there.set()


def test_nobody_rests_while_there_is_nothing_to_do(
    start: Callable[[Threads, int], Server],
) -> None:
    threads = Threads(at_work=2, long=0.01)
    server = start(threads, 8)
    all_of_them = threading.Barrier(8)
    for _ in range(8):
        server.take(all_of_them.wait)
    wait_until(lambda: len(server.rests) >= 6, patience=PATIENCE, what="six have rested")
    server.wait_until_at_rest(0)


def test_for_a_thread_that_the_server_has_ended_another_is_woken(settled: Server) -> None:
    settled.let_go(2)
    settled.wait_until_at_rest(4)
    _who_answers(settled, 20)
