"""PostgreSQL's protocol as a hostile client speaks it: libpq cancels no login, and reads all that comes."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress

from xtrig_pgfamily.embedded.server import EmbeddedServer

FLOOD = {
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "client_min_messages": "debug5",
}
"""Settings of a client's own with which a login function sends so much that the server has to flush in its midst."""
_CANCEL = 80877102
_PROTOCOL = 196608


class Login:
    """A connection that has sent its startup packet, over the socket, where every user is trusted."""

    def __init__(
        self, server: EmbeddedServer, user: str, database: str, options: Mapping[str, str], *, buffer: int = 0
    ) -> None:
        self._path = f"{server.socket_dir}/.s.PGSQL.{server.port}"
        self._socket = socket.socket(socket.AF_UNIX)
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.connect(self._path)
        self._socket.settimeout(10)
        self._read = b""
        self._key: bytes | None = None
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        pairs = {"user": user, "database": database, "options": words}
        packed = b"".join(f"{key}\0{value}\0".encode() for key, value in pairs.items()) + b"\0"
        self._socket.sendall(struct.pack("!ii", len(packed) + 8, _PROTOCOL) + packed)

    def wait_for_key(self) -> bool:
        """Read until the server has sent the key for cancelling; False if the login came to its end before."""
        while self._key is None:
            kind, body = self._message()
            if kind == b"K":
                self._key = body
            elif kind in (b"Z", b"E", b""):
                return False
        return True

    def cancel(self) -> None:
        """Send a request to cancel, by another connection, as anybody may who has the key."""
        assert self._key is not None
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(self._path)
            other.sendall(struct.pack("!ii", 8 + len(self._key), _CANCEL) + self._key)
            with suppress(OSError):
                other.recv(1)

    def is_in(self) -> bool:
        """Read on; whether the login succeeds."""
        while True:
            kind, _ = self._message()
            if kind in (b"Z", b"E", b""):
                return kind == b"Z"

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def is_readable(self) -> bool:
        """Whether the server has sent something that nobody has read."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def _message(self) -> tuple[bytes, bytes]:
        head = self._take(5)
        if len(head) < 5:
            return b"", b""
        return head[:1], self._take(struct.unpack("!i", head[1:])[0] - 4)

    def _take(self, size: int) -> bytes:
        while len(self._read) < size:
            try:
                data = self._socket.recv(65536)
            except OSError:
                data = b""
            if not data:
                return b""
            self._read += data
        data, self._read = self._read[:size], self._read[size:]
        return data


def cancelled_login(server: EmbeddedServer, user: str, database: str, options: Mapping[str, str], delay: float) -> bool:
    """Log in and cancel ``delay`` seconds after the key has come; whether the login succeeds."""
    login = Login(server, user, database, options)
    try:
        if not login.wait_for_key():
            return False
        time.sleep(delay)
        login.cancel()
        return login.is_in()
    finally:
        login.close()
