"""A row that a trigger or a rule of an existing table discards is no record: the rehearsal finds it."""

from __future__ import annotations

import pytest

from tests.server.deploying.site import UNTOUCHED, Site, written
from xtrig.deploy import ProofError

pytestmark = pytest.mark.server

RECORD = """
xtrig: 1
schema: audit
tables: {log: {create: false, columns: {who: text}}}
triggers:
  t: {event: logon, steps: [{insert: log, values: {who: "${login_user}"}}]}
"""
SELDOM = RECORD.replace('_user}"}}', '_user}"}, when: "${login_user} = \'nobody\'"}')
COMMANDS = """
xtrig: 1
schema: audit
tables: {log: {create: false, columns: {who: text}}}
triggers:
  t:
    event: ddl_command_end
    steps: [{for_each: ddl_command, do: [{insert: log, values: {who: "${object_identity}"}}]}]
"""
LOG = "CREATE SCHEMA audit CREATE TABLE log (who text, n int DEFAULT 1); "


def fires(when: str, body: str) -> str:
    """Return a trigger of the table."""
    return (
        f"CREATE FUNCTION audit.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$; "
        f"CREATE TRIGGER zap {when} INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION audit.f()"
    )


VIEW = LOG + "ALTER TABLE audit.log RENAME TO rows; CREATE VIEW audit.log AS SELECT DISTINCT who FROM audit.rows; "
DISCARDED = {
    "a trigger that returns NULL": (LOG + fires("BEFORE", "RETURN NULL;"), RECORD, "trigger zap"),
    "the same, of a step that does not run": (LOG + fires("BEFORE", "RETURN NULL;"), SELDOM, "trigger zap"),
    "the same, of commands": (LOG + fires("BEFORE", "RETURN NULL;"), COMMANDS, "trigger zap"),
    "a trigger that deletes it": (
        LOG + fires("AFTER", "DELETE FROM audit.log WHERE who = NEW.who; RETURN NULL;"),
        RECORD,
        "trigger zap",
    ),
    "a rule": (LOG + "CREATE RULE nothing AS ON INSERT TO audit.log DO INSTEAD NOTHING", RECORD, "rule nothing"),
    "a view whose trigger does nothing": (VIEW + fires("INSTEAD OF", "RETURN NEW;"), RECORD, "trigger zap"),
    "a body": (
        LOG + fires("BEFORE", "RETURN NULL;"),
        written("begin insert into audit.log (who) values (session_user) on conflict do nothing; end"),
        "trigger zap discards it, in line 1",
    ),
    "a query of a body": (
        LOG + fires("BEFORE", "RETURN NULL;"),
        written("begin insert into audit.log select command_tag from pg_event_trigger_ddl_commands(); end").replace(
            "event: logon", "event: ddl_command_end"
        ),
        "trigger zap",
    ),
}
ARRIVING = {
    "in a child table": LOG
    + "CREATE TABLE audit.child () INHERITS (audit.log); "
    + fires("BEFORE", "INSERT INTO audit.child VALUES (NEW.*); RETURN NULL;"),
    "in the row that is there": LOG
    + fires(
        "BEFORE", "UPDATE audit.log SET n = n + 1 WHERE who = NEW.who; IF found THEN RETURN NULL; END IF; RETURN NEW;"
    ),
    "of all but the deploying role": LOG
    + fires("BEFORE", "IF NEW.who = 'postgres' THEN RETURN NULL; END IF; RETURN NEW;"),
    "in the place of an older one": LOG
    + "INSERT INTO audit.log VALUES ('old'); "
    + fires("AFTER", "DELETE FROM audit.log WHERE who <> NEW.who; RETURN NULL;"),
    "through a view": VIEW + fires("INSTEAD OF", "INSERT INTO audit.rows VALUES (NEW.who); RETURN NEW;"),
    "in a partition": "CREATE SCHEMA audit CREATE TABLE log (who text) PARTITION BY LIST (who); "
    "CREATE TABLE audit.rest PARTITION OF audit.log DEFAULT",
}


