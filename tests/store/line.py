"""A line to a server on loopback that drops when a test says so."""

import socket
import threading
import time
from contextlib import suppress

PIECE = 1 << 16


class Line:
    """Connections pass; `url` is the near end.

    failing: so many connections are still to be dropped at once. answers: bytes of answers after
    which one drops. writes: so many requests that write still pass, later ones are dropped in the
    middle. hangs: nothing is ever answered. crawls: bytes of answers after which one comes on at
    ten bytes a second. turned: bytes that answers hold, and others that they arrive as. dropped,
    waiting: how often a line dropped, or made wait.
    """

    def __init__(self, url: str) -> None:
        host, _, port = url.rpartition("/")[2].partition(":")
        self._server = host, int(port)
        self._own = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.host = "{}:{}".format(*self._own.getsockname())
        self.url = f"http://{self.host}"
        self.failing, self.hangs = 0, False
        self.answers, self.writes = float("inf"), float("inf")
        self.crawls, self.turned = float("inf"), (b"", b"")
        self.dropped, self.waiting = 0, 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Nobody answers any more."""
        with suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)
        self._own.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._own.accept()
                if self.failing:
                    self.failing -= 1
                    self._drop(near)
                    continue
                far = socket.create_connection(self._server)
                for move in (self._up, self._down):
                    threading.Thread(target=move, args=(near, far), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(PIECE):
                if self.hangs:
                    self.waiting += 1
                elif self._passes(data):
                    far.sendall(data)
                else:
                    far.sendall(data[: len(data) // 2])
                    self._drop(near, far)
        _shut(near, far)

    def _passes(self, data: bytes) -> bool:
        with self._lock:
            if data.startswith((b"PUT", b"POST")):
                self.writes -= 1
            return self.writes >= 0

    def _down(self, near: socket.socket, far: socket.socket) -> None:
        left, quick = self.answers, self.crawls
        with suppress(OSError):
            while data := far.recv(PIECE):
                left, quick = left - len(data), quick - len(data)
                if quick < 0:
                    self._crawl(near, data)
                if self.turned[0]:
                    data = data.replace(*self.turned)
                if left < 0:
                    near.sendall(data[: int(left)])
                    self._drop(near, far)
                else:
                    near.sendall(data)
        _shut(near, far)

    def _crawl(self, near: socket.socket, data: bytes) -> None:
        self.waiting += 1
        for byte in data:
            near.sendall(bytes([byte]))
            time.sleep(0.1)

    def _drop(self, *ends: socket.socket) -> None:
        self.dropped += 1
        _shut(*ends)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
