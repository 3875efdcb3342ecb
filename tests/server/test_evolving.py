"""A definition whose table changes: the script run by hand, `apply` and a new database end alike, or both refuse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database, fresh_database
from xtrig.deploy import RefusedPlanError, apply, plan
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull, attidentity, pg_get_expr(adbin, adrelid),
    attnum = ANY (indkey), obj_description(attrelid, 'pg_class')
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
WHERE attrelid = 'audit.log'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname
"""
_OLD = "{id: {type: bigint, identity: true, primary_key: true}, who: varchar(20), old: text}"
_EARLIER = "{who: varchar(20), old: text}"
_DEFAULT = """{who: varchar(20), old: {type: text, default: "'a'"}}"""


def defined(columns: str) -> str:
    """Return a definition that records who logs in; a column ``gone`` is filled."""
    gone = """, gone: "'x'\"""" if "gone" in columns else ""
    return f"""
xtrig: 1
schema: audit
tables:
  log: {{columns: {columns}}}
triggers:
  on_logon: {{event: logon, steps: [{{insert: log, values: {{who: "${{login_user}}"{gone}}}}}]}}
"""


@pytest.fixture(scope="module")
def database(server18: EmbeddedServer) -> Iterator[Database]:
    with fresh_database(server18) as database:
        yield database


@contextmanager
def filled(database: Database, columns: str) -> Iterator[psycopg.Connection[Any]]:
    """Make the table of a definition and one row in it, and lend a session that no trigger meets."""
    with database.connect(options="-c event_triggers=off", autocommit=True) as admin:
        admin.execute("DROP EVENT TRIGGER IF EXISTS on_logon")
        admin.execute("DROP SCHEMA IF EXISTS audit CASCADE")
        run(admin, defined(columns))
        assert_recorded(database, admin)
        yield admin


def run(admin: psycopg.Connection[Any], definition: str) -> None:
    """Run the script as `psql -f` does, one statement at a time; whatever becomes of it, no transaction is left."""
    try:
        for statement in ("BEGIN", *(each.sql for each in xtrig.render(xtrig.load_text(definition))), "COMMIT"):
            admin.execute(statement.encode())
    finally:
        admin.execute("ROLLBACK")


def assert_recorded(database: Database, admin: psycopg.Connection[Any]) -> None:
    """Assert that a login is recorded, and that no row has gone before."""
    counts = []
    for _ in range(2):
        row = admin.execute("SELECT count(*) FROM audit.log WHERE who = 'postgres'").fetchone()
        counts += row or ()
        if len(counts) == 1:
            database.connect().close()
    assert counts[1] == counts[0] + 1


SAME = {
    "a column": (_OLD, _OLD.replace("old: text", "old: text, more: inet")),
    "several columns": (_EARLIER, _EARLIER.replace("}", ", b: int, c: 'numeric(9, 2)', d: timestamptz}")),
    "NOT NULL with a default": (
        _OLD,
        _OLD.replace("old:", "at: {type: timestamptz, nullable: false, default: now()}, old:"),
    ),
    "NOT NULL, a literal": (_EARLIER, _EARLIER.replace("}", """, n: {type: int, nullable: false, default: "0"}}""")),
    "a default of each row": (_EARLIER, _EARLIER.replace("}", ", u: {type: uuid, default: gen_random_uuid()}}")),
    "an identity": (_EARLIER, _EARLIER.replace("}", ", n: {type: bigint, identity: true}}")),
    "an identity that is the key": (_EARLIER, _OLD),
    "another default": (_DEFAULT, _DEFAULT.replace("'a'", "'b'")),
    "a default where there was none": (_EARLIER, _DEFAULT),
    "a quoted name": (_EARLIER, _EARLIER.replace("}", ', "Größe %": int}')),
}
"""Changes after which all three ways end alike."""

KEPT = {
    "a column that is gone": (_OLD, _OLD.replace(", old: text", "")),
    "a column with another name": (_OLD, _OLD.replace("old: text", "new: text")),
}
"""Changes after which the old column is still there, with what was recorded in it."""

