"""Load by clients of which each does one thing after another: for what takes several requests."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

# What a client does, given a number that no other call gets. Raises what ends the benchmark.
Operation: TypeAlias = Callable[[int], None]


def loaded(
    clients: Sequence[Operation], numbers: Iterator[int], *, seconds: float
) -> dict[str, float]:
    """Return operations per second, the 50th and 99th percentile in ms, and how many there were."""
    began = time.perf_counter()

    def work(operation: Operation) -> list[float]:
        taken = []
        now = time.perf_counter()
        while now < began + seconds:
            operation(next(numbers))  # of itertools: one call, which no other thread interrupts
            taken.append(time.perf_counter() - now)
            now += taken[-1]
        return taken

    with ThreadPoolExecutor(len(clients)) as threads:
        taken = sorted(each for some in threads.map(work, clients) for each in some)
    duration = time.perf_counter() - began
    return {
        "requests/s": len(taken) / duration,
        "p50 ms": taken[len(taken) // 2] * 1000,
        "p99 ms": taken[len(taken) * 99 // 100] * 1000,
        "requests": len(taken),
    }
