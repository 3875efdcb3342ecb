"""The suite for servers that a stranger's plugin inherits, on both versions: script, transaction and stages agree."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar
from urllib.parse import quote

import pytest

from tests.firebird.servers import PASSWORD, Database
from xtrig import TriggerSet
from xtrig.script import Script
from xtrig.testing.suite import ServerSuite
from xtrig_firebird.words import folded

MADE = """
    SELECT trim(rdb$trigger_name) FROM rdb$triggers WHERE coalesce(rdb$system_flag, 0) = 0
    UNION ALL SELECT trim(rdb$relation_name) FROM rdb$relations WHERE coalesce(rdb$system_flag, 0) = 0
    UNION ALL SELECT trim(rdb$exception_name) FROM rdb$exceptions WHERE coalesce(rdb$system_flag, 0) = 0
"""


class OnFirebird(ServerSuite):
    dialect_name = "firebird"
    needs: ClassVar[str]

    @pytest.fixture
    def connection(self, database: Database) -> Database:
        if database.server.version != self.needs:
            pytest.skip("the other class is for this version")
        return database

    def inventory(self, connection: Database) -> AbstractSet[str]:
        return {name for (name,) in connection.rows(MADE)}

    def prepare(self, connection: Database, roles: AbstractSet[str]) -> None:
        connection.execute(
            "CREATE PACKAGE elsewhere AS BEGIN PROCEDURE clean (a NUMERIC(9, 2)); FUNCTION notify RETURNS INTEGER; END"
        )

    def expected(self, triggers: TriggerSet) -> AbstractSet[str]:
        return {folded(name) for name in super().expected(triggers)}

    def run(self, connection: Database, script: Script) -> None:
        connection.run(script)

    def where(self, connection: Database) -> str:
        host = connection.server.host.rstrip(":").replace("/", ":")
        return f"firebird://SYSDBA:{quote(PASSWORD)}@{host}/{connection.path}?no_db_triggers=1"


@pytest.mark.slow
class TestFirebird3(OnFirebird):
    needs = target_version = "3.0"


class TestFirebird5(OnFirebird):
    needs = target_version = "5.0"
