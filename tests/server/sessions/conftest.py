"""A server that writes a jsonlog, and databases in it whose sessions are recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.npm import POSTGRESQL_17
from tests.server.sessions.recorded import LOG, Record, make_people, recorded
from xtrig_pgfamily.embedded.server import EmbeddedServer

SETTINGS = {**LOG, "max_connections": "60"}


@pytest.fixture(scope="session")
def log_server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18, settings=SETTINGS) as server:
        make_people(server)
        yield server


@pytest.fixture(scope="session")
def log_server17() -> Iterator[EmbeddedServer]:
    if reason := POSTGRESQL_17.missing:
        pytest.skip(reason)
    with EmbeddedServer(17, settings=SETTINGS) as server:
        make_people(server)
        yield server


def server_of(request: pytest.FixtureRequest) -> EmbeddedServer:
    """Return the server of PostgreSQL 18, or of the version that `on_17_and_18` gives."""
    server: EmbeddedServer = request.getfixturevalue(
        "log_server17" if getattr(request, "param", 18) == 17 else "log_server"
    )
    return server


@pytest.fixture
def inferred(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Ends are inferred, and nobody looks unless a test does."""
    with recorded(server_of(request), look_every="60min") as record:
        yield record


@pytest.fixture
def logged(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Ends are read from the server log."""
    with recorded(server_of(request), logoff="server log", look_every="60min") as record:
        yield record
