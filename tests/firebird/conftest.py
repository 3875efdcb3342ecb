"""Servers and databases of Firebird; see :mod:`tests.firebird.servers`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firebird.servers import Database, Server, embedded, start_server

START = {"3.0": start_server, "5.0": embedded}


@pytest.fixture(scope="session", params=START)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Start it once for all tests. Its folder is short, and everybody may enter it: the server is nobody's."""
    folder = Path(tempfile.mkdtemp(prefix="xtrig_firebird_"))
    folder.chmod(0o755)
    started = START[request.param](folder)
    try:
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """Return an empty database; BOB and ALICE may log in."""
    made = server.create()
    try:
        yield made
    finally:
        made.close()
        made.path.unlink()
