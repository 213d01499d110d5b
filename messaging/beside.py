"""A thread beside a relay or a consumer, for as long as that works."""

import threading
from types import TracebackType
from typing import Self


class Beside:
    """Runs `_work` in a thread of its own while it is entered as a context.

    At the end `_ended` is set, and the thread waited for, `patience` seconds at most.
    """

    def __init__(self, name: str, patience: float) -> None:
        self._patience = patience
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(self._patience)

    def _work(self) -> None:
        raise NotImplementedError
