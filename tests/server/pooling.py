"""A real pgbouncer in front of a database of a test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server.conftest import Database

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CONFIGURATION = """
[databases]
{name} = host={host} port={server_port} dbname={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
auth_file =
pool_mode = {mode}
default_pool_size = {size}
query_wait_timeout = 3
ignore_startup_parameters = extra_float_digits{ignored}
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def pgbouncer(database: Database, mode: str, size: int, folder: Path, ignored: str = "") -> Iterator[str]:
    """Start it with a pool mode and a pool size; yield the superuser's URL through it."""
    if PGBOUNCER is None:
        pytest.skip("needs Debian's pgbouncer: apt-get install pgbouncer")
    server = database.server
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = _CONFIGURATION.format(
        name=database.name,
        host=server.socket_dir,
        server_port=server.port,
        port=port,
        mode=mode,
        size=size,
        folder=folder,
        ignored=ignored,
    )
    # auth_type any wants a user for the connections to the server.
    text = text.replace(f"dbname={database.name}", f"dbname={database.name} user=postgres")
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(text, "utf-8")
    command = [PGBOUNCER, str(configuration)]
    if os.getuid() == 0:  # it refuses to run as root
        owner = server.socket_dir.owner()
        for each in (folder, *folder.parents):
            if each.stat().st_uid == 0 and each != Path("/tmp"):
                each.chmod(each.stat().st_mode | 0o011)
            if each == Path("/tmp"):
                break
        shutil.chown(folder, owner)
        command = ["runuser", "-u", owner, "--", *command]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            if process.poll() is not None:
                pytest.fail(f"pgbouncer did not start: {process.stderr.read().decode()}")  # type: ignore[union-attr]
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"postgresql://postgres@127.0.0.1:{port}/{database.name}"
    finally:
        process.terminate()
        process.communicate(timeout=10)