REFUSED = {
    "another type": (
        _OLD,
        _OLD.replace("old: text", "old: integer"),
        "column old is text, and the definition says int",
    ),
    "a wider type": (_OLD, _OLD.replace("(20)", "(40)"), "column who is character varying(20), and the definition say"),
    "a narrower type": (_OLD, _OLD.replace("(20)", "(10)"), "column who is character varying(20), and the definition"),
    "no modifier": (_OLD, _OLD.replace("(20)", ""), "column who is character varying(20), and the definition says var"),
    "no such type": (_OLD, _OLD.replace("old: text", "old: txt"), "column old has the type txt, which does not exist;"),
    "no such schema": (
        _OLD,
        _OLD.replace("old: text", "old: no_such.kind"),
        "old has the type no_such.kind, which does",
    ),
    "no such type of an array": (_OLD, _OLD.replace("old: text", "old: 'no_such[]'"), "has the type no_such[], which"),
    "NOT NULL": (
        _OLD,
        _OLD.replace("old: text", "old: {type: text, nullable: false}"),
        "column old is text, and the definition says text NOT NULL",
    ),
    "NOT NULL no more": (
        "{who: {type: text, nullable: false}}",
        "{who: text}",
        "column who is text NOT NULL, and the definition says text;",
    ),
    "a new NOT NULL": (
        _OLD,
        _OLD.replace("old:", "new: {type: text, nullable: false}, old:"),
        "column new is new, and",
    ),
    "a new key": (
        _EARLIER,
        _EARLIER.replace("old:", "k: {type: int, primary_key: true}, old:"),
        "column k is new, and",
    ),
    "a second key": (_OLD, _OLD.replace("id:", "no:"), "column no is new, and"),
    "a key with two columns": (
        _EARLIER,
        "{a: {type: int, identity: true, primary_key: true}, b: {type: int, primary_key: true}, who: varchar(20)}",
        "is new, and rows that are there have no value for it",
    ),
    "a key of what is there": (
        "{who: {type: text, nullable: false}}",
        "{who: {type: text, primary_key: true}}",
        "column who is text NOT NULL, and the definition says text NOT NULL PRIMARY KEY",
    ),
    "an identity no more": (
        _OLD,
        _OLD.replace("identity: true, ", ""),
        "column id is bigint IDENTITY NOT NULL PRIMARY KEY, and the definition says bigint NOT NULL PRIMARY KEY",
    ),
    "an identity of what is there": (
        "{n: {type: int, nullable: false, default: '1'}, who: text}",
        "{n: {type: int, identity: true}, who: text}",
        "column n is integer DEFAULT NOT NULL, and the definition says int IDENTITY NOT NULL",
    ),
    "a default no more": (_DEFAULT, _EARLIER, "column old is text DEFAULT, and the definition says text;"),
    "a column gone that must have a value": (
        "{who: text, gone: {type: text, nullable: false}}",
        "{who: text}",
        "column gone must have a value, and the definition has it no more; drop it, or its NOT NULL",
    ),
}
"""Changes which nothing can make without losing rows, or what is in them, and what is said of them."""


@pytest.mark.parametrize("change", SAME)
def test_the_three_ways_end_alike(change: str, database: Database) -> None:
    assert_alike(database, *SAME[change])


@pytest.mark.parametrize("change", ["NOT NULL with a default", "an identity that is the key", "another default"])
def test_on_17_too(change: str, server17: EmbeddedServer) -> None:
    with fresh_database(server17) as database:
        assert_alike(database, *SAME[change])


def assert_alike(database: Database, old: str, new: str) -> None:
    """Assert that script and `apply` make of the old table what a new one would be, and that no row is lost."""
    with filled(database, new) as admin:
        fresh = admin.execute(_COLUMNS).fetchall()
    with filled(database, old) as admin:
        for _ in range(2):
            run(admin, defined(new))
        assert admin.execute(_COLUMNS).fetchall() == fresh
        assert_recorded(database, admin)
        assert not plan(xtrig.load_text(defined(new)), database.url).changes
    with filled(database, old) as admin:
        apply(xtrig.load_text(defined(new)), database.url, canary=None)
        assert admin.execute(_COLUMNS).fetchall() == fresh
        assert_recorded(database, admin)
        run(admin, defined(new))
        assert not plan(xtrig.load_text(defined(new)), database.url).changes


