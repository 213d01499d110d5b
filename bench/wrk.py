"""HTTP load by wrk: a fixed number of connections for a fixed time."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence

from bench.rounds import Figures

CONNECTIONS = 16
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def wrk(
    url: str, *, seconds: int, script: str | None = None, connections: int = CONNECTIONS
) -> dict[str, float]:
    """Answer requests per second, the 50th and 99th percentile in ms, and how many requests."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; see bench/set_up.sh")
    command: Sequence[str] = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency",
        *(["-s", script] if script else []), url,
    ]  # fmt: skip
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"not every request was answered:\n{told}")
    requests, duration = _found(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", told)
    return {
        "requests/s": requests / duration,
        "p50 ms": _found(r"50%\s+([\d.]+)(us|ms|s|m)", told)[0] * 1000,
        "p99 ms": _found(r"99%\s+([\d.]+)(us|ms|s|m)", told)[0] * 1000,
        "requests": requests,
    }


def measured(
    url: str,
    cpu: Mapping[str, Callable[[], float]],
    *,
    seconds: int,
    script: str | None = None,
) -> Figures:
    """Load an address, and answer the CPU per request, in ms, of each that `cpu` tells of besides.

    The first second isn't counted: what has been idle is cold, to the caches and to the kernel.
    """
    wrk(url, seconds=1, script=script)
    before = {name: told() for name, told in cpu.items()}
    figures = wrk(url, seconds=seconds, script=script)
    spent = {name: (told() - before[name]) * 1000 for name, told in cpu.items()}
    return {**figures, **{name: ms / figures["requests"] for name, ms in spent.items()}}


def _found(pattern: str, told: str) -> list[float]:
    """Answer the numbers of a match; one with a unit is in seconds."""
    match = re.search(pattern, told)
    if match is None:
        raise RuntimeError(f"wrk told something else:\n{told}")
    numbers = list(match.groups())
    unit = _SECONDS[numbers.pop()]
    return [*map(float, numbers[:-1]), float(numbers[-1]) * unit]
