"""The conformance suite's situations on real servers: executed, executed again, and removed."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.server.conftest import fresh_database
from xtrig.testing.suite import ServerSuite
from xtrig_pgfamily.embedded.server import EmbeddedServer

Connection = psycopg.Connection[Any]

INVENTORY = """
SELECT evtname FROM pg_event_trigger
UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'S', 'v')
    AND relnamespace::regnamespace::text NOT LIKE 'pg\\_%'
UNION ALL SELECT nspname FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\\_%'
"""


MADE: set[str] = set()
"""Roles made here; they belong to the whole server, where other tests make some of the same names."""


class OnPostgreSQL(ServerSuite):
    dialect_name = "postgresql"

    def inventory(self, connection: Connection) -> Set[str]:
        return {name for (name,) in connection.execute(INVENTORY)}

    def where(self, connection: Connection) -> str:
        return connection.info.dsn

    def prepare(self, connection: Connection, roles: Set[str]) -> None:
        for role in roles:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchall():
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
                MADE.add(role)
        connection.commit()


@contextmanager
def lent(server: EmbeddedServer) -> Iterator[Connection]:
    """Lend a database, and drop it and the roles made for it."""
    with fresh_database(server) as database, database.connect() as connection:
        connection.autocommit = False
        yield connection
    with server.connect() as admin:
        for role in MADE:
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture(scope="module")
def connection18(server18: EmbeddedServer) -> Iterator[Connection]:
    with lent(server18) as connection:
        yield connection


@pytest.fixture(scope="module")
def connection17(server17: EmbeddedServer) -> Iterator[Connection]:
    with lent(server17) as connection:
        yield connection


@pytest.fixture(scope="module")
def connection16(server16: EmbeddedServer) -> Iterator[Connection]:
    with lent(server16) as connection:
        yield connection


class TestPostgreSQL18(OnPostgreSQL):
    target_version = "18"

    @pytest.fixture
    def connection(self, connection18: Connection) -> Iterator[Connection]:
        yield connection18
        connection18.rollback()  # a script that failed left its transaction open


# 17 gets nearly the text of 18, and plans, deployments and properties run on both each time.
@pytest.mark.slow
class TestPostgreSQL17(OnPostgreSQL):
    target_version = "17"

    @pytest.fixture
    def connection(self, connection17: Connection) -> Iterator[Connection]:
        yield connection17
        connection17.rollback()  # a script that failed left its transaction open


class TestPostgreSQL16(OnPostgreSQL):
    target_version = "16"

    @pytest.fixture
    def connection(self, connection16: Connection) -> Iterator[Connection]:
        yield connection16
        connection16.rollback()  # a script that failed left its transaction open
