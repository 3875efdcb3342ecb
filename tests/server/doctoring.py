"""Asking the doctor about a server of a test's own."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from xtrig.dialect.doctor import Problem
from xtrig.doctor import examine
from xtrig.findings import Severity
from xtrig_pgfamily.embedded.server import EmbeddedServer

HARMLESS = "SET search_path = pg_catalog, pg_temp SET transaction_timeout = '5s'"


def function(called: str, clauses: str = HARMLESS, body: str = "") -> str:
    """Return a login trigger's function."""
    return f"CREATE FUNCTION public.{called}() RETURNS event_trigger LANGUAGE plpgsql {clauses} AS 'BEGIN {body} END'"


def trigger(called: str, clauses: str = HARMLESS, body: str = "", event: str = "login") -> str:
    """Return a trigger with a function of the same name."""
    made = function(called, clauses, body)
    return f"{made}; CREATE EVENT TRIGGER {called} ON {event} EXECUTE FUNCTION public.{called}()"


def without(called: str) -> str:
    """Return what takes a trigger and its function away."""
    return f"DROP EVENT TRIGGER IF EXISTS {called}; DROP FUNCTION IF EXISTS public.{called}()"


def problems(url: str, name: str) -> list[Problem]:
    """Return the problems of one name."""
    return [problem for problem in examine(url).problems if problem.name == name]


def told(url: str, name: str) -> list[tuple[Severity, str]]:
    """Return the severity and the subject of each problem of one name."""
    return [(problem.severity, problem.subject) for problem in problems(url, name)]


@contextmanager
def reloaded(server: EmbeddedServer, **settings: str) -> Iterator[None]:
    """Change settings of the whole server for a while."""
    with server.connect() as admin:
        for key, value in settings.items():
            admin.execute(f"ALTER SYSTEM SET {key} = '{value}'")
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            for key in settings:
                admin.execute(f"ALTER SYSTEM RESET {key}")
            admin.execute("SELECT pg_reload_conf()")


def run_shell(server: EmbeddedServer, text: str) -> str:
    """Run what the doctor says in a shell, as the user of the server's files; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    owner = server.data_dir.stat().st_uid
    done = subprocess.run(
        ["sh", "-e", "-c", text],
        capture_output=True,
        check=False,
        text=True,
        cwd=server.socket_dir,
        env={**kept, "PATH": f"{server.bin_dir}:/usr/bin:/bin", "HOME": str(server.socket_dir), "LC_ALL": "C"},
        timeout=60,
        **({"user": owner, "extra_groups": []} if os.geteuid() == 0 else {}),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def pooler(server: EmbeddedServer) -> Iterator[int]:
    """Stand between client and server as a pooler does, with a process id of its own making; yield its TCP port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_pool, args=(listener, server), daemon=True).start()
        yield int(listener.getsockname()[1])


def _pool(listener: socket.socket, server: EmbeddedServer) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(f"{server.socket_dir}/.s.PGSQL.{server.port}")
        threading.Thread(target=_forward, args=(client, upstream), daemon=True).start()
        threading.Thread(target=_answer, args=(upstream, client), daemon=True).start()


def _forward(client: socket.socket, upstream: socket.socket) -> None:
    # Either end may be gone at any moment: then the session is over, and nothing is wrong.
    with suppress(OSError), upstream:
        while data := client.recv(65536):
            upstream.sendall(data)


def _answer(upstream: socket.socket, client: socket.socket) -> None:
    """Pass the server's messages on; BackendKeyData, 'K', gets another process id."""
    with suppress(OSError), client, upstream, upstream.makefile("rb") as stream:
        while head := stream.read(5):
            kind, length = struct.unpack("!cI", head)
            body = stream.read(length - 4)
            client.sendall(head + (struct.pack("!I", 7) + body[4:] if kind == b"K" else body))
