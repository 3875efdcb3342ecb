"""Rights that mallory gets on what is new by ALTER DEFAULT PRIVILEGES, as many a set-up has them.

The preflight finds nothing wrong with tables and schemas that are not there yet.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.attacks.mallory import LOG, SESSIONS, Target, holds
from tests.server.attacks.test_trap_on_table import SPRING

TRAP = f"CREATE TRIGGER trap BEFORE INSERT ON {{}} {SPRING}"
# What is deployed, what is given, what mallory then does, or reads.
GIVEN = {
    "a trigger": (LOG, "TRIGGER ON TABLES TO mallory", TRAP.format("app.log")),
    "all on a table": (LOG, "ALL ON TABLES TO PUBLIC", TRAP.format("app.log")),
    "all in a schema": (LOG, "ALL ON TABLES TO mallory", TRAP.format("app.log")),
    "by a role that she is a member of": (LOG, "ALL ON TABLES TO crew", TRAP.format("app.log")),
    "a trigger on a record": (SESSIONS, "TRIGGER ON TABLES TO mallory", TRAP.format("audit.session_inbox")),
    "reading a record": (SESSIONS, "SELECT ON TABLES TO mallory", "SELECT FROM audit.sessions"),
    "writing a record": (SESSIONS, "INSERT, DELETE ON TABLES TO mallory", "DELETE FROM audit.session_inbox"),
    "a record's functions": (SESSIONS, "EXECUTE ON FUNCTIONS TO mallory", "SELECT audit.maintain()"),
    "a record's schema": (SESSIONS, "CREATE ON SCHEMAS TO mallory", "CREATE TABLE audit.session_log_2030_01 (a int)"),
}


@pytest.fixture
def usable(target: Target) -> Iterator[Target]:
    """A database in which whoever has a right on a new table may also get at it; roles forget at the end."""
    target.arm()
    target.run("CREATE ROLE crew; GRANT crew TO mallory; CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.run("ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO PUBLIC")
    yield target
    for kind in ("TABLES", "SCHEMAS", "FUNCTIONS"):
        for role in ("PUBLIC", "mallory", "crew"):
            target.run(f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON {kind} FROM {role}")


@pytest.mark.parametrize("by", ["apply", "script"])
@pytest.mark.parametrize("given", GIVEN)
def test_what_is_new_is_given_to_mallory(usable: Target, given: str, by: str) -> None:
    """The remedy that is printed, run as it is, lets the superuser deploy, and leaves mallory nothing."""
    definition, right, then = GIVEN[given]
    where = "IN SCHEMA app " if given == "all in a schema" else ""
    usable.run(f"ALTER DEFAULT PRIVILEGES {where}GRANT {right}")
    deploy = usable.psql if by == "script" else lambda _: usable.xtrig("apply", definition, "--no-canary")
    script = usable.render(definition)
    refused = deploy(script)
    holds(refused.code != 0 or usable.tries(then), f"{by} left with {refused.code}, and she has done it: {then}")
    assert "ALTER DEFAULT PRIVILEGES" in refused.err, refused.err
    usable.run(refused.err.strip().splitlines()[0 if by == "script" else -1].rpartition("; ")[2])
    assert deploy(script).code == 0
    holds(usable.tries(then), f"she has done it all the same: {then}")
    usable.logs_in("postgres")
    usable.nothing_is_gained()


def test_the_history_of_deployments(usable: Target) -> None:
    """The set has no table, but the history is one: a trigger of mallory's on it would run in the next deployment."""
    guard = LOG.replace("tables:\n  log: {columns: {at: timestamptz, who: text}}\n", "").replace(
        '{insert: log, values: {at: "${now}", who: "${login_user}"}}', "{log: somebody}"
    )
    usable.run("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO mallory")
    said = usable.deploy(guard)
    assert "this is not in the history of deployments" in said.out + said.err
    usable.tries(TRAP.format("xtrig.deployments"))
    usable.deploy(guard.replace("somebody", "anybody"))
    usable.nothing_is_gained(said)
