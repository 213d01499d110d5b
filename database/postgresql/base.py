"""PostgreSQL whose pooled connections are tried without asking the server.

Each request takes a connection from the pool, which has to be known to be good. The pool's own
trial is an empty query: in a request of one query, a second round trip.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, and a connection on which the server has said nothing counts as good."""

    @property
    def pool(self) -> "ConnectionPool[Connection[Any]] | None":
        """The pool of this process."""
        pool: ConnectionPool[Connection[Any]] | None = super().pool
        if pool is not None and pool._check is not None:
            pool._check = check
        return pool


def check(connection: "Connection[Any]") -> None:
    """Raise an error of psycopg if the connection is broken.

    A server that goes closes its connections. The system then reports something to read, as on no
    good connection at rest. Only then is the server asked.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)
