"""What "any DDL" is: which commands fire which event, by hand and by ours."""

from __future__ import annotations

import pytest

from tests.server.sides import Side
from tests.traps.naive import by_hand, rendered, rows, said

pytestmark = pytest.mark.server

TABLE = "CREATE TABLE audit.t (a integer, b integer); INSERT INTO audit.t VALUES (1, 1);"
PREPARE = f"CREATE SCHEMA IF NOT EXISTS audit; {TABLE}"
RECORD = "INSERT INTO audit.log (who, what) VALUES (tg_event, tg_tag);"
OUR_RECORD = "{event: %s, steps: [{insert: log, values: {who: '${event}', what: '${tag}'}}]}"
# What each command fires, beside ddl_command_start.
FIRES = {
    "ALTER TABLE audit.t ALTER COLUMN a TYPE bigint": ["ddl_command_end", "table_rewrite"],
    "ALTER TABLE audit.t DROP COLUMN b": ["ddl_command_end", "sql_drop"],
    "ALTER TABLE audit.t ADD COLUMN c text": ["ddl_command_end"],
    "DROP TABLE audit.t": ["ddl_command_end", "sql_drop"],
    "VACUUM FULL audit.t": [],
    "TRUNCATE audit.t": [],
    "CREATE ROLE trap_role": [],
    "DROP ROLE IF EXISTS trap_role": [],
}
EVENTS = ("ddl_command_end", "sql_drop", "table_rewrite")


def set_up(trap: Side, ours: bool) -> None:
    trap.admin.execute(PREPARE)
    if ours:
        rendered(trap, *(f"on_{event}: {OUR_RECORD % event}" for event in EVENTS))
        return
    for event in EVENTS:
        by_hand(trap, RECORD, name=f"on_{event}", event=event)


@pytest.mark.parametrize("ours", [False, True], ids=["by hand", "ours"])
def test_traps_32_33_34_the_same_commands_fire_the_same_events(ours: bool, trap: Side) -> None:
    set_up(trap, ours)
    for command, events in FIRES.items():
        trap.admin.execute(f"SET event_triggers = off; DROP TABLE IF EXISTS audit.t; {TABLE} RESET event_triggers")
        trap.admin.execute("TRUNCATE audit.log")
        trap.admin.execute(command)
        assert sorted(rows(trap)) == events, command


def test_trap_33_cluster_rewrites_without_the_event_for_rewrites(trap: Side) -> None:
    trap.admin.execute(f"{PREPARE} CREATE INDEX by_a ON audit.t (a)")
    rendered(trap, "no_rewrite: {event: table_rewrite, steps: [{deny: not now}]}")
    assert said(trap, "ALTER TABLE audit.t ALTER COLUMN a TYPE bigint") == ("42501", "not now")
    file = "SELECT relfilenode FROM pg_class WHERE relname = 't'"
    before = trap.admin.execute(file).fetchone()
    trap.admin.execute("CLUSTER audit.t USING by_a")
    assert trap.admin.execute(file).fetchone() != before


def test_trap_34_a_naive_protection_of_tables_stops_dropping_a_column(trap: Side) -> None:
    trap.admin.execute(PREPARE)
    by_hand(trap, "RAISE 'tables stay';", event="sql_drop")
    assert said(trap, "ALTER TABLE audit.t DROP COLUMN b")[1] == "tables stay"


def test_trap_34_ours_tells_a_column_from_a_table(trap: Side) -> None:
    trap.admin.execute(PREPARE)
    deny = "{deny: tables stay, when: \"${object_type} = 'table'\"}"
    record = "{insert: log, values: {who: '${tag}', what: '${object_type}'}}"
    rendered(trap, f"keep: {{event: sql_drop, steps: [{{for_each: dropped_object, do: [{deny}, {record}]}}]}}")
    trap.admin.execute("ALTER TABLE audit.t DROP COLUMN b")
    assert rows(trap, "who, what") == [("ALTER TABLE", "table column")]
    assert said(trap, "DROP TABLE audit.t") == ("42501", "tables stay")


def test_trap_35_what_a_command_made_can_be_used_at_its_end(trap: Side) -> None:
    steps = '{sql: "INSERT INTO audit.log (what) SELECT count(*) FROM audit.t"}'
    rendered(trap, f"uses: {{event: ddl_command_end, tags: [CREATE TABLE AS], steps: [{steps}]}}")
    trap.admin.execute("CREATE TABLE audit.t AS SELECT 1 AS one")
    assert rows(trap, "what") == ["1"]
