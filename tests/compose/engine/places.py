"""Where the engine, its images and their parts are kept between runs."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.compose.engine.ability import NotHere
from tools import children

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quotes-in-step"
ENGINE = CACHE / "engine"  # the root of its machine
DATA = CACHE / "docker"
WORK = CACHE / "work"  # seen from inside, too
PATIENCE = 600.0  # seconds for another run on this machine to end


@contextmanager
def alone() -> Iterator[None]:
    """Use the folders meanwhile, and no other run with us. Raise NotHere if one goes on."""
    for folder in (CACHE, DATA, WORK):
        folder.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:

        def taken() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        try:
            children.wait_until(taken, patience=PATIENCE, what="another run's end", pause=1)
        except TimeoutError as error:
            raise NotHere(str(error)) from error
        yield
