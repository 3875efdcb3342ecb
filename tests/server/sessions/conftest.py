"""A server that writes a jsonlog, and databases in it whose sessions are recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.sessions.recorded import LOG, Record, make_people, recorded
from xtrig_pgfamily.embedded.server import EmbeddedServer


@pytest.fixture(scope="session")
def log_server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18, settings={**LOG, "max_connections": "60"}) as server:
        make_people(server)
        yield server


@pytest.fixture
def inferred(log_server: EmbeddedServer) -> Iterator[Record]:
    """Ends are inferred, and nobody looks unless a test does."""
    with recorded(log_server, look_every="60min") as record:
        yield record


@pytest.fixture
def logged(log_server: EmbeddedServer) -> Iterator[Record]:
    """Ends are read from the server log."""
    with recorded(log_server, logoff="server log", look_every="60min") as record:
        yield record
