"""A PostgreSQL server of our own."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tools import children
from tools.ports import HOST, free_port

ACCOUNT = "postgres"  # the server refuses to run as root; Debian's package makes this account
START_PATIENCE = 30.0  # seconds; a recovery after kill() takes a few
# A test's server may lose all at a power cut, but not at a kill: the system keeps its pages.
OPTIONS = {"fsync": "off", "max_connections": "300", "log_min_messages": "warning"}


def program(name: str) -> str | None:
    """Find a program of PostgreSQL: on the path, or the newest where Debian puts them."""
    if found := shutil.which(name):
        return found
    places = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        key=lambda place: int(place.parents[1].name) if place.parents[1].name.isdigit() else 0,
    )
    return str(places[-1]) if places else None


class PrivatePostgres:
    """A new, empty server on a free port of 127.0.0.1, with the superuser `postgres`.

    Its data is in a folder of its own under the system's temporary one (the account that it
    runs as can't look into root's home), and goes with `stop()`.

        with PrivatePostgres() as postgres:
            connect(postgres.url)
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's first process, from which all its others descend, while it runs."""
        if self._process is None:
            raise RuntimeError("PostgreSQL isn't running.")
        return self._process.pid

    @property
    def url(self) -> str:
        """The superuser's URL of the database `postgres`."""
        return f"postgres://{ACCOUNT}@{HOST}:{self.port}/postgres"

    def url_of(self, database: str) -> str:
        """The superuser's URL of another database."""
        return f"postgres://{ACCOUNT}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create a database and return its URL."""
        self._run("createdb", f"--host={HOST}", f"--port={self.port}", "-U", ACCOUNT, name)
        return self.url_of(name)

    def start(self) -> None:
        """Start it, with the data it had, and wait until it answers."""
        folder = self.folder or self._initialize()
        options = OPTIONS | {"listen_addresses": HOST, "unix_socket_directories": str(folder)}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("ab") as log:
            self._process = children.spawn(
                [_required("postgres"), "-D", f"{folder}/data", "-p", str(self.port), *settings],
                environment=_environment(),
                folder=folder,
                output=log,
                death_signal=signal.SIGINT,
                user=account(),
            )
        children.wait_until(
            lambda: self._answers(folder), patience=START_PATIENCE, what="PostgreSQL's start"
        )

    def stop(self) -> None:
        """Stop it and remove its data."""
        self._end(signal.SIGINT)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def kill(self) -> None:
        """End it as `kill -9` does. `start()` brings it back with what was committed."""
        if self._process:
            children.signal_group(self._process, signal.SIGKILL)
            # Backends have groups of their own; they end at once when the postmaster is gone.
            self._process.wait()
            self._process = None
        if self.folder:
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def restart(self) -> None:
        """Stop it, cutting all connections, and start it again with its data."""
        self._end(signal.SIGINT)
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _initialize(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.folder = folder
        if owner := account():
            shutil.chown(folder, owner, owner)
        self._run(
            "initdb", "-D", f"{folder}/data", "-U", ACCOUNT, "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        return folder

    def _end(self, number: int) -> None:
        if self._process:
            children.stop(self._process, number=number, patience=15)
            self._process = None

    def _answers(self, folder: Path) -> bool:
        if self._process is None or self._process.poll() is not None:
            log = (folder / "log").read_text(errors="replace")
            raise RuntimeError(f"PostgreSQL didn't start:\n{log[-2000:]}")
        command = [_required("pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, name: str, *arguments: str) -> None:
        user = account()
        run = subprocess.run(
            [_required(name), *arguments],
            env=_environment(),
            cwd=self.folder,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"{name} failed: {run.stderr.strip() or run.stdout.strip()}")


def account() -> str | None:
    """Return the account that servers run as which refuse to run as root, or None for our own."""
    return ACCOUNT if os.geteuid() == 0 else None


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _required(name: str) -> str:
    found = program(name)
    if found is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed.")
    return found
