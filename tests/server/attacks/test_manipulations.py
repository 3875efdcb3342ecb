"""Attack 10: what is done to a deployed record, and whether `xtrig status` and `xtrig audit verify` report it.

Each manipulation is run in a transaction, in which both are asked, and which is rolled back: so every one meets the
set as it was deployed, roles and the row of the database included.
"""

from __future__ import annotations

from collections import defaultdict

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine

import xtrig
from tests.server.attacks import survivors
from tests.server.attacks.mallory import SESSIONS, AttackSucceededError, Target
from tests.server.attacks.manipulations import KINDS, OF_A_DEFINITION, PREPARED, ROWS, Manipulation, manipulations
from tests.server.attacks.survivors import SURVIVORS
from xtrig.audit import verify
from xtrig.errors import XtrigError


def _report(triggers: xtrig.TriggerSet, url: str, each: Manipulation) -> str | None:
    """Return how a manipulation is reported, '' if it is not, None if it cannot be done to this object."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        try:
            # psycopg alone leaves % in a text as it is.
            driver.execute(each.sql.encode())
        except psycopg.Error as error:
            transaction.rollback()
            if isinstance(error, psycopg.errors.SyntaxError):
                raise
            return None
        try:
            if triggers.sessions is None:
                said = "" if xtrig.status(triggers, connection).is_in_sync else "status"
            else:
                found = verify(triggers, connection)
                said = "" if found.is_clean else "verify" if found.status.is_in_sync else "status"
        except XtrigError as error:
            said = f"error: {error}"
        transaction.rollback()
    return said


def _recorded(target: Target) -> xtrig.TriggerSet:
    """Deploy a record of sessions, with rows in all its tables."""
    target.run(PREPARED)
    target.deploy(SESSIONS)
    for _ in range(2):
        assert target.logs_in("alice") is None
        assert target.logs_in("nobody") is not None
    target.run("SELECT audit.maintain(20000)")
    target.run("SELECT pg_sleep(6); SELECT audit.maintain(20000)")  # an inferred end waits for its line
    assert target.value("SELECT count(*) FROM audit.seal"), "there is a sealed batch"
    triggers = xtrig.load_text(SESSIONS)
    assert verify(triggers, target.url).is_clean
    return triggers


def test_a_sample_of_the_manipulations_is_reported(target: Target) -> None:
    """One in twenty; the test below tries them all."""
    triggers = _recorded(target)
    for each in list(manipulations(target.admin, "audit"))[::20]:
        if each.what not in SURVIVORS.get(each.kind, {}) and _report(triggers, target.url, each) == "":
            raise AttackSucceededError(f"not reported: {each}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*KINDS, "rows"])
def test_every_manipulation_is_reported(target: Target, kind: str) -> None:
    """Whoever has the right to manipulates one object; the auditor's commands must leave with another code than 0."""
    triggers = _recorded(target)
    reported, silent, applied = 0, defaultdict(list), set()
    for each in manipulations(target.admin, "audit"):
        if each.kind != kind:
            continue
        said = _report(triggers, target.url, each)
        if said is None:
            continue
        applied.add(each.what)
        if said:
            reported += 1
        else:
            silent[each.what].append(each.name)
    wanted = ROWS if kind == "rows" else KINDS[kind]
    assert applied == set(wanted), f"done to no object: {sorted(set(wanted) - applied)}"
    missed = sum(map(len, silent.values()))
    print(f"{kind}: {reported} of {reported + missed} manipulations are reported")
    for what, names in silent.items():
        print(f"  not reported: {what}: {', '.join(names)}")
    known = SURVIVORS.get(kind, {})
    if new := {what: names for what, names in silent.items() if what not in known}:
        raise AttackSucceededError(f"not reported: {new}")
    assert set(known) <= set(silent), f"reported now, take them away: {sorted(set(known) - set(silent))}"


FILLED = """
xtrig: 1
name: filled
schema: app
tables:
  log:
    columns:
      id: {type: bigint, identity: true, primary_key: true}
      at: {type: timestamptz, nullable: false}
      who: text
triggers:
  on_logon: {event: logon, steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
"""


def test_every_manipulation_of_a_table_that_steps_fill_is_reported(target: Target) -> None:
    target.run(PREPARED)
    target.deploy(FILLED)
    assert target.logs_in("alice") is None
    triggers = xtrig.load_text(FILLED)
    assert xtrig.status(triggers, target.url).is_in_sync
    said = {
        each.what: _report(triggers, target.url, each)
        for each in manipulations(target.admin, "app", {"table": OF_A_DEFINITION})
    }
    silent = {what for what, how in said.items() if how == ""}
    if new := silent - set(survivors.OF_A_DEFINITION):
        raise AttackSucceededError(f"not reported: {sorted(new)}")
    assert silent == set(survivors.OF_A_DEFINITION), "reported now, take them away"
    # Nobody else has a right that could be taken, and the table has no index but that of its key, and no partitions.
    cannot = {"no right for those who had one", "a right with grant option", "no index", "a partition"}
    assert {what for what, how in said.items() if how is None} == cannot


def test_a_record_of_an_older_xtrig_is_outdated_and_keeps_its_rows(target: Target) -> None:
    """Columns that are new in a table of the record are added; until then status says outdated, not tampered."""
    triggers = _recorded(target)
    for table, column in (("session_state", "kept"), ("log_position", "is_read")):
        target.run(f"ALTER TABLE audit.{table} DROP COLUMN {column}")
        target.run(f"COMMENT ON TABLE audit.{table} IS 'xtrig:1:0123456789abcdef:session_audit'")
    assert {str(each.condition) for each in xtrig.status(triggers, target.url).objects if not each.is_good} == {
        "outdated"
    }
    rows = target.value("SELECT count(*) FROM audit.session_log")
    target.deploy(SESSIONS)
    assert verify(triggers, target.url).is_clean
    target.run("SELECT audit.maintain()")
    assert verify(triggers, target.url).is_clean
    assert target.value("SELECT count(*) FROM audit.session_log") >= rows


def test_rights_that_the_record_needs_come_back(target: Target) -> None:
    """Whoever takes them away stops the record; status says so, and apply gives them back."""
    triggers = _recorded(target)
    target.run(
        "REVOKE USAGE ON SCHEMA audit FROM audit_writer; REVOKE pg_monitor FROM audit_owner; "
        "ALTER FUNCTION audit.logon() IMMUTABLE; GRANT SELECT (login_user) ON audit.session_log TO mallory"
    )
    changed = {(str(each.kind), each.name, str(each.condition)) for each in verify(triggers, target.url).changed}
    assert {("schema", "audit", "outdated"), ("role", "audit_owner", "outdated")} <= changed
    assert len(changed) == 4
    assert target.xtrig("plan", SESSIONS).code == 2
    target.deploy(SESSIONS)
    assert verify(triggers, target.url).is_clean
    assert target.xtrig("plan", SESSIONS).code == 0
