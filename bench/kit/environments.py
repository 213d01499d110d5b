"""What the peers need, installed when it is first asked for, as pinned beside them."""

import shutil
from functools import cache
from pathlib import Path

from tools import npm, pip

PEERS = Path(__file__).parents[1] / "peers"


@cache
def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's own environment; they don't agree on versions."""
    return pip.install(PEERS / peer)


@cache
def node_packages(peer: str) -> Path:
    """Return the folder of a peer on Node, with what its lock file says in it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("Node and npm are needed: as root, apt-get install nodejs npm")
    npm.install(PEERS / peer)
    return PEERS / peer
