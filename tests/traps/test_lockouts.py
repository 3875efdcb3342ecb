"""What locks people out of a database: any error, a commit, a wait, and triggers in each other's way."""

from __future__ import annotations

import threading

import pytest

import xtrig
from tests.server.deploy import wait_until
from tests.server.sides import Side
from tests.traps.naive import LOG, OBSERVER, by_hand, definition, log_end, log_in, logged, refused, rendered, rows

pytestmark = pytest.mark.server

EVERYBODY = ("alice", "postgres")
INSERT = "INSERT INTO audit.log (who) VALUES (session_user);"
DEFINER = "SECURITY DEFINER"
NAIVE_FAULTS = {
    "table is gone": f"DROP TABLE IF EXISTS audit.log; {INSERT}",
    "division by zero": "PERFORM 1 / (SELECT count(*) FROM audit.log);",
    "assertion": "ASSERT false, 'never';",
    "table is there already": "CREATE TEMP TABLE own (); CREATE TEMP TABLE own ();",
    "role is not there": "EXECUTE format('GRANT nobody TO %I', session_user);",
}
OUR_FAULTS = {
    "table is gone": "insert: log, values: {who: '${login_user}'}",
    "division by zero": "set: app.share, value: '1 / (length(${login_user}) - length(${login_user}))'",
    "assertion": "sql: 'ASSERT false'",
    "owner is not there": "create_temp_table: own, columns: {a: text}, owner: \"'nobody'\"",
    "role is not there": "grant_role: pg_monitor, to: \"'nobody'\"",
    "function is not there": "call: audit.missing",
}
RECORDS = "records: {event: logon, steps: [{insert: log, values: {who: '${login_user}'}}]}"
OWN_TABLE = "event: logon, on_error: deny, steps: [{create_temp_table: own, columns: {a: text}}]"
NO_DDL = "no_ddl: {event: ddl_command_start, steps: [{deny: no DDL here}]}"
# It has told nobody yet which database it is for.
HELD = """
    SELECT count(*) FROM pg_stat_activity
    WHERE state = 'starting' AND wait_event_type = 'Lock' AND clock_timestamp() - backend_start > interval '0.5 s'
"""


@pytest.mark.parametrize("fault", NAIVE_FAULTS)
def test_trap_2_an_error_in_a_naive_trigger_locks_everybody_out(fault: str, trap: Side) -> None:
    by_hand(trap, NAIVE_FAULTS[fault], clauses=DEFINER)
    assert all(log_in(trap, user) for user in EVERYBODY)
    assert log_in(trap, "postgres", OBSERVER) is None


@pytest.mark.parametrize("fault", OUR_FAULTS)
def test_trap_2_an_error_in_ours_lets_everybody_in_and_is_in_the_log(fault: str, trap: Side) -> None:
    rendered(trap, f"ours: {{event: logon, steps: [{{{OUR_FAULTS[fault]}}}]}}")
    trap.admin.execute("DROP TABLE audit.log")
    start = log_end(trap)
    assert [log_in(trap, user) for user in EVERYBODY] == [None, None]
    assert [(line["outcome"], line["login_user"]) for line in logged(trap, start)] == [
        ("error", user) for user in EVERYBODY
    ]


def test_trap_2_a_naive_trigger_needs_rights_that_an_ordinary_role_lacks(trap: Side) -> None:
    by_hand(trap, INSERT)
    assert log_in(trap) == "permission denied for schema audit"
    assert log_in(trap, "postgres") is None


def test_trap_2_ours_has_the_rights_of_its_owner(trap: Side) -> None:
    rendered(trap, RECORDS.replace("event: logon", "event: logon, on_error: deny"))
    assert log_in(trap) is None
    assert rows(trap) == ["alice"]


def test_trap_42_a_commit_in_a_naive_trigger_refuses_each_login(trap: Side) -> None:
    by_hand(trap, f"{INSERT} COMMIT;")
    assert log_in(trap, "postgres") == "invalid transaction termination"
    assert rows(trap) == []


def test_trap_42_a_commit_that_ours_cannot_see_is_an_error_like_any_other(trap: Side) -> None:
    trap.admin.execute(f"{LOG} CREATE PROCEDURE audit.commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'")
    rendered(trap, "calls: {event: logon, steps: [{call: audit.commits, kind: procedure}]}", RECORDS)
    start = log_end(trap)
    assert log_in(trap) is None
    assert rows(trap) == ["alice"]
    assert [(line["outcome"], line["sqlstate"]) for line in logged(trap, start)] == [("error", "2D000")]


def test_lab_two_naive_triggers_with_one_temporary_table_refuse_each_login(trap: Side) -> None:
    for name in ("first", "second"):
        by_hand(trap, "CREATE TEMP TABLE own (a text);", name=name)
    assert log_in(trap, "postgres") == 'relation "own" already exists'


def test_lab_two_of_ours_with_one_temporary_table_share_it(trap: Side) -> None:
    rendered(trap, *(f"{name}: {{{OWN_TABLE}}}" for name in ("first", "second")))
    assert log_in(trap) is None


def test_lab_a_naive_denial_of_ddl_refuses_each_login_that_makes_a_temporary_table(trap: Side) -> None:
    by_hand(trap, "CREATE TEMP TABLE own (a text);", name="own")
    by_hand(trap, "RAISE 'no DDL here';", name="no_ddl", event="ddl_command_start")
    assert log_in(trap, "postgres") == "no DDL here"


def test_lab_ours_is_refused_where_a_trigger_denies_the_ddl_of_a_login(trap: Side) -> None:
    assert refused(definition(f"own: {{{OWN_TABLE}}}", NO_DDL)) == {"XT110"}
    rendered(trap, f"own: {{{OWN_TABLE}}}", NO_DDL.replace(", steps", ", tags: [DROP TABLE], steps"))
    assert log_in(trap) is None


@pytest.mark.parametrize("statement", ["CREATE EVENT TRIGGER late ON login EXECUTE FUNCTION audit.naive()", ""])
def test_lab_a_login_trigger_made_in_an_open_transaction_holds_all_new_logins(statement: str, trap: Side) -> None:
    by_hand(trap, "", event="sql_drop")
    answers: list[str | None] = []
    login = threading.Thread(target=lambda: answers.append(log_in(trap)))
    with trap.database.server.connect() as observer, trap.admin.transaction():
        trap.admin.execute(statement or "SELECT 1")
        login.start()
        if statement:
            wait_until(lambda: observer.execute(HELD).fetchone() == (1,), "the login is held")
        else:
            login.join(20)
        assert answers == ([] if statement else [None])
    login.join()
    assert answers == [None]


def test_lab_ours_makes_its_login_trigger_in_the_last_statement_before_the_commit() -> None:
    text = definition("z: {event: logon, steps: [{log: z}]}", "a: {event: sql_drop, steps: [{log: a}]}")
    script = xtrig.render(xtrig.load_text(text)).statements
    at = [number for number, each in enumerate(script) if "ON login" in each.sql]
    assert at == [len(script) - 2]
    assert script[-1].sql.startswith("COMMENT ON EVENT TRIGGER z")