@pytest.mark.parametrize("case", DISCARDED)
def test_a_row_that_is_discarded_fails_the_rehearsal(case: str, site: Site) -> None:
    made, definition, by = DISCARDED[case]
    site.admin.execute(made)
    failure = site.fails(definition, ProofError)
    assert f"no row arrives in audit.log: {by}" in failure.message
    assert failure.message.endswith(UNTOUCHED)


KEYED = "CREATE SCHEMA audit CREATE TABLE log (who text, at timestamptz DEFAULT now(), n int, UNIQUE ({}) INCLUDE (n))"
ASKED = RECORD.replace(
    '_user}"}}', '_user}"}, when: "NOT EXISTS (SELECT 1 FROM audit.log s WHERE s.who = ${login_user})"}'
)
BODY = "begin insert into audit.log (who) values (session_user){} end"


@pytest.mark.parametrize(
    ("key", "definition"),
    [
        ("(who) INCLUDE (n)", RECORD),
        ("(who) INCLUDE (n)", RECORD.replace('who: "${login_user}"', 'who: "lower(${login_user}) || ${database}"')),
        ("(who) INCLUDE (n)", written(BODY.format(";"))),
        ("(who) INCLUDE (n)", RECORD.replace("logon", "ddl_command_end")),
        ("(lower(who))", RECORD),
    ],
    ids=["a step", "an expression", "a body", "commands", "a key of an expression"],
)
def test_a_key_that_keeps_out_each_later_row_fails_the_rehearsal(key: str, definition: str, site: Site) -> None:
    site.admin.execute("CREATE SCHEMA audit CREATE TABLE log (who text, at timestamptz DEFAULT now(), n int)")
    site.admin.execute(f"CREATE UNIQUE INDEX log_key ON audit.log {key}".encode())
    failure = site.fails(definition, ProofError)
    assert "only the first row arrives in audit.log: log_key keeps out each other one like it" in failure.message
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize(
    ("key", "definition"),
    [
        ("who, at", RECORD),
        ("who", ASKED),
        ("who", RECORD.replace("steps: [", 'steps: [{sql: "DELETE FROM audit.log WHERE who = ${login_user}"}, ')),
        ("who", written(BODY.format("; exception when unique_violation then null;"))),
        ("who", written(BODY.format(" on conflict do nothing;"))),
    ],
    ids=["with a time", "asked before", "deleted before", "handled", "on conflict"],
)
def test_a_key_that_is_reckoned_with_is_none_that_keeps_rows_out(key: str, definition: str, site: Site) -> None:
    site.admin.execute(KEYED.format(key).encode())
    assert site.apply(definition).failed is None
    assert (site.log_in(), site.log_in()) == (None, None)
    assert site.value("SELECT count(*) FROM audit.log WHERE who = 'alice'") == (2 if "at" in key else 1)


def test_a_value_that_is_wrong_each_time_is_found_in_a_step_that_does_not_run(site: Site) -> None:
    site.admin.execute(
        "CREATE SCHEMA audit; CREATE TYPE audit.kind AS ENUM ('a'); CREATE TABLE audit.log (who audit.kind)"
    )
    definition = SELDOM.replace("{who: text}", "{who: audit.kind}").replace('who: "${login_user}"', "who: \"'b'\"")
    assert 'invalid input value for enum audit.kind: "b"' in site.fails(definition, ProofError).message
    site.admin.execute(
        "ALTER TABLE audit.log RENAME TO a; CREATE VIEW audit.log AS SELECT who::text FROM audit.a LIMIT 1"
    )
    assert 'cannot insert into view "log"' in site.fails(SELDOM, ProofError).message


@pytest.mark.parametrize("case", ARRIVING)
def test_a_row_that_arrives_otherwise_is_a_record(case: str, site: Site) -> None:
    site.admin.execute(ARRIVING[case])
    assert site.apply(RECORD).failed is None
    assert site.log_in() is None
    assert site.value("SELECT count(*) FROM audit.log WHERE who = 'alice'") == 1
