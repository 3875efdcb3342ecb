"""Rows of PostgreSQL's catalogs, and what is made of them, and of a guard's statements."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.deploy.live import deployment_of
from xtrig.marks import Mark
from xtrig.script import Hazard, Statement
from xtrig_pgfamily.catalog import queries
from xtrig_pgfamily.driver.guard import delayed
from xtrig_pgfamily.objects import EventTrigger, Function, Table
from xtrig_pgfamily.objects.table import is_same_type
from xtrig_postgresql.platform import PostgreSQLPlatform

TRIGGER = {
    "name": "on_drop",
    "event": "sql_drop",
    "enabled": "A",
    "function_schema": "Audit",
    "function_name": "on drop",
    "tags": ["DROP TABLE", "DROP VIEW"],
    "owner": "Bob",
    "owner_is_superuser": True,
    "comment": "xtrig:1:00:audit",
}
FUNCTION = {
    "schema": "audit",
    "name": 'It\'s "f"',
    "arguments": "",
    "language": "plpgsql",
    "is_definer": True,
    "settings": ["b=2", "a=1"],
    "body": " BEGIN END ",
    "owner": "postgres",
    "definition": "CREATE OR REPLACE FUNCTION ...\n",
    "comment": None,
    "grants": [["PUBLIC", "EXECUTE"], ["Joe", "EXECUTE"]],
}
COLUMN = {
    "schema": "audit",
    "name": "log",
    "kind": "r",
    "owner": "postgres",
    "comment": None,
    "column": "who",
    "type": "text",
    "is_needed": False,
    "identity": "",
    "grants": None,
}
SERVER: dict[str, Any] = {
    "server_version": "18.4",
    "number": 180004,
    "database": "mydb",
    "database_oid": 5,
    "role": "postgres",
    "is_superuser": True,
    "is_standby": False,
    "event_triggers": "on",
    "backend_pid": 7,
}
PLATFORM = PostgreSQLPlatform()
LOGON = "triggers:\n  t: {event: logon, steps: [{log: hello}]}\n"


@pytest.mark.parametrize(("letter", "state"), [("O", "origin"), ("A", "always"), ("R", "replica"), ("D", "disabled")])
def test_a_trigger_is_read_with_its_state(letter: str, state: str) -> None:
    found = EventTrigger.from_row({**TRIGGER, "enabled": letter})
    assert dict(found.state) == {
        "event": "sql_drop",
        "function": '"Audit"."on drop"',
        "tags": "DROP TABLE, DROP VIEW",
        "enabled": state,
    }
    assert (found.name, found.owner, found.mark) == ("on_drop", "Bob", Mark("00", "audit"))


def test_a_trigger_comes_back_with_tags_state_comment_and_owner() -> None:
    found = EventTrigger.from_row(TRIGGER)
    assert [statement.sql for statement in found.restore(None)] == [
        "DROP EVENT TRIGGER IF EXISTS on_drop",
        "CREATE EVENT TRIGGER on_drop ON sql_drop\n    WHEN TAG IN ('DROP TABLE', 'DROP VIEW')\n"
        '    EXECUTE FUNCTION "Audit"."on drop"()',
        "ALTER EVENT TRIGGER on_drop ENABLE ALWAYS",
        "COMMENT ON EVENT TRIGGER on_drop IS 'xtrig:1:00:audit'",
        'ALTER EVENT TRIGGER on_drop OWNER TO "Bob"',
    ]


def test_a_function_comes_back_with_comment_owner_and_rights() -> None:
    found = Function.from_row(FUNCTION)
    called = 'audit."It\'s ""f"""()'
    assert found.name == called.removesuffix("()")
    assert (found.mark, found.state["body"], found.state["settings"]) == (None, " BEGIN END ", "a=1\nb=2")
    assert [statement.sql for statement in found.restore(None)] == [
        "CREATE OR REPLACE FUNCTION ...",
        f"COMMENT ON FUNCTION {called} IS NULL",
        f"ALTER FUNCTION {called} OWNER TO postgres",
        f"REVOKE ALL ON FUNCTION {called} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {called} TO PUBLIC",
        f'GRANT EXECUTE ON FUNCTION {called} TO "Joe"',
    ]


def test_a_table_is_read_column_by_column() -> None:
    rows = [COLUMN, {**COLUMN, "column": "at", "type": "timestamp with time zone", "is_needed": True}]
    table = "schema: audit\ntables:\n  log: {columns: {at: {type: timestamptz, nullable: false}}}\n"
    deployment = deployment_of(table + LOGON)
    (wanted,) = [each for each in deployment.objects if isinstance(each, Table)]
    found = Table.from_rows(rows, {"timestamptz": "timestamp with time zone"}, wanted)
    assert {key: value for key, value in found.state.items() if key.startswith("column ")} == {
        "column who": "text",
        "column at": "timestamptz NOT NULL",
    }


def test_a_table_without_columns_is_a_table() -> None:
    found = Table.from_rows([{**COLUMN, "column": None, "type": None, "is_needed": None}], {}, None)
    assert "kind" not in found.state


