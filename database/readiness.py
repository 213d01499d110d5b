"""Whether the default database can be worked with: it answers, and takes writes."""

import os

import structlog
from django.db import Error, OperationalError, connection

logger = structlog.get_logger(__name__)


def check_writable() -> None:
    """Ask the database whether it takes writes. Raise OperationalError if it doesn't.

    Open sessions of a database that was turned read-only answer every question, and fail at the
    first change.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_read_only")
            writable = cursor.fetchone() == ("off",)
        else:
            cursor.execute("SELECT 1")
            path = str(connection.settings_dict["NAME"])
            writable = not os.path.exists(path) or os.access(path, os.W_OK)
    if not writable:
        raise OperationalError("the database takes no writes: it is read-only")


def database_answers() -> bool:
    """Return whether the default database answers, and takes writes."""
    try:
        check_writable()
    except Error as error:
        logger.warning("database_unavailable", error=str(error))
        return False
    return True
