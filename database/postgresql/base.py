"""PostgreSQL whose pooled connections are tried without asking the server.

Each request takes a connection from the pool, which has to be known to be good. The pool's own
trial is an empty query: in a request of one query, a second round trip. And it waits a second after
a broken connection, then two more: a server that restarts has broken all, and requests would fail
for as long as it takes to have each found by one of them.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.utils.functional import cached_property
from psycopg import Connection
from psycopg_pool import ConnectionPool

from database.faults import DecidedErrors
from database.traced import trace_statements


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, but a connection on which the server has said nothing counts as good, and
    `database.faults` decides what an error is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trace_statements(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection[Any]":
        """Return one of the pool that works: those that don't are replaced as they come."""
        pool = self.pool
        connection: Connection[Any] = super().get_new_connection(conn_params)
        if pool is None:
            return connection
        for _ in range(pool.max_size):
            if works(connection):
                break
            connection.close()
            pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    @cached_property
    def wrap_database_errors(self) -> DecidedErrors:
        """What raises psycopg's errors as Django's."""
        return DecidedErrors(self)


def works(connection: "Connection[Any]") -> bool:
    """Return whether the server is at the other end.

    A server that goes closes its connections. The system then reports something to read, as on no
    good connection at rest. Only then is the server asked.
    """
    try:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
        if poll.poll(0):
            ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return False
    return True
