"""Names that are free when xtrig looks whom to trust, and mallory's when it makes its objects.

A script is run statement by statement, and mallory comes after the preflight; an apply tells when it begins a stage,
and mallory comes then; where it tells nothing she holds what she has made in an open transaction, for which it waits.
"""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine

import xtrig
from tests.server.attacks.mallory import LOG, SESSIONS, Target
from tests.server.deploying.site import QUICK, Mischief
from xtrig.errors import XtrigError

GUARD = """
xtrig: 1
name: guard
schema: app
triggers:
  on_logon: {event: logon, steps: [{log: "somebody is here"}]}
"""
SPRING = "FOR EACH ROW EXECUTE FUNCTION lair.spring()"
TABLE = f"""CREATE TABLE app.log (at timestamptz, who text); GRANT ALL ON app.log TO PUBLIC;
    CREATE TRIGGER trap BEFORE INSERT ON app.log {SPRING}"""
LEFT = """CREATE FUNCTION app.on_logon() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    GRANT ALL ON FUNCTION app.on_logon() TO PUBLIC"""
STATE = f"""CREATE TABLE audit.session_state (reap_due timestamptz NOT NULL, complete_at timestamptz NOT NULL,
        timeline text NOT NULL, next_block bigint NOT NULL, installed_at timestamptz NOT NULL, kept jsonb);
    GRANT ALL ON audit.session_state TO PUBLIC;
    CREATE TRIGGER trap BEFORE INSERT ON audit.session_state {SPRING}"""
OURS = "CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC"
# What is deployed, what the superuser has made before, what mallory makes meanwhile, and what she then goes on with.
TAKEN = {
    "a schema, for its table": (
        LOG,
        "",
        "CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC",
        f"DROP TABLE app.log; {TABLE}",
    ),
    "a schema and a table": (LOG, "", f"CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC; {TABLE}", ""),
    "a table in the superuser's schema": (LOG, OURS, TABLE, ""),
    "a table with a mark": (LOG, OURS, f"{TABLE}; COMMENT ON TABLE app.log IS 'xtrig:1:0123456789abcdef:first'", ""),
    "a table with a column missing, an index and a mark": (
        LOG.replace("who: text", "who: text, n: {type: integer, default: '1'}"),
        OURS,
        "CREATE TABLE app.log (at timestamptz, who text); GRANT ALL ON app.log TO PUBLIC;"
        "INSERT INTO app.log VALUES (now(), 'me'); CREATE INDEX ON app.log (lair.same(who));"
        "COMMENT ON TABLE app.log IS 'xtrig:1:0123456789abcdef:first'",
        "",
    ),
    "a function": (
        GUARD,
        OURS,
        LEFT,
        "CREATE OR REPLACE FUNCTION app.on_logon() RETURNS event_trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM lair.loot(); END'",
    ),
    "a record's schema and state": (
        SESSIONS,
        "",
        f"CREATE SCHEMA audit; GRANT ALL ON SCHEMA audit TO PUBLIC; {STATE}",
        "",
    ),
}


def _prepared(target: Target, before: str) -> None:
    target.run(before or "SELECT")
    target.arm()


def _look(target: Target, then: str) -> None:
    """Let mallory go on, and people log in."""
    target.tries(then or "SELECT")
    for user in ("alice", "postgres"):
        target.logs_in(user)
    target.nothing_is_gained()


@pytest.mark.parametrize("what", TAKEN)
def test_between_the_preflight_and_the_rest_of_a_script(target: Target, what: str) -> None:
    definition, before, taken, then = TAKEN[what]
    _prepared(target, before)
    script = xtrig.render(xtrig.load_text(definition), target_version=str(target.server.version))
    with suppress(psycopg.Error), target.enter("postgres") as session:
        # With one snapshot for all of the transaction, what she has made meanwhile would not be seen.
        session.execute("SET default_transaction_isolation = 'repeatable read'")
        session.execute(script.framing.begin.encode())
        for statement in script:
            session.execute(statement.sql.encode())
            if statement.purpose.startswith("Preflight"):
                target.as_mallory(taken)
        session.execute(script.framing.commit.encode())
    _look(target, then)


@pytest.mark.parametrize("what", TAKEN)
def test_before_tables_and_functions_are_made(target: Target, what: str) -> None:
    definition, before, taken, then = TAKEN[what]
    _prepared(target, before)
    comes = Mischief("prepare", lambda: target.as_mallory(taken))
    with suppress(XtrigError):
        xtrig.apply(xtrig.load_text(definition), target.url, canary=QUICK, listener=comes)
    assert comes.done, comes.steps
    _look(target, then)


@pytest.mark.parametrize("whose", ["an engine", "the caller's transaction"])
@pytest.mark.parametrize("what", TAKEN)
def test_while_all_changes_are_made_at_once(target: Target, what: str, whose: str) -> None:
    """She commits while the deployment waits for her transaction: it has looked when nothing of hers was to be seen."""
    definition, before, taken, then = TAKEN[what]
    _prepared(target, before)
    engine = create_engine(target.url, poolclass=NullPool)
    with target.enter(autocommit=False) as hers:
        hers.execute(taken.encode())
        timer = threading.Timer(0.7, hers.commit)
        timer.start()
        with suppress(XtrigError):
            if whose == "an engine":
                xtrig.apply(xtrig.load_text(definition), engine, canary=None)
            else:
                with engine.connect() as connection, connection.begin():
                    xtrig.apply(xtrig.load_text(definition), connection, canary=None)
        timer.join()
    _look(target, then)


@pytest.mark.parametrize("mark", ["", "xtrig:1::guard", "xtrig:1:0123456789abcdef:guard"])
@pytest.mark.parametrize("called", ["xtrig_keeper", "xtrig_canary_1"])
def test_a_function_that_a_deployment_makes_for_its_own_time(target: Target, called: str, mark: str) -> None:
    """It runs at logins while the deployment proves that they work, and its name is known beforehand."""
    _prepared(target, OURS)
    if called != "xtrig_keeper":
        target.deploy(GUARD)
    made = f"CREATE OR REPLACE FUNCTION app.{called}() RETURNS event_trigger LANGUAGE plpgsql AS '%s'"
    target.as_mallory(made % "BEGIN END" + f"; GRANT ALL ON FUNCTION app.{called}() TO PUBLIC")
    if mark:
        target.as_mallory(f"COMMENT ON FUNCTION app.{called}() IS '{mark}'")
    steps: list[str] = []

    def comes(what: str) -> None:
        steps.append(what)
        target.tries(made % "BEGIN PERFORM lair.loot(); END")

    listener = Mischief()
    listener.step = comes  # type: ignore[method-assign]
    changed = xtrig.load_text(GUARD.replace("somebody", "anybody"))
    with suppress(XtrigError):
        xtrig.apply(changed, target.url, canary=QUICK, listener=listener)
    assert any(each.startswith("prepare") for each in steps), steps
    _look(target, made % "BEGIN PERFORM lair.loot(); END")
