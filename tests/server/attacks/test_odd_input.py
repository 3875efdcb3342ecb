"""Attack 21: input that ends in a traceback, and output that does more than it shows."""

from __future__ import annotations

import csv
import io

import pytest

from tests.server.attacks.mallory import SESSIONS, TRACEBACK, Target, holds

SQL_STEP = """
xtrig: 1
name: first
schema: app
triggers:
  on_logon: {{event: logon, steps: [{{sql: "{sql}"}}]}}
"""
TEXTS = (
    "perform f('a' 'b');",
    "perform f(''",
    "perform $a$",
    "begin;",
    "/* ",
    "-- ",
    "perform e'\\\\'",
    "select u&'\\\\'",
)


@pytest.mark.parametrize("dialect", ["postgresql", "polardb", "polardb-oracle"])
@pytest.mark.parametrize("sql", TEXTS)
def test_a_step_that_does_not_parse(target: Target, sql: str, dialect: str) -> None:
    """A text that a tokenizer did not expect: a message in one line, never a traceback."""
    said = target.say("render", target.given(SQL_STEP.format(sql=sql)), "--dialect", dialect)
    holds(said.code != TRACEBACK, said.err.strip().splitlines()[-1] if said.err.strip() else "")


SCRIPTS = (
    "CREATE TABLE t(a int, PRIMARY KEY (id)) INHERITS (base);",
    'CREATE TABLE t(a "weird; type");',
    "create or replace",
    "create or replace function",
    "create event trigger",
    "create table t(",
    "create table t(a int, unique (b), foreign key (c) references d);",
    "create function f() returns event_trigger language plpgsql as 'begin",
    "create function f() returns event_trigger language plpgsql as $$ begin $$;",
    "create function f() returns event_trigger as 'a', 'b' language c;",
    "create event trigger x on login execute function f(); create event trigger x on login execute function f();",
    "\ufeffcreate table t(a int);",
    "create table t(a int)\x00;",
    "create table t partition of s default;",
    "create table t of some_type;",
    "create table t(like s including all);",
    "create table t as select 1;",
    "comment on function f() is e'\\ud800';",
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_was_not_expected(target: Target, script: str) -> None:
    """A script for import that nobody thought of."""
    path = target.folder / "script.sql"
    path.write_text(script, "utf-8")
    said = target.say("import", str(path), "--from", "postgresql")
    holds(said.code != TRACEBACK, said.err.strip().splitlines()[-1] if said.err.strip() else "")


FORMULAS = (
    ";=HYPERLINK(1)",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "|=1",
    " =1",
    ",=1",
    '"=1',
    "\n=1",
    "\uff1b=1",
    "\uff1d1",
)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_cell_that_is_a_formula(target: Target, name: str) -> None:
    """mallory names her program so that a spreadsheet takes the cell, or what it splits off, for a formula."""
    target.deploy(SESSIONS)
    with target.enter(application_name=name):
        stored = target.value("SELECT application FROM audit.session_inbox WHERE login_user = 'mallory'")
        said = target.xtrig("audit sessions", None, "--format", "csv")
    assert said.code == 0, said.err
    # A spreadsheet splits at commas or, where the comma is for decimals, at semicolons.
    rows = [row for mark in ",;\t" for row in csv.reader(io.StringIO(said.out, newline=""), delimiter=mark)]
    bad = [cell for row in rows for cell in row if cell.lstrip()[:1] in ("=", "+", "@", "\uff1d")]
    holds(not bad, f"{stored!r} became {bad}")


HIDDEN = ("\u202e", "\u2066", "\u200b", "\x1b[2J", "\x9b2J", "\u2028", "\ufeff", "\x07")


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("command", ["import", "plan", "status", "doctor", "audit sessions"])
def test_a_character_that_shows_something_else(target: Target, command: str, hidden: str) -> None:
    """A name of mallory's holds a character that turns the text round or moves the cursor: a reviewer sees another."""
    name = f"a{hidden}b"
    target.run(f"""CREATE SCHEMA app; CREATE TABLE app."{name}" (a text);
        CREATE FUNCTION app."{name}"() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM '{name}'; END $$;
        CREATE EVENT TRIGGER "{name}" ON login EXECUTE FUNCTION app."{name}"()""")
    if command == "audit sessions":
        target.deploy(SESSIONS)
        target.run(f'CREATE ROLE "{name}" LOGIN')
        with target.enter(name, application_name=name):
            said = target.xtrig(command, None)
    else:
        said = target.xtrig(command, SESSIONS if command in ("plan", "status") else None)
    holds(said.code != TRACEBACK, said.err[-200:])
    holds(hidden not in said.out + said.err, f"{command} prints U+{ord(hidden[0]):04X} as it is")
