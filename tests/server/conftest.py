"""Real servers, one of each version for a test process, and databases of a test's own in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.npm import POSTGRESQL_17, POSTGRESQL_17_HOME
from tests.server.clock import clocked
from xtrig_pgfamily.embedded.programs import ADDED
from xtrig_pgfamily.embedded.server import EmbeddedServer

if TYPE_CHECKING:
    from tests.server.deployed import Here

__all__ = ["clocked"]

ADDED[17] = POSTGRESQL_17_HOME
NUMBERS = count(1)


def on_17_and_18(fixture: str) -> pytest.MarkDecorator:
    """Run a test on both versions that have login triggers, by a fixture that takes the version as its parameter."""
    return pytest.mark.parametrize(fixture, [17, 18], ids=["on_17", "on_18"], indirect=True)


@dataclass(frozen=True)
class Database:
    """A database that only one test uses."""

    server: EmbeddedServer
    name: str

    def connect(self, user: str = "postgres", **kw: Any) -> psycopg.Connection[Any]:
        """Connect to it; the arguments are those of `EmbeddedServer.connect`."""
        return self.server.connect(user, self.name, **kw)

    @property
    def conninfo(self) -> str:
        """The superuser's connection string, over the socket."""
        return self.server.conninfo(database=self.name)

    @property
    def url(self) -> str:
        """The superuser's SQLAlchemy URL, over the socket."""
        return self.server.url(database=self.name)


@contextmanager
def fresh_database(server: EmbeddedServer) -> Iterator[Database]:
    """Make an empty database, and drop it with all its sessions; a server that a test crashed is started."""
    name = f"test_{next(NUMBERS)}"
    with server.start().connect() as admin:
        # Where the data lies in memory, copying files takes a quarter of the time that logging their pages does.
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    try:
        yield Database(server, name)
    finally:
        with server.start().connect() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def server18() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(18) as server:
        yield server


@pytest.fixture(scope="session")
def server17() -> Iterator[EmbeddedServer]:
    if reason := POSTGRESQL_17.missing:
        pytest.skip(reason)
    with EmbeddedServer(17) as server:
        yield server


@pytest.fixture(scope="session", params=[17, 18], ids=["on_17", "on_18"])
def login_server(request: pytest.FixtureRequest) -> EmbeddedServer:
    """A server of each version that has login triggers; the tests that ask for it run on both."""
    server: EmbeddedServer = request.getfixturevalue(f"server{request.param}")
    return server


@pytest.fixture(scope="session")
def server16() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(16) as server:
        yield server


@pytest.fixture
def database18(server18: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(server18) as database:
        yield database


@pytest.fixture
def login_database(login_server: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(login_server) as database:
        yield database


@pytest.fixture
def database16(server16: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(server16) as database:
        yield database


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """A database with the deploying commands, on PostgreSQL 18 or the version that `on_17_and_18` gives."""
    from tests.server.deployed import here_of  # it needs this module

    server = request.getfixturevalue(f"server{getattr(request, 'param', 18)}")
    with fresh_database(server) as database, here_of(database, tmp_path, capsys) as here:
        yield here


@pytest.fixture
def here16(database16: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """The same on PostgreSQL 16."""
    from tests.server.deployed import here_of  # it needs this module

    with here_of(database16, tmp_path, capsys, options="") as here:
        yield here
