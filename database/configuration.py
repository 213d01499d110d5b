"""An entry of Django's DATABASES, from a URL."""

from typing import Any

import dj_database_url


def database(url: str, *, pool_size: int) -> dict[str, Any]:
    """Return the entry for `postgres://…`, with a pool of so many connections per process, or
    for `sqlite:///path`.
    """
    entry: dict[str, Any] = dict(dj_database_url.parse(url))
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        entry["ENGINE"] = "database.sqlite"
        entry["OPTIONS"] = {
            # A transaction that reads before it writes would else fail when another wrote.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,  # seconds that a writer waits for another
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        return entry
    entry["ENGINE"] = "database.postgresql"
    options = entry.setdefault("OPTIONS", {})
    # A server that is gone without a word is found in some ten seconds; by default in hours.
    options |= {"connect_timeout": 5, "keepalives_idle": 5, "tcp_user_timeout": 10_000} | options
    # One that takes no writes, after a failover say, is none: each message would fail on it.
    options.setdefault("target_session_attrs", "read-write")
    options["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 3,  # seconds that a request waits for a connection, then a 503
        # Give up soon and let the next request try again at once: the pool's own waits
        # grow, and would outlast the server's return by many seconds.
        "reconnect_timeout": 1,
    }
    entry["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must not too
    return entry
