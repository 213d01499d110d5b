"""A worker ends with the server that manages it, whatever ends that."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

from tools.children import signal_group, wait_until
from tools.environment import ROOT
from tools.ports import free_port

PATIENCE = 30.0
APPLICATION = """
import os
from web.parent import end_with_server

end_with_server()


def application(environment, start_response):
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_the_workers_of_a_server_that_is_killed_end_with_it(tmp_path: Path) -> None:
    (tmp_path / "served.py").write_text(APPLICATION)
    port = str(free_port())
    arguments = ["--interface", "wsgi", "--port", port, "--workers", "1", "served:application"]
    server = subprocess.Popen(
        [Path(sys.executable).with_name("granian"), *arguments],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        start_new_session=True,
    )
    said: list[int] = []

    def answers() -> bool:
        try:
            said[:] = [int(requests.get(f"http://127.0.0.1:{port}", timeout=5).text)]
        except requests.ConnectionError:
            return False
        return True

    try:
        wait_until(answers, patience=PATIENCE, what="an answer")
        [worker] = said
        os.kill(server.pid, signal.SIGKILL)
        server.wait(PATIENCE)
        wait_until(lambda: not runs(worker), patience=PATIENCE, what="the worker's end")
    finally:
        signal_group(server, signal.SIGKILL)
