"""AcmeDB through xtrig's own suites, on a server too, and what the suites cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import acmedb
import pytest

import xtrig
from xtrig.testing.suite import DialectSuite, ServerSuite

AUDIT = """
xtrig: 1
schema: audit
tables:
  sessions: {columns: {who: text, what: text}}
triggers:
  "session`begins":
    event: logon
    steps:
      - insert: sessions
        values: {who: "${login_user}", what: "${event}"}
      - log: "${login_user} came"
"""


class TestAcmeDB(DialectSuite):
    dialect_name = "acmedb"
    drivers: ClassVar[frozenset[str]] = DialectSuite.drivers | {"acmedb", "sqlite3"}


class TestAcmeDBServer(ServerSuite):
    dialect_name = "acmedb"

    @pytest.fixture
    def connection(self, tmp_path: Path) -> Iterator[acmedb.Connection]:
        self.file = tmp_path / "acme.db"
        acmedb.create(self.file)
        with closing(acmedb.Connection(self.file, "owner")) as connection:
            yield connection

    def inventory(self, connection: acmedb.Connection) -> AbstractSet[str]:
        rows = connection.execute("SELECT NAME FROM ACME_TRIGGERS UNION SELECT NAME FROM ACME_TABLES")
        return {row["NAME"] for row in rows}

    def run(self, connection: acmedb.Connection, script: xtrig.Script) -> None:
        for statement in script:
            connection.execute(statement.sql)

    def where(self, connection: acmedb.Connection) -> str:
        return f"acmedb://{self.file}"


def test_body_is_in_the_trigger() -> None:
    script = xtrig.render(xtrig.load_text(AUDIT, "audit.yaml"), "acmedb")
    assert script.statements[-1].sql == (
        "CREATE OR REPLACE TRIGGER `session``begins` AFTER LOGON\n"
        "WITH (LOCK_TIMEOUT = 250, TIMEOUT = 5000, ON_ERROR = CONTINUE) AS\n"
        "BEGIN\n"
        "    INSERT INTO `sessions` (`who`, `what`)\n"
        "    VALUES (SESSION_INFO('login'), 'logon');\n"
        "    WRITE LOG CONCAT(SESSION_INFO('login'), ' came');\n"
        "END"
    )
