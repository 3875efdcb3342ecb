"""What a refusal advises, done as it is written: afterwards the set is deployed, and mallory has nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from tests.server.attacks.mallory import LOG, SESSIONS, Target, holds
from tests.server.attacks.test_trap_on_table import DEFINITION, SPRING

OPEN = "CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC;"
OURS = "CREATE TABLE app.log (at timestamptz, who text);"
CLOSED = "REVOKE CREATE ON SCHEMA app FROM mallory;"
CALLING = DEFINITION.replace("steps: [", "steps: [{call: app.note}, ")
OURS_ALONE = f"CREATE SCHEMA app; {OURS}"
OURS_TO_CALL = "CREATE FUNCTION app.note() RETURNS void LANGUAGE sql AS 'SELECT';"
HERS_TO_CALL = "CREATE FUNCTION app.note() RETURNS void LANGUAGE sql AS 'SELECT lair.loot()';"
ON_PATH = """
xtrig: 1
name: first
schema: guard
functions:
  on_login:
    body:
      postgresql: |
        BEGIN
            SET LOCAL search_path = pg_catalog, tools, pg_temp;
            PERFORM note();
        END
triggers:
  on_logon: {event: logon, run: on_login}
"""


@dataclass(frozen=True)
class Case:
    """What is there, what the refusal advises, how the superuser does that, and what mallory tries afterwards."""

    definition: str
    advised: str
    before: str = ""
    hers: str = ""
    done: str = ""
    deployed: str = ""
    """The definition that is deployed then; empty: the same."""
    then: str = ""


CASES = {
    "a schema of one's own": Case(
        LOG,
        "use one of your own",
        hers="CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC",
        deployed=LOG.replace("schema: app", "schema: own"),
        then=f"CREATE TRIGGER trap BEFORE INSERT ON own.log {SPRING}",
    ),
    "a table of one's own": Case(
        DEFINITION,
        "use one of your own",
        before=OPEN,
        hers=OURS,
        done=f"{CLOSED} ALTER TABLE app.log RENAME TO hers; CREATE TABLE app.log (at timestamptz, who text)",
        then="ALTER TABLE app.log RENAME TO mine; ALTER TABLE app.hers RENAME TO log",
    ),
    "a function that is dropped": Case(
        CALLING,
        "drop it, or use one of your own",
        before=OPEN + OURS,
        hers=HERS_TO_CALL,
        done=f"DROP FUNCTION app.note(); {OURS_TO_CALL}",
        then=HERS_TO_CALL.replace("CREATE", "CREATE OR REPLACE"),
    ),
    "a function of one's own": Case(
        CALLING,
        "drop it, or use one of your own",
        before=OPEN + OURS,
        hers=HERS_TO_CALL,
        done="CREATE SCHEMA own; CREATE FUNCTION own.note() RETURNS void LANGUAGE sql AS 'SELECT'",
        deployed=CALLING.replace("call: app.note", "call: own.note"),
        then="CREATE FUNCTION own.note(text DEFAULT '') RETURNS void LANGUAGE sql AS 'SELECT lair.loot()'",
    ),
    "a trigger that uses her function": Case(
        DEFINITION,
        "drop what uses it",
        before=OURS_ALONE,
        done="DROP TRIGGER trap ON app.log",
        then=f"CREATE TRIGGER trap BEFORE INSERT ON app.log {SPRING}",
    ),
    "a default that uses her function": Case(
        DEFINITION,
        "drop what uses it",
        before=OURS_ALONE,
        done="ALTER TABLE app.log ALTER COLUMN more DROP DEFAULT",
        then="ALTER TABLE app.log ALTER COLUMN more SET DEFAULT lair.loot()",
    ),
    "a member of the writer": Case(
        SESSIONS,
        "REVOKE it from them",
        before="CREATE ROLE audit_writer NOLOGIN; GRANT audit_writer TO mallory",
        done="REVOKE audit_writer FROM mallory",
        then="SET ROLE audit_writer; CREATE OR REPLACE FUNCTION audit.logon() RETURNS event_trigger LANGUAGE plpgsql "
        "SECURITY INVOKER AS 'BEGIN PERFORM lair.loot(); END'",
    ),
    "a maker of the reader": Case(
        SESSIONS,
        "REVOKE it from them",
        before="ALTER ROLE mallory CREATEROLE",
        hers="CREATE ROLE audit_reader NOLOGIN",
        done="REVOKE audit_reader FROM mallory",
        then="GRANT audit_reader TO mallory; SET ROLE audit_reader; SELECT * FROM audit.sessions",
    ),
    "a schema that is created first": Case(
        ON_PATH,
        "create it first",
        done="CREATE SCHEMA tools; CREATE FUNCTION tools.note() RETURNS void LANGUAGE sql AS 'SELECT'",
        then="CREATE FUNCTION tools.note(text DEFAULT '') RETURNS void LANGUAGE sql AS 'SELECT lair.loot()'",
    ),
}
LATER = {
    "a function that is dropped": CLOSED,
    "a function of one's own": CLOSED,
    "a trigger that uses her function": f"CREATE TRIGGER trap BEFORE INSERT ON app.log {SPRING}",
    "a default that uses her function": "ALTER TABLE app.log ADD COLUMN more text DEFAULT lair.loot()",
}
"""What the superuser does when mallory has been there."""


@pytest.mark.parametrize("by", ["apply", "script"])
@pytest.mark.parametrize("case", CASES)
def test_a_remedy_leaves_nothing(target: Target, case: str, by: str) -> None:
    """The superuser does what the refusal says, and deploys; mallory goes on from where she was."""
    given = CASES[case]
    target.run(given.before)
    target.arm()
    if given.hers:
        target.as_mallory(given.hers)
    target.run(LATER.get(case, ""))

    def deploy(definition: str) -> tuple[int, str]:
        said = target.psql(target.render(definition)) if by == "script" else None
        said = said or target.xtrig("apply", definition, "--no-canary")
        return said.code, said.err

    code, words = deploy(given.definition)
    assert (code != 0, re.search(given.advised, words) is not None) == (True, True), words
    target.run(given.done)
    code, words = deploy(given.deployed or given.definition)
    assert code == 0, words
    holds(target.tries(given.then), f"she goes on: {given.then}")
    for user in ("alice", "postgres"):
        target.logs_in(user)
    target.nothing_is_gained()
