"""How many connections are kept for later requests."""

import socket
from contextlib import closing

from gateway.upstream.transport.fast.connections import MAX_IDLE, origin_of
from tests.identity.conftest import PATIENCE


def test_after_a_burst_no_more_connections_are_kept_than_there_are_threads() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=2 * MAX_IDLE) as listener:
        origin = origin_of(f"http://127.0.0.1:{listener.getsockname()[1]}")
        for connection in [origin.connect(PATIENCE) for _ in range(MAX_IDLE + 3)]:
            origin.give_back(connection)
        kept = 0
        while (again := origin.kept()) is not None:
            with closing(again):
                kept += 1
        assert kept == MAX_IDLE