@pytest.mark.parametrize(("default", "is_refused"), [("", True), (" DEFAULT '-'", False)])
def test_a_column_of_others_whose_type_takes_no_null(default: str, is_refused: bool, database: Database) -> None:
    with filled(database, "{who: text}") as admin:
        admin.execute(f"CREATE DOMAIN audit.filled AS text{default} NOT NULL".encode())
        admin.execute("ALTER TABLE audit.log ADD other audit.filled DEFAULT 'x'")
        admin.execute("ALTER TABLE audit.log ALTER other DROP DEFAULT")
        if is_refused:
            with pytest.raises(psycopg.errors.RaiseException, match="column other must have a value"):
                run(admin, defined("{who: text}"))
            with pytest.raises(RefusedPlanError, match="column other must have a value"):
                apply(xtrig.load_text(defined("{who: text}")), database.url, canary=None)
        else:
            run(admin, defined("{who: text}"))
            assert_recorded(database, admin)


@pytest.mark.parametrize("change", ["NOT NULL with a default", "another default", "a default where there was none"])
def test_what_a_plan_changes_is_taken_back(change: str, database: Database) -> None:
    old, new = SAME[change]
    with filled(database, old) as admin:
        before = admin.execute(_COLUMNS).fetchall()
        (table,) = [
            each for each in plan(xtrig.load_text(defined(new)), database.url).changes if each.name == "audit.log"
        ]
        for statement in table.make():
            admin.execute(statement.sql.encode())
        assert admin.execute(_COLUMNS).fetchall() != before
        for statement in table.take_back():
            admin.execute(statement.sql.encode())
        assert admin.execute(_COLUMNS).fetchall() == before


@pytest.mark.parametrize("change", KEPT)
def test_an_old_column_stays_with_its_values(change: str, database: Database) -> None:
    old, new = KEPT[change]
    left = []
    for way in ("script", "apply"):
        with filled(database, old) as admin:
            admin.execute("UPDATE audit.log SET old = 'kept'")
            if way == "script":
                run(admin, defined(new))
            else:
                apply(xtrig.load_text(defined(new)), database.url, canary=None)
            assert_recorded(database, admin)
            assert admin.execute("SELECT old FROM audit.log WHERE old IS NOT NULL").fetchall() == [("kept",)]
            left.append(admin.execute(_COLUMNS).fetchall())
    assert left[0] == left[1]


@pytest.mark.parametrize("change", REFUSED)
def test_script_and_plan_refuse_alike_and_change_nothing(change: str, database: Database) -> None:
    old, new, reason = REFUSED[change]
    with filled(database, old) as admin:
        before = admin.execute(_COLUMNS).fetchall()
        with pytest.raises(psycopg.errors.RaiseException) as stopped:
            run(admin, defined(new))
        with pytest.raises(RefusedPlanError) as refused:
            apply(xtrig.load_text(defined(new)), database.url, canary=None)
        said = str(stopped.value.diag.message_primary)
        assert said.startswith("table audit.log: ")
        assert reason in said
        assert said in str(refused.value)
        assert admin.execute(_COLUMNS).fetchall() == before
        assert_recorded(database, admin)


_TYPES = (
    "{a: varchar(20), b: 'numeric(9, 2)', c: numeric(9), d: char, e: timestamp(3) with time zone, f: float(24), g: int}"
)


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (_TYPES, None),
        (_TYPES.replace("g: int", "g: int4, h: inet"), None),
        (_TYPES.replace("(20)", "(30)"), "column a is character varying(20), and the definition says varchar(30)"),
        (_TYPES.replace("(9, 2)", "(9, 3)"), "column b is numeric(9,2), and the definition says numeric(9, 3)"),
        (_TYPES.replace("(3)", "(0)"), "column e is timestamp(3) with time zone, and the definition"),
        (_TYPES.replace("g: int", "g: bigint"), "column g is integer, and the definition says bigint"),
    ],
)
def test_before_17_a_server_cannot_say_what_modifiers_mean(
    new: str, reason: str | None, server16: EmbeddedServer
) -> None:
    def script(columns: str) -> list[str]:
        made = f"xtrig: 1\nschema: audit\ntables: {{log: {{columns: {columns}}}}}\n"
        made += "triggers: {at_end: {event: ddl_command_end, steps: [{insert: log, values: {a: '${tag}'}}]}}"
        return [each.sql for each in xtrig.render(xtrig.load_text(made), target_version="16")]

    with fresh_database(server16) as database, database.connect(autocommit=False) as admin:
        for statement in script(_TYPES):
            admin.execute(statement.encode())
        said = None
        try:
            for statement in script(new):
                admin.execute(statement.encode())
        except psycopg.errors.RaiseException as stopped:
            said = str(stopped.diag.message_primary)
        assert said == reason if reason is None or said is None else reason in said
        admin.rollback()
