"""nginx on this machine, as docker-compose.yml configures it."""

import getpass
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.compose.compose_file import ROOT
from tools import children
from tools.ports import free_port
from tools.supervisor import Program, Supervisor

PATIENCE = 90.0  # seconds
PLACES = ROOT / "docker" / "places.conf"


@contextmanager
def proxied(
    gateway_port: object, folder: Path, live_port: object = 1, places: Path = PLACES
) -> Iterator[str]:
    """Have nginx run meanwhile, with the files' configuration; return its address."""
    port = free_port()
    # A name of Docker's is followed, which an older nginx can't; twice, as of two containers.
    gateway, live = (f"server 127.0.0.1:{each} max_fails=0;" for each in (gateway_port, live_port))
    text = places.read_text()
    text, gateways = re.subn(r"server gateway:8000( resolve)? max_fails=0;", gateway * 2, text)
    text, lives = re.subn(r"server live:8003( resolve)? max_fails=0;", live, text)
    assert (gateways, lives) == (1, 1)
    (folder / "places.conf").write_text(text)
    text = (ROOT / "docker" / "nginx.conf").read_text()
    for name, place in {
        "listen 8000": f"listen 127.0.0.1:{port}",
        "/tmp/": f"{folder}/",  # noqa: S108 - a file system of the container's own
        "/etc/nginx/places.conf": f"{folder}/places.conf",
    }.items():
        assert name in text
        text = text.replace(name, place)
    (folder / "nginx.conf").write_text(text)
    user = getpass.getuser()  # nginx would work as another, who may not enter this folder
    command = ["nginx", "-c", f"{folder}/nginx.conf", "-g", f"daemon off; user {user};"]
    printed: list[str] = []
    path = f"{os.environ['PATH']}:/usr/sbin"
    program = Program("proxy", command, {"PATH": path}, ROOT)
    supervisor = Supervisor([program], lambda name, line: printed.append(line))
    supervisor.start()
    url = f"http://127.0.0.1:{port}"
    try:
        children.wait_until(
            lambda: _answers(f"{url}/healthz"),
            patience=PATIENCE,
            what=f"nginx answers; it printed {printed}",
        )
        yield url
    finally:
        supervisor.stop()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=10).status_code > 0
    except requests.ConnectionError:
        return False
