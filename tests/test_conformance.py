"""Our own dialects through the suite that a stranger's plugin inherits."""

from __future__ import annotations

from xtrig.testing.suite import DialectSuite


class TestMariaDB(DialectSuite):
    dialect_name = "mariadb"


class TestPostgreSQL(DialectSuite):
    dialect_name = "postgresql"


class TestPolarDB(DialectSuite):
    dialect_name = "polardb"


class TestPolarDBOracle(DialectSuite):
    dialect_name = "polardb-oracle"


class TestFirebird(DialectSuite):
    dialect_name = "firebird"


class TestOracle(DialectSuite):
    dialect_name = "oracle"
