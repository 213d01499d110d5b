"""Runs programs, hands on what they print, and starts again what dies."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools import children

FIRST_PAUSE, LONGEST_PAUSE = 0.3, 10.0  # seconds between a death and the next start
GOOD_WHILE = 20.0  # seconds of life after which a death counts as the first again
STOP_PATIENCE = 12.0
_TICK = 0.1


@dataclass(frozen=True)
class Program:
    """What to run. `stop_signal` asks it to end in good order."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    stop_signal: int = signal.SIGTERM


@dataclass
class _State:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = True
    started: float = 0.0
    pause: float = FIRST_PAUSE
    next_start: float = 0.0
    readers: list[threading.Thread] = field(default_factory=list)


class Supervisor:
    """Keeps programs running until `stop()`. `write(name, line)` gets what they print.

    One thread of its own starts all of them and lives as long as they do: the system ends a
    child with the thread that started it.
    """

    def __init__(self, programs: Sequence[Program], write: Callable[[str, str], None]) -> None:
        self._states = {program.name: _State(program) for program in programs}
        self._environments = {program.name: program.environment for program in programs}
        self._write = write
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="supervisor")

    def start(self) -> None:
        """Start all, in the order given."""
        self._thread.start()

    def stop(self) -> None:
        """End all, in the reverse order, and wait until all have ended."""
        self._stopping.set()
        self._thread.join()

    def pid(self, name: str) -> int | None:
        """Return the process id, or None while it does not run."""
        process = self._states[name].process
        return process.pid if process is not None and process.poll() is None else None

    def send(self, name: str, number: int) -> None:
        """Send a signal to a program and all that it started. A dead one is started again."""
        with self._lock:
            process = self._states[name].process
            if process is not None:
                children.signal_group(process, number)

    def hold(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a program by a signal, and do not start it until `release`."""
        with self._lock:
            self._states[name].wanted = False
        self.send(name, number)
        process = self._states[name].process
        if process is not None:
            process.wait()
        with self._lock:  # else it counts as a death, if it is released before anybody has looked
            self._clear(self._states[name])

    def release(self, name: str) -> None:
        """Start what was held."""
        with self._lock:
            state = self._states[name]
            state.wanted, state.next_start, state.pause = True, 0.0, FIRST_PAUSE

    def rearm(self, name: str, **environment: str) -> None:
        """Start a program anew with more in its environment than it was made with."""
        state = self._states[name]
        self.hold(name)
        with self._lock:
            given = {**self._environments[name], **environment}
            state.program = replace(state.program, environment=given)
        self.release(name)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                for state in self._states.values():
                    self._look_after(state)
            self._stopping.wait(_TICK)
        for state in reversed(self._states.values()):
            if state.process is not None:
                number = state.program.stop_signal
                if state.process.poll() is None:
                    children.signal_group(state.process, signal.SIGCONT)
                    state.process.send_signal(number)
        for state in reversed(self._states.values()):
            if state.process is not None:
                # No second signal: it may meet a handler that is at work for the first.
                children.await_end(state.process, patience=STOP_PATIENCE)
        for state in self._states.values():
            for reader in state.readers:
                reader.join(1)

    def _look_after(self, state: _State) -> None:
        now = time.monotonic()
        if (code := self._clear(state)) is not None:
            if now - state.started > GOOD_WHILE:
                state.pause = FIRST_PAUSE
            state.next_start = now + state.pause
            if state.wanted:
                self._write(state.program.name, f"ended ({_cause(code)}), restarting it")
            state.pause = min(LONGEST_PAUSE, state.pause * 2)
        if state.process is None and state.wanted and now >= state.next_start:
            self._spawn(state)

    def _clear(self, state: _State) -> int | None:
        """Forget a process that has ended, and return its exit code; None if there is none."""
        if state.process is None or (code := state.process.poll()) is None:
            return None
        children.signal_group(state.process, signal.SIGKILL)  # what it left behind
        state.process = None
        return code

    def _spawn(self, state: _State) -> None:
        program = state.program
        state.started = time.monotonic()
        state.process = children.spawn(
            program.command,
            environment=program.environment,
            folder=program.folder,
            output=subprocess.PIPE,
            # Certain, and promised to harm nothing. The system may send it several times, once
            # for each of our threads, and the handlers of some programs don't stand that.
            death_signal=signal.SIGKILL,
        )
        reader = threading.Thread(target=self._read, args=[program.name, state.process])
        reader.daemon = True
        reader.start()
        state.readers = [old for old in state.readers if old.is_alive()] + [reader]

    def _read(self, name: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - we asked for a pipe
        for line in process.stdout:
            self._write(name, line.decode(errors="replace").rstrip())


def _cause(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
