"""What a text written by hand names is mallory's: in each of the forms in which a text can name it."""

from __future__ import annotations

import json

import pytest

from tests.server.attacks.mallory import Target
from tests.server.attacks.test_trap_on_table import SPRING

WORD = "CREATE DOMAIN app.word AS text CHECK (lair.is_odd(VALUE))"
ROWS = f"{WORD}; CREATE TABLE app.rows (word app.word)"
NOTE = "CREATE FUNCTION app.note() RETURNS text LANGUAGE sql AS 'SELECT lair.loot()'"
TABLE = (
    f"CREATE TABLE app.log (a int); GRANT ALL ON app.log TO PUBLIC; CREATE TRIGGER t BEFORE INSERT ON app.log {SPRING}"
)
MOOD = """CREATE TYPE app.mood AS ENUM ('good');
    CREATE FUNCTION app.felt(integer) RETURNS app.mood LANGUAGE plpgsql AS
        $$ BEGIN PERFORM lair.loot(); RETURN 'good'::app.mood; END $$;
    CREATE CAST (integer AS app.mood) WITH FUNCTION app.felt(integer)"""
# What mallory has made, and the text.
NAMED = {
    "a declared type": (WORD, "DECLARE w app.word := 'x'; BEGIN NULL; END;"),
    "a declared array": (WORD, "DECLARE w app.word[] := '{x}'; BEGIN NULL; END;"),
    "a type before a literal": (WORD, "PERFORM app.word 'x';"),
    "a row of a table": (ROWS, "DECLARE r app.rows%ROWTYPE; BEGIN r.word := 'x'; END;"),
    "a column of a table": (ROWS, "DECLARE r app.rows.word%TYPE; BEGIN r := 'x'; END;"),
    "a cast": (MOOD, "PERFORM 1::app.mood;"),
    "a name with escapes": (NOTE, 'PERFORM U&"\\0061pp"."note"();'),
    "a name with long escapes": (NOTE, 'PERFORM app.u&"n\\+00006fte"();'),
    "a name with an escape of its own": (NOTE, """PERFORM U&"!0061pp" UESCAPE '!'.note();"""),
    "a function with its database": (NOTE, "PERFORM {database}.app.note();"),
    "a table with its database": (TABLE, "INSERT INTO {database}.app.log VALUES (1);"),
    "a command in a literal": (NOTE, "EXECUTE 'SELECT app.note()';"),
    "a command in dollar quotes": (NOTE, "EXECUTE $x$SELECT app.note()$x$;"),
    "a command put together": (NOTE, "EXECUTE format('SELECT app.note() %s', 'AS x');"),
    "the name of a function": (
        NOTE,
        "EXECUTE format('SELECT %s()', 'app.note'::regproc);",
    ),
}


@pytest.mark.parametrize("form", ["body", "sql"])
@pytest.mark.parametrize("named", NAMED)
def test_what_a_text_names(target: Target, named: str, form: str) -> None:
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    made, text = NAMED[named]
    target.as_mallory(made)
    target.run("REVOKE CREATE ON SCHEMA app FROM mallory")
    text = text.replace("{database}", target.database.name)
    if form == "sql" and text.startswith("DECLARE"):
        pytest.skip("a step has no declarations")
    body = {"body": {"postgresql": f"BEGIN {text} END"}}
    function = json.dumps(body if form == "body" else {"steps": [{"sql": text.rstrip(";")}]})
    definition = f"""
xtrig: 1
name: first
schema: guard
functions:
  by_hand: {function}
triggers:
  on_logon: {{event: logon, run: by_hand}}
"""
    said = target.xtrig("apply", definition, "--no-canary")
    target.logs_in("postgres")
    target.nothing_is_gained(said)
    assert said.code == 1, said.err
    assert "belongs to mallory" in said.err


def test_an_operator(target: Target) -> None:
    """The function behind it is the superuser's; mallory, whose the operator is, puts hers in its place."""
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.run("CREATE FUNCTION app.add(int, int) RETURNS int LANGUAGE sql AS 'SELECT 1'")
    target.as_mallory("CREATE OPERATOR app.## (FUNCTION = app.add, LEFTARG = int, RIGHTARG = int)")
    target.run("REVOKE CREATE ON SCHEMA app FROM mallory")
    definition = """
xtrig: 1
name: first
schema: guard
functions:
  by_hand: {body: {postgresql: "BEGIN PERFORM 1 OPERATOR(app.##) 2; END"}}
triggers:
  on_logon: {event: logon, run: by_hand}
"""
    said = target.xtrig("apply", definition, "--no-canary")
    assert (said.code, "operator app.##(integer,integer) belongs to mallory" in said.err) == (1, True), said.err
