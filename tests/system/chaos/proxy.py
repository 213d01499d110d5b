"""A TCP proxy that can cut, slow and swallow what goes through it."""

import contextlib
import selectors
import socket
import threading
import time

CHUNK = 65_536


class Proxy:
    """Listens on a port of its own and passes on to another, until told otherwise.

    `delay` holds each chunk that many seconds. With `silent` both ends keep their connections
    and nothing comes through: a half-open link.
    """

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.delay = 0.0
        self.silent = False
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close all connections that are open."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Listen no more, and close all."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                if self._listener.fileno() < 0:
                    return
                continue
            with self._lock:
                self._sockets |= {client, server}
            threading.Thread(target=self._pass_on, args=[client, server], daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with selectors.DefaultSelector() as selector, client, server:
            for one in other:
                one.settimeout(10)
                selector.register(one, selectors.EVENT_READ)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in selector.select():
                        source = key.fileobj
                        assert isinstance(source, socket.socket)
                        if not (data := source.recv(CHUNK)):
                            return
                        time.sleep(self.delay)
                        if not self.silent:
                            other[source].sendall(data)
