"""Processes that take turns in one thread, by a virtual clock and a seeded choice.

A process runs until it waits. Then one of those that can go on does; if none can, the clock goes
on to the time at which the first one gives up waiting.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """The process was ended as by `kill -9`: nothing that it does from now on has an effect."""


@dataclass(eq=False)
class Process:
    """A simulated process of a service. A dead one raises Killed wherever it does something."""

    name: str
    service: str
    run: Callable[[], None]
    dead: bool = False
    until: Callable[[], bool] = field(default=lambda: True)
    deadline: float = 0.0
    body: greenlet = field(init=False)

    def __post_init__(self) -> None:
        self.body = greenlet(self._run)

    def _run(self) -> None:
        try:
            self.run()
        except Killed:
            self.dead = True


class Stuck(AssertionError):
    """What was awaited has not come about in the time that it may take."""


class Scheduler:
    """Runs processes; is the clock of all. `enter` is called when a process gets its turn."""

    def __init__(self, choose: random.Random, enter: Callable[[Process], None]) -> None:
        self._choose = choose
        self._enter = enter
        self._now = 1.0
        self._hub = getcurrent()
        self.processes: list[Process] = []
        self.current: Process | None = None
        self._numbers = count()  # of timers, so that those of one time have an order
        self._timers: list[tuple[float, int, Callable[[], None]]] = []

    def now(self) -> float:
        """See Clock."""
        return self._now

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """See Clock. Others have their turns meanwhile."""
        process = self.current
        if process is None:  # the schedule itself
            return until()
        self.check_alive()
        process.until, process.deadline = until, self._now + max(0.0, timeout)
        self._hub.switch()
        self.check_alive()
        return until()

    def check_alive(self) -> None:
        """Raise Killed in a process that is dead."""
        if self.current is not None and self.current.dead:
            raise Killed

    def kill(self) -> None:
        """End the process whose turn it is."""
        assert self.current is not None
        self.current.dead = True
        raise Killed

    def spawn(self, name: str, service: str, run: Callable[[], None]) -> Process:
        """Add a process, which runs when its turn comes."""
        process = Process(name, service, run)
        self.processes.append(process)
        return process

    def after(self, delay: float, do: Callable[[], None]) -> None:
        """Do something later, in no process."""
        heapq.heappush(self._timers, (self._now + delay, next(self._numbers), do))

    def run_until(self, holds: Callable[[], bool], *, most: float) -> None:
        """Give turns until something holds. Raise Stuck if it doesn't in `most` seconds."""
        end = self._now + most
        while not holds():
            self._do_timers()
            ready = [one for one in self.processes if one.deadline <= self._now or one.until()]
            if ready:
                self._turn(self._choose.choice(ready))
                continue
            times = [one.deadline for one in self.processes] + [time for time, *_ in self._timers]
            if not times or min(times) > end:
                raise Stuck(f"not at rest after {most:.0f} s")
            self._now = max(self._now, min(times))

    def _do_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self._now:
            heapq.heappop(self._timers)[2]()

    def _turn(self, process: Process) -> None:
        self.current = process
        self._enter(process)
        try:
            process.body.switch()
        finally:
            self.current = None
        if process.body.dead:
            self.processes.remove(process)

    def end_all(self) -> None:
        """Kill all processes."""
        for process in list(self.processes):
            process.dead = True
            self._turn_to_its_end(process)

    def _turn_to_its_end(self, process: Process) -> None:
        self.current = process
        self._enter(process)
        try:
            if process.body:
                process.body.throw(Killed)
        finally:
            self.current = None
        self.processes.remove(process)
