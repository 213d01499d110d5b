"""The whole product as processes: what `make run` and the system tests start."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import children, procfile
from tools.environment import ROOT, with_venv
from tools.ports import HOST, configured_ports
from tools.supervisor import Program, Supervisor
from web.environment import with_addresses

# Each process of the Procfile, and the variable that sets its port.
PORT_OF = {name: procfile.port_variable(name) for name in procfile.commands()}
READY_PATIENCE = 60.0


class CommandFailed(Exception):
    """A management command failed; the message is what it printed."""


def complete(environment: Mapping[str, str], var: Path) -> dict[str, str]:
    """Return the environment of the processes: ports, addresses, and databases under `var`."""
    ports = configured_ports(environment)
    values = with_venv(environment)
    values |= {name: str(port) for name, port in ports.items()}
    defaults = {
        "JWKS_FILE": str(var / "jwks.json"),
        "BROKER_URL": f"sqlite:///{var / 'broker.sqlite3'}",
        "STATIC_ROOT": str(var / "static"),
    }
    for service in procfile.services():
        defaults[procfile.database_variable(service)] = f"sqlite:///{var / service}.sqlite3"
    for name, value in defaults.items():
        values[name] = values.get(name) or value
    values["ENV_FILE"] = ""  # it has been read
    return with_addresses(values)


def manage(service: str, *arguments: str, environment: Mapping[str, str]) -> str:
    """Run a management command of a service and return what it prints.

    Raises CommandFailed with what it printed if it fails.
    """
    run = subprocess.run(
        [sys.executable, f"{service}/manage.py", *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        output = (run.stdout + run.stderr).strip()
        raise CommandFailed(f"{service}: manage.py {' '.join(arguments)} failed:\n{output}")
    return run.stdout


def prepare(environment: Mapping[str, str], seed: bool = True) -> None:
    """Migrate the databases, declare the queues, write the demo data into empty ones, and collect
    what the page loads.
    """

    def set_up(service: str) -> None:
        manage(service, "migrate", "--verbosity=0", environment=environment)
        manage(service, "setup_broker", environment=environment)
        if seed:
            manage(service, "seed_demo", environment=environment)

    with ThreadPoolExecutor() as pool:
        folders = [f"{service}_service" for service in procfile.services()]
        services = pool.map(set_up, folders)
        collect = ["collectstatic", "--no-input", "--verbosity=0"]
        manage("gateway", *collect, environment=environment)
        list(services)  # raises what they raise


class Product:
    """All processes of a checkout's Procfile under a supervisor, with the environment of
    `complete`.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        write: Callable[[str, str], None],
        root: Path = ROOT,
    ) -> None:
        self.environment = dict(environment)
        self.ports = configured_ports(environment)
        commands = procfile.commands(root)
        self.names = list(commands)
        # `exec`, so that the signals meant for a program don't end at its shell.
        programs = [
            Program(name, ["/bin/sh", "-c", f"exec {command}"], self.environment, root)
            for name, command in commands.items()
        ]
        self.supervisor = Supervisor(programs, write)

    def url(self, name: str, path: str = "") -> str:
        """Return the address of a process."""
        return f"http://{HOST}:{self.ports[PORT_OF[name]]}{path}"

    def start(self) -> None:
        """Start all processes."""
        self.supervisor.start()

    def stop(self) -> None:
        """Stop them all and wait for their end."""
        self.supervisor.stop()

    def ready(self, name: str) -> bool:
        """Return whether a process says that it is ready."""
        try:
            with urllib.request.urlopen(self.url(name, "/readyz"), timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, ValueError):
            return False

    def status(self, name: str) -> dict[str, object]:
        """Return what a process reports of itself, whether it is ready or not."""
        try:
            with urllib.request.urlopen(self.url(name, "/readyz"), timeout=5) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except (OSError, ValueError):
            return {}

    def wait_until_ready(self, *names: str, patience: float = READY_PATIENCE) -> None:
        """Wait for all processes, or those named. Raises TimeoutError that names those missing."""
        waiting = list(names or self.names)

        def all_ready() -> bool:
            waiting[:] = [name for name in waiting if not self.ready(name)]
            return not waiting

        try:
            children.wait_until(all_ready, patience=patience, what="ready", pause=0.1)
        except TimeoutError:
            raise TimeoutError(f"not ready in {patience:.0f} s: {', '.join(waiting)}") from None