def test_tables_of_the_same_name_in_two_schemas_are_two() -> None:
    rows = [COLUMN, {**COLUMN, "schema": "b"}]
    found = deployment_of(LOGON).inventory([[], [], rows, [], [], [], []]).objects
    assert [each.name for each in found] == ["audit.log", "b.log"]


@pytest.mark.parametrize(
    ("asked", "meant", "live"),
    [
        ("varchar(64)", "character varying(64)", "character varying(64)"),
        ("varchar(64)", "character varying", "character varying(64)"),
        ("numeric(9, 2)", "numeric", "numeric(9,2)"),
        ("numeric(9)", "numeric", "numeric(9,0)"),
        ("char", "character", "character(1)"),
        ("timestamp(3) with time zone", "timestamp with time zone", "timestamp(3) with time zone"),
        ("text", "text", "text"),
        ("float(24)", "real", "real"),
        ("float(53)", "double precision", "double precision"),
    ],
)
def test_one_type_has_several_spellings(asked: str, meant: str, live: str) -> None:
    assert is_same_type(asked, meant, live)


@pytest.mark.parametrize(
    ("asked", "meant", "live"),
    [
        ("varchar(64)", "character varying(64)", "character varying(65)"),
        ("varchar(64)", "character varying", "character varying(65)"),
        ("varchar(64)", "character varying", "character varying"),
        ("varchar(64)", "character varying", "text"),
        ("numeric(9, 2)", "numeric", "numeric(9,3)"),
        ("no_such_type", None, "text"),
    ],
)
def test_another_type_is_another(asked: str, meant: str | None, live: str) -> None:
    assert not is_same_type(asked, meant, live)


def test_how_many_queries_there_are_depends_on_nothing() -> None:
    many = "triggers:\n" + "".join(f"  t{n}: {{event: logon, steps: [{{log: hello}}]}}\n" for n in range(50))
    assert len(deployment_of(many).queries()) == len(deployment_of(LOGON).queries())


def test_names_in_queries_are_literals() -> None:
    assert "('a''b', 'c''d')" in queries.tables([("a'b", "c'd")], "set")
    assert "= 'it''s'" in queries.tables([], "it's")


def test_a_server_without_trouble_has_no_problems() -> None:
    server = PLATFORM.server(SERVER)
    assert (server.problems, server.idle, server.notes) == ((), (), ())
    assert (server.title, server.version, server.identity) == ("PostgreSQL 18.4", "18", "mydb/5")


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"event_triggers": "off"}, "event_triggers is off here, so nothing would fire; set it to on, then deploy"),
    ],
)
def test_what_stands_against_deploying_says_what_to_do(entries: dict[str, Any], problem: str) -> None:
    """It keeps nobody from taking a trigger away."""
    server = PLATFORM.server({**SERVER, **entries})
    assert (server.problems, server.idle) == ((), (problem,))


def test_a_standby_can_be_compared_and_not_changed() -> None:
    server = PLATFORM.server({**SERVER, "is_standby": True})
    assert (server.problems, server.read_only) == (
        (),
        "this server is a standby, where nothing can be changed; name its primary",
    )


def test_an_old_server_takes_ddl_triggers() -> None:
    assert deployment_of("triggers:\n  t: {event: sql_drop, steps: [{log: gone}]}\n", "16").objects
    assert PLATFORM.server({**SERVER, "number": 160001, "event_triggers": None}).idle == ()


def test_a_role_that_is_no_superuser_is_told() -> None:
    (note,) = PLATFORM.server({**SERVER, "is_superuser": False, "role": "bob"}).notes
    assert note.startswith("the role 'bob' is no superuser; ")


def test_the_server_waits_before_it_takes_back_and_goes_on_after_each_failure() -> None:
    undo = [Statement("DROP EVENT TRIGGER a", ""), Statement('DROP FUNCTION "it\'s"()', "")]
    text = delayed(60, undo)
    assert text.startswith("DO $xtrig$\n")
    assert text.index("pg_sleep(60.000)") < text.index("'DROP EVENT TRIGGER a'")
    assert "EXECUTE 'DROP FUNCTION \"it''s\"()';" in text
    assert text.count("EXCEPTION WHEN OTHERS THEN") >= len(undo)


def test_the_server_alone_drops_nothing_that_may_hold_rows() -> None:
    text = delayed(1, [Statement("DROP TABLE a", "", hazards=(Hazard.LOSES_DATA,)), Statement("x", "")])
    assert "DROP TABLE" not in text
    assert "EXECUTE 'x';" in text


def test_a_body_that_looks_like_the_end_of_the_block_does_not_end_it() -> None:
    text = delayed(1, [Statement("SELECT '$xtrig$'", "")])
    assert text.startswith("DO $xtrig1$")
    assert text.endswith("$xtrig1$")


def test_before_17_there_is_nothing_at_a_login_to_be_past() -> None:
    old, new = PLATFORM.traits((16,)), PLATFORM.traits((17,))
    assert (old.past_triggers, old.has_canary) == ({}, False)
    assert (new.past_triggers, new.has_canary) == ({"event_triggers": "off"}, True)
