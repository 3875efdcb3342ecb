"""One MariaDB for a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.mariadb.server import MariaDB, MariaDBServer, fresh


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    with MariaDBServer() as server:
        yield server


@pytest.fixture
def mariadb(mariadb_server: MariaDBServer) -> Iterator[MariaDB]:
    with fresh(mariadb_server) as here:
        yield here
