"""A page of the documentation that is followed: its files are written, its commands run."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tools import children

PATIENCE = 60.0  # seconds


class Block(NamedTuple):
    """A block of code, its language, and the paragraph above it."""

    above: str
    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page that name their language, in order."""
    parts = re.split(r"^```", page, flags=re.MULTILINE)  # text, block, text, block, …
    found = []
    for above, block in zip(parts[::2], parts[1::2], strict=False):
        language, _, text = block.partition("\n")
        if language:
            found.append(Block(above.rstrip().rpartition("\n")[2], language, text))
    return found


@dataclass
class Follower:
    """Does what blocks say, in a folder; `shell` blocks may leave processes behind."""

    folder: Path
    environment: Mapping[str, str]
    groups: list[int] = field(default_factory=list)

    def follow(self, block: Block) -> str:
        """Run the commands, wait for what they print, or write the file that is named last above.

        Return which of these: `run`, `seen` or `written`.
        """
        if block.language == "sh":
            self._run(block.text)
            return "run"
        if block.language == "console":
            for command, printed in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block.text, re.M):
                self._see(command, printed)
            return "seen"
        file = self.folder / re.findall(r"`([\w./]+\.\w+)`", block.above)[-1]
        file.parent.mkdir(exist_ok=True)
        with file.open("a") as opened:
            opened.write(f"\n{block.text}" if opened.tell() else block.text)
        return "written"

    def _run(self, commands: str) -> None:
        log = self.folder / "commands.log"
        with log.open("a") as output:
            process = subprocess.Popen(
                ["sh", "-euc", commands], cwd=self.folder, env=dict(self.environment),
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.groups.append(process.pid)
        assert process.wait(PATIENCE) == 0, log.read_text()

    def _see(self, command: str, printed: str) -> None:
        def saw() -> bool:
            result = subprocess.run(
                ["sh", "-euc", command], cwd=self.folder, env=dict(self.environment),
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            return not printed or result.stdout == printed

        log = self.folder / "commands.log"
        children.wait_until(saw, patience=PATIENCE, what=f"{command}: {log.read_text()}")


@contextmanager
def following(folder: Path, environment: Mapping[str, str]) -> Iterator[Follower]:
    """Give a follower, and end the processes that it has left."""
    follower = Follower(folder, environment)
    try:
        yield follower
    finally:
        for group in follower.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue  # all of it has ended
