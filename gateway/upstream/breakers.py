"""Circuit breakers: a service that is silent is left alone for a while.

Without them every request that needs the service holds a thread for a whole time-out, until no
thread is left for those that don't. Only time-outs count: a refused connection costs nothing, and
a service that refuses one may be back at the next moment.
"""

import threading
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from circuitbreaker import CircuitBreaker
from django.conf import settings

from gateway.errors import UpstreamTimeout, UpstreamUnavailable

T = TypeVar("T")


class Breaker:
    """The breaker of one service, in one process."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._trial = threading.Lock()
        self._circuit = CircuitBreaker(
            failure_threshold=settings.BREAKER_FAILURES,
            recovery_timeout=settings.BREAKER_PAUSE.total_seconds(),
            expected_exception=UpstreamTimeout,
            name=service,
        )

    def call(self, work: Callable[[], T]) -> T:
        """Do the work, or raise UpstreamUnavailable at once while the service is left alone.

        After the pause one caller tries it; the others are refused at once until it is known.
        """
        if self._circuit.closed:
            return self._circuit.call(work)
        if not self._trial.acquire(blocking=False):
            raise UpstreamUnavailable(self._service)
        try:
            # Looked at with the lock held: another's trial may just have failed, and a pause may
            # end between two looks.
            if self._circuit.opened:
                raise UpstreamUnavailable(self._service)
            return self._circuit.call(work)
        finally:
            self._trial.release()

    @property
    def leaves_alone(self) -> bool:
        """Whether the service is left alone now."""
        return bool(self._circuit.opened)


@cache
def breaker(service: str) -> Breaker:
    """Return the breaker of a service."""
    return Breaker(service)
