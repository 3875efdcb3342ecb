"""``xtrig drop`` on a server: what carries the set's mark goes, all of it, and nothing else."""

from __future__ import annotations

import pytest

from tests.server.conftest import on_17_and_18
from tests.server.deployed import AUDIT, NO_DROP, Here

pytestmark = pytest.mark.server

WITH_DDL = AUDIT + '  on_drop: {event: sql_drop, steps: [{insert: log, values: {at: "${now}", who: "${tag}"}}]}\n'
REFUSES_ALL = """
xtrig: 1
name: strict
schema: strict
tables: {kept: {columns: {a: text}}}
triggers:
  none: {event: ddl_command_start, steps: [{deny: "no DDL"}]}
  greet: {event: logon, steps: [{log: "hello"}]}
"""


@on_17_and_18("here")
def test_what_was_recorded_stays_unless_asked(here: Here) -> None:
    here.apply(AUDIT)
    rows = here.site.value("SELECT count(*) FROM audit.log")
    assert rows > 0
    said = here.run("drop", AUDIT)
    assert said.code == 0
    assert here.site.value("SELECT count(*) FROM audit.log") >= rows
    assert here.site.value("SELECT count(*) FROM pg_event_trigger") == 0
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.value("SELECT to_regnamespace('audit') IS NULL")


def test_a_schema_with_something_of_others_stays(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute("CREATE TABLE audit.theirs (a integer)")
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.value("SELECT count(*) FROM audit.theirs") == 0


def test_a_schema_that_was_there_before_stays(here: Here) -> None:
    here.admin.execute("CREATE SCHEMA audit")
    before = here.site.snapshot()
    here.apply(AUDIT)
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.snapshot() == before


def test_the_definition_only_names_the_set(here: Here) -> None:
    here.apply(WITH_DDL)
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.value("SELECT count(*) FROM pg_event_trigger") == 0
    assert here.site.value("SELECT to_regnamespace('audit') IS NULL")


@on_17_and_18("here")
def test_a_set_that_refuses_ddl_can_be_dropped_and_replaced(here: Here) -> None:
    before = here.site.snapshot()
    here.apply(REFUSES_ALL)
    here.apply(REFUSES_ALL.replace("no DDL", "still no DDL"))
    assert here.status(REFUSES_ALL.replace("no DDL", "still no DDL")).is_in_sync
    said = here.run("drop", REFUSES_ALL, "--with-data")
    assert said.code == 0, said.err
    assert here.site.snapshot() == before


def test_a_set_of_others_that_refuses_ddl_is_met(here: Here) -> None:
    here.apply(AUDIT)
    here.apply(REFUSES_ALL)
    before = here.site.snapshot()
    said = here.run("drop", AUDIT)
    assert said.code == 3
    assert "no DDL" in said.err.splitlines()[-1]
    assert "everything was taken back, and logins work again" in said.err.splitlines()[-1]
    assert here.site.snapshot() == before


def test_what_was_renamed_by_hand_still_goes(here: Here) -> None:
    before = here.site.snapshot()
    here.apply(AUDIT)
    here.admin.execute('ALTER EVENT TRIGGER on_logon RENAME TO "It\'s another"')
    here.admin.execute("ALTER FUNCTION audit.note() RENAME TO noted")
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.snapshot() == before


@on_17_and_18("here")
def test_a_view_on_the_table_keeps_it_and_brings_no_trigger_back(here: Here) -> None:
    here.apply(WITH_DDL)
    here.admin.execute("CREATE VIEW public.seen AS SELECT who FROM audit.log")
    said = here.run("drop", WITH_DDL, "--with-data")
    assert said.code == 3
    assert "cannot drop table audit.log because other objects depend on it" in said.err
    assert "seen depends on table audit.log" in said.err
    assert "what was done before it stays done, and logins work" in said.err.splitlines()[-1]
    assert here.admin.execute("SELECT count(*) FROM pg_event_trigger").fetchone() == (0,)
    here.admin.execute("DROP VIEW public.seen")
    assert here.run("drop", WITH_DDL, "--with-data").code == 0
    assert here.admin.execute("SELECT to_regclass('audit.log') IS NULL").fetchone() == (True,)


def test_what_would_be_dropped_is_shown_and_stays(here: Here) -> None:
    here.apply(AUDIT)
    before = here.site.snapshot()
    said = here.run("drop", AUDIT, "--dry-run")
    assert said.code == 0
    assert "DROP EVENT TRIGGER IF EXISTS on_logon;" in said.out
    assert "DROP TABLE" not in said.out
    assert "DROP TABLE" in here.run("drop", AUDIT, "--dry-run", "--with-data").out
    data = here.run("drop", AUDIT, "--dry-run", "--format", "json").data
    assert next(stage["name"] for stage in data["stages"]) == "disarm"
    assert here.site.snapshot() == before


def test_dropping_what_is_not_there_says_so(here: Here) -> None:
    said = here.run("drop", AUDIT)
    assert said.code == 0
    assert said.out.endswith("Nothing to do: the set has nothing in this database.\n")
    assert here.run("drop", AUDIT, "--dry-run").out == ""


def test_only_its_own_set_goes(here: Here) -> None:
    here.apply(NO_DROP)
    before = here.site.snapshot()
    here.apply(AUDIT)
    assert here.run("drop", AUDIT, "--with-data").code == 0
    assert here.site.snapshot() == before


@on_17_and_18("here")
def test_the_report_says_what_went(here: Here) -> None:
    here.apply(AUDIT)
    data = here.run("drop", AUDIT, "--format", "json").data
    assert "drop trigger on_logon" in data["changes"]
    assert "drop function audit.note" in data["changes"]
    assert data["notes"] == ["table audit.log stays; --with-data drops it"]
    assert data["latency"] is None
