"""Every golden definition: the printed script, the one transaction and the stages leave the same catalogs."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg
import pytest

from tests.server.conftest import fresh_database
from tests.server.test_goldens_run import FOR_18, WITH_DDL_ONLY, drop_roles, make_roles
from tests.test_golden import definition
from xtrig.checks import examine
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.script import Script
from xtrig.testing.suite.server import Ways
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server


def assert_same(case: str, dialect: str, version: str, server: EmbeddedServer) -> None:
    """Assert that a golden definition leaves the same, whichever way it gets onto a server; each has its database."""
    target = get_dialect(dialect)
    number = target.parse_version(version)
    resolved = translate(examine(definition(case)), target, number)[0].triggers
    deployment = target.deployment(resolved, number)
    assert deployment is not None
    assert target.platform is not None
    driver, script = target.platform.driver(number), target.compile(resolved, number)
    left = {}
    for way in (Ways.by_script, Ways.by_direct, Ways.by_stages):
        with fresh_database(server) as database:
            with database.connect(options="-c event_triggers=off") as connection:
                make_roles(connection)
                with driver.open(f"{database.conninfo} options='-c event_triggers=off'") as place:
                    left[way.__name__] = way(Ways(deployment, partial(_run, connection, script), place.session))
            drop_roles(database)
    assert left["by_script"] == left["by_direct"]
    assert left["by_script"] == left["by_stages"]


def _run(connection: psycopg.Connection[Any], script: Script) -> None:
    """Run a script as printed, one transaction."""
    with connection.transaction():
        for statement in script:
            connection.execute(statement.sql.encode())


@pytest.mark.parametrize("case", FOR_18)
def test_on_postgresql(case: str, server18: EmbeddedServer) -> None:
    assert_same(case, "postgresql", "18", server18)


@pytest.mark.parametrize(("dialect", "version"), [("polardb", "17"), ("polardb-oracle", "2.0")])
@pytest.mark.parametrize("case", WITH_DDL_ONLY)
def test_on_polardb_as_far_as_a_community_server_goes(
    case: str, dialect: str, version: str, server18: EmbeddedServer
) -> None:
    assert_same(case, dialect, version, server18)
