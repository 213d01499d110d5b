"""Quotes as it ships, and Django REST framework over the same tables by the same server."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.kit.environments import PEERS, python_of
from bench.kit.processes import Program, cpu_of, shipped
from bench.kit.rounds import Figures
from bench.kit.wrk import measured
from rest.cursors import encode_cursor
from tools.ports import free_port
from tools.servers import PrivatePostgres


@dataclass(frozen=True)
class Service:
    """A running service that lists quotes; `page` is the path of the page after a cursor."""

    program: Program
    url: str
    page: Callable[[str, Sequence[int]], str]


def loaded(
    program: Program,
    postgres: PrivatePostgres,
    url: str,
    *,
    seconds: int,
    script: str | None = None,
) -> Figures:
    """Load a service. Return what it and PostgreSQL cost."""

    def database() -> float:
        return cpu_of(postgres.pid)

    cpu = {"CPU ms": lambda: program.cpu() + database(), "of it PostgreSQL": database}
    return measured(url, cpu, seconds=seconds, script=script)


def quotes(database: str, folder: Path) -> Service:
    """Start this product's Quotes."""
    port = free_port()
    values = {"QUOTES_PORT": str(port), **environment(database, folder)}
    return _started("quotes", shipped("quotes"), values, port, folder, _our_page)


def environment(database: str, folder: Path) -> dict[str, str]:
    """Return what Quotes goes by."""
    return {"QUOTES_DATABASE_URL": database, "JWKS_FILE": str(folder / "jwks.json")}


def drf(database: str, folder: Path) -> Service:
    """Start Django REST framework; it has the workers and threads that ours has."""
    port = free_port()
    values = {"DATABASE_URL": database, "PYTHONPATH": str(PEERS / "drf")}
    command = [
        str(python_of("drf").with_name("granian")), "--interface", "wsgi", "--workers", "2",
        "--blocking-threads", "8", "--log-level", "warning",
        "--port", str(port), "app:application",
    ]  # fmt: skip
    return _started("drf", command, values, port, folder, _drf_page)


def _started(
    name: str,
    command: Sequence[str],
    values: Mapping[str, str],
    port: int,
    folder: Path,
    page: Callable[[str, Sequence[int]], str],
) -> Service:
    program = Program(name, command, values, folder / f"{name}.log")
    program.wait_for_port(port)
    return Service(program, f"http://127.0.0.1:{port}", page)


def _our_page(order: str, keys: Sequence[int]) -> str:
    after = f"&after={encode_cursor(order, keys)}" if keys else ""
    return f"/quotes?limit=20&order={order}{after}"


def _drf_page(order: str, keys: Sequence[int]) -> str:
    cursor = b64encode(f"p={keys[0]}".encode()).decode() if keys else ""
    return f"/quotes?cursor={quote(cursor)}" if keys else "/quotes"
