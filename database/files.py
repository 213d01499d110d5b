"""Files of databases, which hold what only their owner may read, such as hashes of passwords."""

import os
from contextlib import suppress
from pathlib import Path

# What SQLite writes beside a database; it makes each with the permissions of the database.
_BESIDE = ("", "-wal", "-shm", "-journal")


def keep_private(path: Path) -> None:
    """Make the file of a database if there is none, and have none but its owner read it.

    Files that are another's stay as they are. One that is there is never opened: to close it would
    end the locks that SQLite holds on it in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for ending in _BESIDE:
        file = Path(f"{path}{ending}")
        with suppress(FileNotFoundError):
            found = file.stat()
            if found.st_mode & 0o077 and found.st_uid == os.geteuid():
                file.chmod(0o600)
