"""Backups of a service's database: dumps of PostgreSQL, copied files of SQLite."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.system.stack import Stack
from tools.servers.postgres import program

RELAY_AND_CONSUMER = ("{}-relay", "{}-consumer")


def back_up(stack: Stack, service: str, file: Path) -> None:
    """Write a backup, while the product works."""
    url = _url(stack, service)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
        return
    _run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={url}")


def restore(stack: Stack, service: str, file: Path) -> None:
    """Put the backup in the place of the database.

    The web side of PostgreSQL's goes on meanwhile, as it does when a server fails over to one that
    has lost commits: its connections end, and the new ones find an older database.
    """
    url = _url(stack, service)
    held = [name.format(service) for name in RELAY_AND_CONSUMER]
    if url.startswith("sqlite"):
        held.append(service)
    for name in held:
        stack.supervisor.hold(name)
    if url.startswith("sqlite"):
        for suffix in ("-wal", "-shm"):
            Path(f"{_path(url)}{suffix}").unlink(missing_ok=True)
        Path(_path(url)).write_bytes(file.read_bytes())
    else:
        options = ("--clean", "--if-exists", "--single-transaction", "--no-owner")
        _run("pg_restore", *options, f"--dbname={url}", str(file))
        stack.rows(
            service,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid != pg_backend_pid() AND datname = current_database()",
        )
    for name in held:
        stack.supervisor.release(name)


def _url(stack: Stack, service: str) -> str:
    return stack.environment[f"{service.upper()}_DATABASE_URL"]


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _run(name: str, *arguments: str) -> None:
    found = program(name)
    assert found is not None, f"{name} belongs to PostgreSQL's client"
    subprocess.run([found, *arguments], check=True, capture_output=True)
