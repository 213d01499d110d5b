"""PostgreSQL whose pooled connections are tried without asking the server.

Each request takes a connection from the pool, which has to be known to be good. The pool's own
trial is an empty query: in a request of one query, a second round trip.
"""

import select
from typing import Any

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

    @property
    def pool(self) -> "ConnectionPool[Connection[Any]] | None":
        """The pool of this process."""
        pool: ConnectionPool[Connection[Any]] | None = super().pool
        if pool is not None and pool._check is not None:
            pool._check = check
        return pool

    @cached_property
    def wrap_database_errors(self) -> DecidedErrors:
        """What raises psycopg's errors as Django's."""
        return DecidedErrors(self)


def check(connection: "Connection[Any]") -> None:
    """Raise an error of psycopg if the connection is broken.

    A server that goes closes its connections. The system then reports something to read, as on no
    good connection at rest. Only then is the server asked.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)
