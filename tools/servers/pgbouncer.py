"""A PgBouncer of our own, before a PostgreSQL of ours."""

import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tools import children
from tools.ports import HOST, free_port
from tools.servers.postgres import ACCOUNT, account

START_PATIENCE = 10.0  # seconds
_CONFIGURATION = """
[databases]
* = host={host} port={server_port} user={user}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
pool_mode = {mode}
auth_type = any
ignore_startup_parameters = extra_float_digits,options
"""


class PrivatePgBouncer:
    """Passes on to a server what comes to a free port of 127.0.0.1, pooled in a mode.

    with PrivatePgBouncer(postgres.port, mode="transaction") as pooler:
        connect(pooler.url_of("quotes"))
    """

    def __init__(self, server_port: int, *, mode: str) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        self._process: subprocess.Popen[bytes] | None = None
        (self._folder / "pgbouncer.ini").write_text(
            _CONFIGURATION.format(
                host=HOST, user=ACCOUNT, server_port=server_port, port=self.port, mode=mode
            )
        )

    def url_of(self, database: str) -> str:
        """The superuser's URL of a database of the server, through the pool."""
        return f"postgres://{ACCOUNT}@{HOST}:{self.port}/{database}"

    def __enter__(self) -> Self:
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        if owner := account():
            for each in (self._folder, self._folder / "pgbouncer.ini"):
                shutil.chown(each, owner, owner)
        with (self._folder / "log").open("ab") as log:
            self._process = children.spawn(
                [program, str(self._folder / "pgbouncer.ini")],
                environment={"LC_ALL": "C.UTF-8"},
                folder=self._folder,
                output=log,
                death_signal=signal.SIGINT,
                user=account(),
            )
        children.wait_until(self._is_up, patience=START_PATIENCE, what="PgBouncer's start")
        return self

    def __exit__(self, *error: object) -> None:
        if self._process:
            children.stop(self._process, number=signal.SIGTERM, patience=10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            log = (self._folder / "log").read_text(errors="replace")
            raise RuntimeError(f"PgBouncer didn't start:\n{log[-2000:]}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((HOST, self.port)) == 0
