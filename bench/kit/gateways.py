"""The gateways that are compared: ours as it ships, and its peers as their documentation has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.kit.environments import PEERS, node_packages, python_of
from bench.kit.fixed_upstream import Upstream
from bench.kit.processes import Program, shipped
from tools.environment import ROOT
from tools.ports import free_port

SCHEMA = ROOT / "schema.graphql"
# Of the peers in Python, for each process: what they are fastest with while services respond
# at once. (That a slow one soon has them all is not what is measured.)
THREADS = "3"


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    program: Program
    port: int

    @property
    def url(self) -> str:
        """Where its GraphQL is."""
        return f"http://127.0.0.1:{self.port}/graphql"


def ours(upstream: Upstream, folder: Path, **settings: str) -> Gateway:
    """Start this product's gateway, as it ships but for these settings."""
    port = free_port()
    values = {
        "GATEWAY_PORT": str(port),
        "QUOTES_URL": upstream.url,
        "LIKES_URL": upstream.url,
        "JWKS_FILE": str(folder / "jwks.json"),
        **settings,
    }
    return _started(f"ours-{port}", shipped("gateway"), values, port, folder)


def node(file: str, workers: int, peer: str = "node") -> Callable[[Upstream, Path], Gateway]:
    """Return what starts a gateway on Node with so many processes."""

    def start(upstream: Upstream, folder: Path) -> Gateway:
        port = free_port()
        values = {
            "PORT": str(port),
            "WORKERS": str(workers),
            "QUOTES_URL": upstream.url,
            "LIKES_URL": upstream.url,
            "SCHEMA": str(SCHEMA),
            "NODE_ENV": "production",
        }
        return _started(
            f"{peer}-{file}-{workers}",
            ["node", f"{node_packages(peer)}/{file}.js"],
            values,
            port,
            folder,
        )

    return start


def python(peer: str) -> Callable[[Upstream, Path], Gateway]:
    """Return what starts a gateway in Python, by the server that ours has, with as many workers."""

    def start(upstream: Upstream, folder: Path) -> Gateway:
        port = free_port()
        values = {
            "QUOTES_URL": upstream.url,
            "LIKES_URL": upstream.url,
            "SCHEMA": str(SCHEMA),
            "PYTHONPATH": f"{PEERS}:{PEERS / peer}",
        }
        command = [
            str(python_of(peer).with_name("granian")), "--interface", "wsgi", "--workers", "2",
            "--blocking-threads", THREADS, "--log-level", "error",
            "--port", str(port), "app:application",
        ]  # fmt: skip
        return _started(peer, command, values, port, folder)

    return start


def _started(
    name: str, command: list[str], environment: Mapping[str, str], port: int, folder: Path
) -> Gateway:
    program = Program(name, command, environment, folder / f"{name}.log")
    program.wait_for_port(port)
    return Gateway(program, port)
