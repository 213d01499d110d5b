"""A RabbitMQ node of our own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Self

from tools import children
from tools.ports import HOST, free_port

NODE = "quotes@localhost"  # its own epmd keeps it apart from others of this name
START_PATIENCE = 90.0  # seconds; some 6 on the machine this was written on
# The package's own command insists on the account `rabbitmq` and its folders; the script that
# it calls does not. Other systems have that script itself on the path.
_COOKIE = ".erlang.cookie"  # nodes that have the same one trust each other
_DEBIAN_SCRIPTS = Path("/usr/lib/rabbitmq/bin")


def program(name: str) -> str | None:
    """Find a program of RabbitMQ that runs as any user."""
    if (script := _DEBIAN_SCRIPTS / name).exists():
        return str(script)
    return shutil.which(name)


def installed() -> bool:
    """Return whether a node can be started here."""
    return all((program("rabbitmq-server"), program("rabbitmqctl"), shutil.which("epmd")))


class PrivateRabbitMQ:
    """A node on free ports of 127.0.0.1, with the user `guest`, and all it writes in one folder.

    Given a folder, it keeps its data there; else in a temporary one that goes with `stop()`.
    `beside` another node it can join that one's cluster, under a name of its own.

    It runs as whoever runs us, with an epmd (Erlang's list of nodes) of its own, so nothing
    else of RabbitMQ or Erlang on the machine is touched.

        with PrivateRabbitMQ() as rabbitmq:
            rabbitmq.ctl("list_queues")
    """

    def __init__(
        self, folder: Path | None = None, *, name: str = NODE, beside: Self | None = None
    ) -> None:
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="rabbitmq-"))
        self.name = name
        self.port, self.epmd_port, self._dist_port = free_port(), free_port(), free_port()
        if beside is not None:
            self.epmd_port = beside.epmd_port
            shutil.copy2(beside.folder / _COOKIE, self.folder / _COOKIE)
        self._node: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return a node that another process has started in this folder, for `ctl` and `url`."""
        other = cls(folder)
        ports = json.loads((folder / "ports.json").read_text())
        other.port, other.epmd_port, other._dist_port = ports
        return other

    @property
    def pid(self) -> int:
        """The node's process, while it runs."""
        if self._node is None:
            raise RuntimeError("RabbitMQ isn't running.")
        return self._node.pid

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"amqp://guest:guest@{HOST}:{self.port}/"

    def start(self) -> None:
        """Start it, with the data it had, and wait until it takes connections."""
        self.prepare()
        with (self.folder / "output.log").open("ab") as log:
            self._epmd = self._epmd or self._spawn(self.epmd_command(), log, signal.SIGKILL)
            children.wait_until(self.epmd_answers, patience=10, what="epmd's start")
            self._node = self._spawn(self.command(), log, signal.SIGTERM)
        children.wait_until(self._is_up, patience=START_PATIENCE, what="RabbitMQ's start")

    def stop(self) -> None:
        """Stop it and its epmd in good order; a temporary folder is removed."""
        self._end(signal.SIGTERM)
        if self._epmd:
            children.stop(self._epmd, number=signal.SIGTERM, patience=5)
            self._epmd = None
        self.end_stray_epmd()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """End it as `kill -9` does. `start()` brings it back with its durable messages."""
        if self._node:
            children.signal_group(self._node, signal.SIGKILL)
            self._node.wait()
            self._node = None

    def join(self, other: str) -> None:
        """Join the cluster of another node."""
        self.ctl("stop_app")
        self.ctl("join_cluster", other)
        self.ctl("start_app")

    def restart(self) -> None:
        """Stop it, cutting all connections, and start it again on the same port."""
        self._end(signal.SIGTERM)
        self.start()

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on it and return what it prints. Raises RuntimeError if it fails."""
        run = subprocess.run(
            [_required("rabbitmqctl"), "--quiet", *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"rabbitmqctl {arguments[0]}: {run.stderr.strip() or run.stdout}")
        return run.stdout

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def prepare(self) -> None:
        """Write its configuration. `command()` can then be run under `environment()`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq-env.conf").write_text("")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = {HOST}:{self.port}\n"
            "disk_free_limit.absolute = 50MB\n"  # no alarm on a small disk: this is a trial
        )
        ports = json.dumps([self.port, self.epmd_port, self._dist_port])
        (self.folder / "ports.json").write_text(ports)

    def command(self) -> list[str]:
        """What runs the node in the foreground."""
        return [_required("rabbitmq-server")]

    def epmd_command(self) -> list[str]:
        """What runs its epmd in the foreground; it must be up first, or the node starts one."""
        return [_required("epmd"), "-port", str(self.epmd_port), "-address", HOST]

    def environment(self) -> dict[str, str]:
        """What the node and `rabbitmqctl` go by."""
        local = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder),  # of the cookie that lets rabbitmqctl in
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_CRASH_DUMP_BYTES": "0",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": HOST,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "node.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": local,
            "RABBITMQ_CTL_ERL_ARGS": local,
            # The script then becomes the node, rather than waiting for it as its parent.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def alive(self) -> bool:
        """Return whether the node that we started still runs."""
        return self._node is not None and self._node.poll() is None

    def answers(self) -> bool:
        """Return whether it takes connections."""
        return _listens(self.port)

    def epmd_answers(self) -> bool:
        """Return whether its epmd takes connections."""
        return _listens(self.epmd_port)

    def end_stray_epmd(self) -> None:
        """End an epmd that the node may have started because its own had been killed."""
        if self.epmd_answers():
            command = [_required("epmd"), "-port", str(self.epmd_port), "-kill"]
            subprocess.run(command, env=self.environment(), capture_output=True, check=False)

    def _spawn(self, command: list[str], log: IO[bytes], death: int) -> subprocess.Popen[bytes]:
        return children.spawn(
            command,
            environment=self.environment(),
            folder=self.folder,
            output=log,
            death_signal=death,
        )

    def _is_up(self) -> bool:
        if self._node is None or self._node.poll() is not None:
            log = (self.folder / "output.log").read_text(errors="replace")
            raise RuntimeError(f"RabbitMQ didn't start:\n{log[-2000:]}")
        return self.answers()

    def _end(self, number: int) -> None:
        if self._node:
            children.stop(self._node, number=number, patience=30)
            self._node = None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _required(name: str) -> str:
    found = program(name) if name.startswith("rabbitmq") else shutil.which(name)
    if found is None:
        raise RuntimeError(f"RabbitMQ's {name} is not installed.")
    return found
