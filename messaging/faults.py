"""Named points at which a test can make a process die, stop or fail. Nothing in production.

`FAULT_POINT=name:action[:nth]` in the environment arms one: `kill` ends the process as
`kill -9` would, `sleep=SECONDS` holds it, `raise` raises RuntimeError; at the `nth` time that
the point is reached (1 if left out, `*` for each time).
"""

import os
import signal
import time
from collections.abc import Callable


def _armed(setting: str) -> Callable[[str], None]:
    armed_name, action, *rest = setting.partition("@")[0].split(":")
    nth = rest[0] if rest else "1"
    reached = 0

    def reach(name: str) -> None:
        nonlocal reached
        if name != armed_name:
            return
        reached += 1
        if nth not in ("*", str(reached)):
            return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action.startswith("sleep="):
            time.sleep(float(action.removeprefix("sleep=")))
        else:
            raise RuntimeError(f"fault point {name}")

    return reach


def _nothing(name: str) -> None:
    """Do nothing: no fault point is armed."""


def _armed_for_body(setting: str) -> Callable[[str, bytes], None]:
    reach_name = _armed(setting.partition("@")[0])
    part = setting.partition("@")[2].encode()

    def reach_for(name: str, body: bytes) -> None:
        if part and part in body:
            reach_name(name)

    return reach_for


def _nothing_for(name: str, body: bytes) -> None:
    """Do nothing: no fault point is armed."""


_setting = os.environ.get("FAULT_POINT")
reach: Callable[[str], None] = _armed(_setting) if _setting else _nothing
reach_for: Callable[[str, bytes], None] = _armed_for_body(_setting) if _setting else _nothing_for
