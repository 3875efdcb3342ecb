"""Every golden definition: the printed script, the one transaction and the stages leave the same catalogs."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.server.conftest import Database
from tests.server.test_goldens_run import FOR_18, WITH_DDL_ONLY, drop_roles, make_roles
from tests.test_golden import definition
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.testing.suite.server import Ways

pytestmark = pytest.mark.server


def ways(case: str, dialect: str, version: str, connection: psycopg.Connection[Any]) -> Ways:
    """Return the ways in which a golden definition gets onto a server."""
    target = get_dialect(dialect)
    number = target.parse_version(version)
    resolved, _ = translate(definition(case), target, number)
    deployment = target.deployment(resolved, number)
    assert deployment is not None
    return Ways(deployment, target.compile(resolved, number), connection, _execute)


def _execute(connection: psycopg.Connection[Any], sql: str) -> None:
    connection.execute(sql.encode())


@pytest.mark.parametrize("case", FOR_18)
def test_on_postgresql(case: str, database18: Database) -> None:
    with database18.connect(options="-c event_triggers=off") as connection:
        make_roles(connection)
        each = ways(case, "postgresql", "18", connection)
        script = each.by_script()
        assert script == each.by_direct()
        assert script == each.by_stages()
    drop_roles(database18)


@pytest.mark.parametrize(("dialect", "version"), [("polardb", "17"), ("polardb-oracle", "2.0")])
@pytest.mark.parametrize("case", WITH_DDL_ONLY)
def test_on_polardb_as_far_as_the_kernel_of_the_community_goes(
    case: str, dialect: str, version: str, database18: Database
) -> None:
    with database18.connect(options="-c event_triggers=off") as connection:
        make_roles(connection)
        each = ways(case, dialect, version, connection)
        script = each.by_script()
        assert script == each.by_direct()
        assert script == each.by_stages()
    drop_roles(database18)
