"""HTTP load by wrk: a fixed number of connections for a fixed time."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence

from bench.kit.rounds import Figures

CONNECTIONS = 16
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def wrk(
    url: str, *, seconds: int, script: str | None = None, connections: int = CONNECTIONS
) -> dict[str, float]:
    """Return requests per second, the 50th and 99th percentile in ms, and how many requests."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; see bench/set_up.sh")
    command: Sequence[str] = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency",
        *(["-s", script] if script else []), url,
    ]  # fmt: skip
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(f"not every request had its response:\n{printed}")
    requests, duration = _found(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", printed)
    return {
        "requests/s": requests / duration,
        "p50 ms": _found(r"50%\s+([\d.]+)(us|ms|s|m)", printed)[0] * 1000,
        "p99 ms": _found(r"99%\s+([\d.]+)(us|ms|s|m)", printed)[0] * 1000,
        "requests": requests,
    }


def measured(
    url: str,
    cpu: Mapping[str, Callable[[], float]],
    *,
    seconds: int,
    script: str | None = None,
) -> Figures:
    """Load an address. Return its figures, and the CPU per request, in ms, of each of `cpu`.

    The first second isn't counted: what has been idle is cold, to the caches and to the kernel.
    """
    wrk(url, seconds=1, script=script)
    before = {name: spent() for name, spent in cpu.items()}
    figures = wrk(url, seconds=seconds, script=script)
    spent = {name: (now() - before[name]) * 1000 for name, now in cpu.items()}
    return {**figures, **{name: ms / figures["requests"] for name, ms in spent.items()}}


def _found(pattern: str, printed: str) -> list[float]:
    """Return the numbers of a match; one with a unit is in seconds."""
    match = re.search(pattern, printed)
    if match is None:
        raise RuntimeError(f"wrk printed something else:\n{printed}")
    numbers = list(match.groups())
    unit = _SECONDS[numbers.pop()]
    return [*map(float, numbers[:-1]), float(numbers[-1]) * unit]
