"""A line on the loopback that behaves as lines do: a real TCP proxy before a real server."""

import contextlib
import random
import socket
import struct
import threading
import time

_PAGE = "<html><body>请先登录校园网</body></html>".encode()
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(_PAGE), _PAGE)

PIECE = 512
RESEND_SECONDS = 0.002

GOOD, BLACK_HOLE, LOSSY, CAPTIVE, DEAF = "good", "black hole", "lossy", "captive", "deaf"
"""``deaf``: the connection is closed as soon as it is made."""


class Proxy:
    """Passes connections on to a port. ``mode`` may change at any time.

    ``lossy``: of each piece of 512 bytes 30 % are lost and sent again later; one that is lost three times running
    breaks the connection, wherever it is.
    """

    def __init__(self, port: int, *, seed: int = 1) -> None:
        self.mode = GOOD
        self.broken = 0
        self._target = port
        self._dice = random.Random(seed)
        self._ended = False
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End the line."""
        self._ended = True
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            self._open.append(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.mode == BLACK_HOLE:  # taken, read, never answered
                while near.recv(65536):
                    pass
            elif self.mode == CAPTIVE:
                near.recv(65536)
                near.sendall(PORTAL)
            elif self.mode in (GOOD, LOSSY):
                self._join(near)
        near.close()

    def _join(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._target))
        self._open.append(far)
        back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
        back.start()
        self._pass_on(near, far)
        back.join(5)
        far.close()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                if self.mode == BLACK_HOLE:
                    continue
                if self.mode == LOSSY and not self._arrives():
                    self.broken += 1
                    _reset(source)
                    _reset(target)
                    return
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _arrives(self) -> bool:
        for _try in range(3):
            if self._dice.random() >= 0.3:
                return True
            time.sleep(RESEND_SECONDS)  # as long as TCP takes to send again
        return False


def _reset(connection: socket.socket) -> None:
    """Break a connection off hard: the other side gets a reset, in the middle of whatever it reads."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
