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


ODD_ARGUMENTS = {
    "bytes that are not UTF-8": ("doctor", "--url", "host=\udcff"),
    "such bytes in a URL": ("plan", "{file}", "--url", "postgresql://\udcff@localhost/x"),
    "a schema without a name": ("audit", "sessions", "--schema", "", "--url", "{url}"),
    "the first day": ("audit", "report", "--until", "0001-01-01", "--url", "{url}"),
    "the last day": ("audit", "report", "--until", "9999-12-31", "--url", "{url}"),
    "the last day, as a page": ("audit", "report", "--until", "9999-12-31", "--html", "-", "--url", "{url}"),
    "a time-out that is no number": ("apply", "{file}", "--lock-timeout", "nan", "--url", "{url}"),
    "a bound that is none": ("drop", "{file}", "--undo-after", "nan", "--url", "{url}"),
    "a login that may take as long": ("enable", "{file}", "--login-timeout", "nan", "--url", "{url}"),
}


@pytest.mark.parametrize("odd", ODD_ARGUMENTS)
def test_an_argument_that_was_not_expected(target: Target, odd: str) -> None:
    """What a shell may hand over: bytes of no encoding, nothing, the ends of time, NaN. One line, and exit code 64."""
    places = {"{url}": target.url, "{file}": target.given(SESSIONS)}
    said = target.say(*(places.get(word, word) for word in ODD_ARGUMENTS[odd]))
    holds((said.code, len(said.err.splitlines())) == (64, 1), f"{said.code}: {said.err[-300:]}")


@pytest.mark.parametrize("command", ["init", "render --out"])
def test_a_name_of_a_file_that_moves_the_cursor(target: Target, command: str) -> None:
    """A folder was unpacked from somewhere, and xtrig says what it has written there."""
    name = "a\x1b[2J\u202eb"
    given = ["init", name] if command == "init" else ["render", target.given(SESSIONS), "--out", name]
    said = target.say(*given)
    assert said.code == 0, said.err
    holds(not any(char in said.err for char in "\x1b\u202e"), repr(said.err))


HIDING = {
    "a message": 'steps: [{{deny: "no{}t you", when: "${{login_user}} = \'guest\'"}}]',
    "a literal": "steps: [{{deny: no, when: \"${{login_user}} = 'gu{}est'\"}}]",
    "a comment of a step": 'steps: [{{sql: "PERFORM 1 /* {} */"}}]',
    "a body": 'body: {{postgresql: "BEGIN RETURN; /* {} */ END"}}',
}


@pytest.mark.parametrize("hides", HIDING)
def test_a_text_that_a_reviewer_does_not_see(target: Target, hides: str) -> None:
    """Rendered text is as the definition has it, so the script says at its head that something in it hides."""
    for hidden in (r"\u202e", r"\e[2J", r"\u200b", r"\u2066"):
        step = HIDING[hides].format(hidden)
        rendered = target.render(f"xtrig: 1\ntriggers:\n  x:\n    event: logon\n    {step}\n")
        holds("[XT118]" in rendered.split("\n\n")[0], rendered[:400])


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
