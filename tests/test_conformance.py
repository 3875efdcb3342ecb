"""Our own dialects through the suite that a stranger's plugin inherits."""

from __future__ import annotations

from xtrig.testing.suite import DialectSuite


class TestPostgreSQL(DialectSuite):
    dialect_name = "postgresql"


class TestPolarDB(DialectSuite):
    dialect_name = "polardb"
    allowed_packages = frozenset(
        {"xtrig_pgfamily", "xtrig_postgresql"}
    )  # a fork of PostgreSQL, whose plpgsql it shares


class TestPolarDBOracle(DialectSuite):
    dialect_name = "polardb-oracle"
    allowed_packages = frozenset({"xtrig_postgresql"})
