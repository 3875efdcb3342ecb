"""What looks like the grammar of event triggers and is not: each by hand on the server, and ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import xtrig
from tests.server.deploy import execute
from tests.server.sides import Side
from tests.traps.naive import by_hand, definition, log_in, refused, rendered, rows, said

if TYPE_CHECKING:
    from tests.traps.conftest import Database

pytestmark = pytest.mark.server

SYNTAX, UNKNOWN, UNSUPPORTED, NO_FUNCTION, TAKEN = "42601", "42601", "0A000", "42883", "42710"
RECORDS = "records: {event: logon, steps: [{insert: log, values: {who: '${login_user}'}}]}"
TAGGED = "records: {{event: {event}, tags: [{tag}], steps: [{{insert: log, values: {{what: '${{tag}}'}}}}]}}"
TRIGGERS = "SELECT evtname, evtevent FROM pg_event_trigger ORDER BY 1"
FUNCTION = "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"


def create(trap: Side, clauses: str) -> tuple[str | None, str]:
    """Try to create an event trigger; return the SQLSTATE and what the server said."""
    return said(trap, f"CREATE EVENT TRIGGER naive {clauses} EXECUTE FUNCTION audit.other()")


@pytest.fixture
def with_function(trap: Side) -> Side:
    by_hand(trap, "INSERT INTO audit.log (what) VALUES (tg_tag);", name="other", event="sql_drop")
    return trap


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("after_user_logon", 'unrecognized event name "after_user_logon"'),
        ("before_user_logoff", 'unrecognized event name "before_user_logoff"'),
        ("logon", 'unrecognized event name "logon"'),
        ("connect", 'unrecognized event name "connect"'),
    ],
)
def test_trap_16_postgresql_does_not_know_the_events_of_others(event: str, message: str, with_function: Side) -> None:
    assert create(with_function, f"ON {event}") == (UNKNOWN, message)


@pytest.mark.parametrize("clause", ["AFTER LOGON ON DATABASE", "BEFORE LOGOFF ON DATABASE", 'ON "LOGIN"'])
def test_trap_16_the_spellings_of_others_are_syntax_errors(clause: str, with_function: Side) -> None:
    assert create(with_function, clause)[0] == SYNTAX


def test_trap_16_version_16_does_not_know_login_and_ours_refuses_it(database16: Database) -> None:
    with database16.connect() as admin:
        place = Side("16", database16, admin)
        admin.execute(FUNCTION)
        assert said(place, "CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION f()")[0] == UNKNOWN
    assert refused(definition(RECORDS), target_version="16") == {"XT201"}


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_trap_16_what_we_render_for_others_stops_here_before_it_changes_anything(dialect: str, trap: Side) -> None:
    script = xtrig.render(xtrig.load_text(definition(RECORDS)), dialect)
    triggers = [each.sql for each in script.statements if "EVENT TRIGGER" in each.sql and "CREATE" in each.sql]
    assert triggers
    for sql in triggers:
        assert said(trap, sql)[0] in (SYNTAX, "P0001", NO_FUNCTION)
    assert trap.admin.execute(TRIGGERS).fetchall() == []


def test_trap_16_ours_says_login_here(trap: Side) -> None:
    rendered(trap, RECORDS)
    assert trap.admin.execute(TRIGGERS).fetchall() == [("records", "login")]
    assert log_in(trap) is None
    assert rows(trap) == ["alice"]


def test_trap_7_there_is_no_logoff_and_ours_refuses_it(with_function: Side) -> None:
    assert create(with_function, "ON logoff") == (UNKNOWN, 'unrecognized event name "logoff"')
    assert refused(definition("leaves: {event: logoff, steps: [{log: bye}]}")) == {"XT201"}


def test_trap_17_a_tag_filter_at_login_is_refused_by_the_server_and_by_ours(with_function: Side) -> None:
    answer = create(with_function, "ON login WHEN TAG IN ('LOGIN')")
    assert answer == (UNSUPPORTED, "tag filtering is not supported for login event triggers")
    assert refused(definition(TAGGED.format(event="logon", tag="LOGIN"))) == {"XT105"}


def test_trap_18_a_filter_on_the_tag_of_a_login_is_accepted_and_never_fires(with_function: Side) -> None:
    trap = with_function
    trap.admin.execute("DROP EVENT TRIGGER other")
    trap.admin.execute(
        "CREATE EVENT TRIGGER naive ON ddl_command_end WHEN TAG IN ('LOGIN') EXECUTE FUNCTION audit.other()"
    )
    assert log_in(trap) is None
    trap.admin.execute("CREATE TABLE audit.t (a text)")
    assert rows(trap, "what") == []


@pytest.mark.parametrize("tag", ["LOGIN", "TRUNCATE TABLE", "CREATE ROLE", "CREATE DATABASE", "VACUUM"])
def test_trap_18_ours_refuses_a_tag_that_never_fires(tag: str) -> None:
    assert refused(definition(TAGGED.format(event="ddl_command_end", tag=tag))) == {"XT205"}


def test_trap_18_ours_fires_for_the_tags_that_it_takes(trap: Side) -> None:
    rendered(trap, TAGGED.format(event="ddl_command_end", tag="CREATE VIEW"))
    trap.admin.execute("CREATE TABLE audit.t (a text); CREATE VIEW audit.v AS SELECT 1")
    assert rows(trap, "what") == ["CREATE VIEW"]


@pytest.mark.parametrize("spelling", ["PROCEDURE", "FUNCTION"])
def test_trap_19_a_procedure_cannot_be_executed_by_either_spelling(spelling: str, trap: Side) -> None:
    trap.admin.execute("CREATE PROCEDURE public.p() LANGUAGE plpgsql AS 'BEGIN END'")
    answer = said(trap, f"CREATE EVENT TRIGGER naive ON login EXECUTE {spelling} public.p()")
    assert answer == (NO_FUNCTION, "function public.p() does not exist")


def test_trap_19_ours_makes_a_function(trap: Side) -> None:
    rendered(trap, RECORDS)
    query = "SELECT prokind::text, prorettype::regtype::text FROM pg_proc WHERE proname = 'records'"
    assert trap.admin.execute(query).fetchall() == [("f", "event_trigger")]


@pytest.mark.parametrize("words", ["CREATE OR REPLACE EVENT TRIGGER t", "CREATE EVENT TRIGGER IF NOT EXISTS t"])
def test_trap_20_neither_replaces_nor_skips(words: str, with_function: Side) -> None:
    assert said(with_function, f"{words} ON login EXECUTE FUNCTION audit.other()")[0] == SYNTAX


def test_trap_20_a_second_run_by_hand_fails_and_a_second_run_of_ours_does_not(trap: Side) -> None:
    by_hand(trap, "")
    again = said(trap, "CREATE EVENT TRIGGER naive ON login EXECUTE FUNCTION audit.naive()")
    assert again == (TAKEN, 'event trigger "naive" already exists')
    triggers = rendered(trap, RECORDS)
    execute(trap.admin, xtrig.render(triggers))
    assert log_in(trap) is None
    assert rows(trap) == ["alice"]


def test_trap_21_a_triggers_name_has_no_schema_and_ours_quotes_the_dot(with_function: Side) -> None:
    trap = with_function
    assert said(trap, "CREATE EVENT TRIGGER audit.t ON login EXECUTE FUNCTION audit.other()")[0] == SYNTAX
    trap.admin.execute("DROP EVENT TRIGGER other")
    rendered(trap, RECORDS.replace("records", "audit.t"))
    assert trap.admin.execute(TRIGGERS).fetchall() == [("audit.t", "login")]
