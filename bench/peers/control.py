"""Rounds on demand: what every peer here does its work by. For Python's standard library alone."""

import json
import os
import socket
from collections.abc import Callable, Mapping


def serve(work: Callable[[int], Mapping[str, float] | None]) -> None:
    """Call `work` with a number of events whenever the benchmark asks, till it hangs up.

    What it returns, if anything, are figures that the benchmark gets.
    """
    address = ("127.0.0.1", int(os.environ["CONTROL"]))
    with socket.create_connection(address) as link, link.makefile("rw") as lines:
        for asked in iter(lines.readline, ""):
            figures = work(int(asked)) or {}
            lines.write(json.dumps(figures) + "\n")
            lines.flush()
