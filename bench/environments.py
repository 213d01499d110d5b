"""What the peers need, installed when it is first asked for, as pinned beside them."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tools import npm
from tools.environment import VAR

PEERS = Path(__file__).parent / "peers"


@cache
def python_of(peer: str) -> Path:
    """Answer the interpreter of a peer's own environment, with its `requirements.txt` in it.

    Each has its own, since they don't agree on versions.
    """
    folder, environment = PEERS / peer, VAR / "bench" / peer
    requirements, stamp = folder / "requirements.txt", environment / "installed"
    python = environment / "bin" / "python"
    if not stamp.exists() or stamp.read_bytes() != requirements.read_bytes():
        print(f"installing {peer} …", file=sys.stderr)
        _run(sys.executable, "-m", "venv", "--clear", str(environment))
        _run(str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(requirements))
        shutil.copy(requirements, stamp)
    return python


@cache
def node_packages(peer: str) -> Path:
    """Answer the folder of a peer on Node, with what its lock file says in it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("Node and npm are needed: as root, apt-get install nodejs npm")
    npm.install(PEERS / peer)
    return PEERS / peer


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
