"""``enforce: terminate`` as PolarDB gets it, on the PostgreSQL that PolarDB is built on: the session ends.

PolarDB itself was not at hand. What can be shown is that a server process that ends itself while it is logging
in does not let the client in.
"""

from __future__ import annotations

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database

pytestmark = pytest.mark.server

DEFINITION = """
xtrig: 1
triggers:
  firewall:
    event: logon
    language: plpgsql
    exempt_roles: [dba]
    steps: [{deny: not you, when: "${application} = 'badapp'", enforce: terminate}]
"""


def test_a_terminated_login_does_not_get_in_and_others_do(login_database: Database) -> None:
    script = xtrig.render(xtrig.load_text(DEFINITION), "polardb")
    (function,) = (each.sql for each in script if each.sql.startswith("CREATE OR REPLACE FUNCTION"))
    assert "pg_terminate_backend" in function
    with login_database.connect(options="-c event_triggers=off") as deployer:
        deployer.execute(function.encode())
        deployer.execute("CREATE EVENT TRIGGER firewall ON login EXECUTE FUNCTION public.firewall()")
        with pytest.raises(psycopg.OperationalError, match="terminating connection due to administrator command"):
            login_database.connect(application_name="badapp")
        with login_database.connect(application_name="goodapp") as session:
            assert session.execute("SELECT 1").fetchone() == (1,)


def test_postgresql_itself_raises_an_error_with_the_message(login_database: Database) -> None:
    script = xtrig.render(xtrig.load_text(DEFINITION.replace("language: plpgsql", "on_error: allow")), "postgresql")
    with login_database.connect(options="-c event_triggers=off") as deployer:
        deployer.execute(str(script).encode())
        with pytest.raises(psycopg.OperationalError, match="not you"):
            login_database.connect(application_name="badapp")
