"""What xtrig renders for PolarDB's logon and logoff, fired on PostgreSQL 18 through a function that plays the wrapper.

The helper is fired as it is: plain plpgsql. No PolarDB server was at hand; what the vendor's form does itself is not
shown here.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.pq import ExecStatus

import xtrig
from tests.server.conftest import Database
from tests.server.played import LOGOFF, LOGON, log_in, play, rows, run
from tests.server.test_polardb_deploying import pretend
from xtrig.audit import session_audit
from xtrig.dialect.deployment import Inventory, Proof
from xtrig.dialect.objects import Action, Change
from xtrig.errors import DriverError
from xtrig.registry import get_dialect
from xtrig.resolve import resolve
from xtrig_pgfamily.driver.address import address_for
from xtrig_pgfamily.driver.traits import Traits

pytestmark = pytest.mark.server

RIGHTS = ("SECURITY INVOKER", "SECURITY DEFINER")
DIALECTS = ("polardb", "polardb-oracle")
SIGNATURE = "text, text, text, integer, text, text"
TABLE = """
xtrig: 1
schema: audit
tables: {log: {columns: {who: text, database: text, ip: text, instance: integer, event: text, at: timestamptz}}}
"""
NOTE = f"""{TABLE}
functions:
  note:
    exempt_roles: [nobody]
    steps:
      - insert: log
        when: "${{login_user}} <> 'x' AND ${{event}} IN ('logon', 'logoff')"
        values:
          who: "${{login_user}}"
          database: "${{database}}"
          ip: "${{client_ip}}"
          instance: "${{instance}}"
          event: "${{event}}"
          at: "${{now}}"
triggers:
  on: {{event: logon, run: note}}
  off: {{event: logoff, run: note}}
"""
DEFINITION = xtrig.load_text(NOTE)
PLSQL = xtrig.load_text(NOTE.replace("  note:\n", "  note:\n    language: plsql\n"))
RECORDED = "SELECT who, event FROM audit.log ORDER BY at"


@pytest.fixture(autouse=True)
def joe(database18: Database) -> Iterator[None]:
    """An ordinary role with a schema of its own, and no other right."""
    run(database18, "CREATE ROLE joe LOGIN; CREATE SCHEMA evil AUTHORIZATION joe; CREATE ROLE wrapper_team")
    yield
    run(database18, "DROP OWNED BY joe CASCADE; DROP ROLE joe; DROP ROLE wrapper_team")


def log_since(database: Database, start: int) -> str:
    return database.server.log_text()[start:]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("definition", "rights"),
    # Without its owner's rights a function that is all PL/SQL may write nothing.
    [(DEFINITION, RIGHTS[0]), (DEFINITION, RIGHTS[1]), (PLSQL, RIGHTS[1])],
    ids=["wrapper of the user", "wrapper of the owner", "plsql"],
)
def test_a_session_is_recorded_with_what_the_vendors_variables_say(
    database18: Database, definition: xtrig.TriggerSet, dialect: str, rights: str
) -> None:
    play(database18, definition, dialect=dialect, events=(LOGON, LOGOFF), rights=rights)
    log_in(database18, "joe").close()
    found = rows(database18, "SELECT who, database, ip, instance, event, clock_timestamp() - at FROM audit.log")
    assert [each[:5] for each in found] == [("joe", database18.name, None, 1, event) for event in ("logon", "logoff")]
    assert all(0 <= each[5].total_seconds() < 5 for each in found)
    assert found[0][5] > found[1][5], "each event has its own time, though both are of one transaction here"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("language", ["native", "plsql"])
def test_no_setting_outlives_the_function(database18: Database, language: str, dialect: str) -> None:
    said = f"  note:\n    language: {language}\n    durability: relaxed\n    lock_timeout: 250ms\n"
    play(database18, xtrig.load_text(NOTE.replace("  note:\n", said)), dialect=dialect, rights="SECURITY DEFINER")
    with log_in(database18, "joe") as session:
        changed = (
            "SELECT name, setting FROM pg_settings WHERE context IN ('user', 'superuser') AND setting <> reset_val"
        )
        assert session.execute(changed).fetchall() == []
    assert len(rows(database18, RECORDED)) == 1


@pytest.mark.parametrize("rights", RIGHTS)
def test_who_may_call_the_helper_hangs_on_the_rights_of_the_wrapper(database18: Database, rights: str) -> None:
    play(database18, DEFINITION, rights=rights)
    asked = (
        f"SELECT has_function_privilege('joe', 'audit.note({SIGNATURE})', 'EXECUTE'), "
        "has_schema_privilege('joe', 'audit', 'USAGE')"
    )
    assert rows(database18, asked) == [(rights == "SECURITY INVOKER",) * 2]


def test_an_invoker_is_refused_where_the_form_gives_its_owners_rights(database18: Database) -> None:
    invoker = xtrig.load_text(NOTE.replace("  note:\n", "  note:\n    security: invoker\n"))
    with pytest.raises(psycopg.errors.RaiseException, match="security: invoker: this server gives the function"):
        play(database18, invoker, rights="SECURITY DEFINER")


BECOME = "BEGIN ALTER ROLE joe SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END"
ATTACKS = {
    "operator": f"""
        CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN $1 LIKE $2; END$$;
        CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
        CREATE FUNCTION evil.ne(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN true; END$$;
        CREATE OPERATOR evil.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.ne)""",
    "domain": f"""
        CREATE FUNCTION evil.holds(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN true; END$$;
        CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.holds(VALUE));
        CREATE DOMAIN evil.record AS pg_catalog.text CHECK (evil.holds(VALUE))""",
    "aggregate": f"""
        CREATE FUNCTION evil.step(bigint) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 1; END$$;
        CREATE AGGREGATE evil.count(*) (SFUNC = evil.step, STYPE = bigint, INITCOND = 0)""",
    "function": f"""
        CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN 'on'; END$$;
        CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN pg_catalog.now(); END$$;
        CREATE FUNCTION evil.pg_is_in_recovery() RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN true; END$$;
        CREATE FUNCTION evil.host(inet) RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 'x'; END$$""",
    "evasion": """
        CREATE FUNCTION evil.eq(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.eq);
        CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq)""",
    "cast": f"""
        CREATE TYPE evil.own AS (a text);
        CREATE FUNCTION evil.as_text(evil.own) RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 'x'; END$$;
        CREATE CAST (evil.own AS text) WITH FUNCTION evil.as_text(evil.own) AS IMPLICIT;
        CREATE DOMAIN evil.name AS evil.own;
        CREATE DOMAIN evil.regclass AS evil.own""",
    "relation": f"""
        CREATE FUNCTION evil.found() RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 'wrapper_team'; END$$;
        CREATE VIEW evil.pg_roles AS SELECT 1 AS oid, evil.found() AS rolname;
        CREATE VIEW evil.pg_auth_members AS SELECT 1 AS roleid, 1 AS member, evil.found()""",
    "variadic": f"""
        CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN 'SELECT 1'; END$$;
        CREATE FUNCTION evil.json_build_object(VARIADIC text[]) RETURNS json LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN '{{}}'; END$$;
        CREATE FUNCTION evil.has_function_privilege(name, text, text) RETURNS boolean LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN true; END$$""",
    "overload": f"""
        CREATE FUNCTION evil.note(text, text, text, integer, text, text) RETURNS text LANGUAGE plpgsql AS
            $$BEGIN {BECOME}; RETURN NULL; END$$""",
}
UNPINNED = (("    SET search_path = pg_catalog, pg_temp\n", ""),)
UNPINNED_PLSQL = (("xtrig_ignored := pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);", "NULL;"),)
GRANTING = NOTE.replace("    steps:\n", '    steps:\n      - {grant_role: wrapper_team, to: "${login_user}"}\n')


def attacked(database: Database, attack: str) -> tuple[bool, int]:
    """Log in with the attack's objects first in the path; return whether joe is superuser, and how often recorded."""
    with log_in(database, "joe") as session:
        session.execute(ATTACKS[attack].encode())
    run(database, "DELETE FROM audit.log; REVOKE wrapper_team FROM joe")
    log_in(database, "joe", "-c search_path=evil,pg_catalog").close()
    ((is_superuser,),) = rows(database, "SELECT rolsuper FROM pg_roles WHERE rolname = 'joe'")
    return is_superuser, len(rows(database, RECORDED))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("rights", RIGHTS)
def test_a_clients_search_path_runs_nothing_with_the_owners_rights(
    database18: Database, attack: str, rights: str
) -> None:
    play(database18, xtrig.load_text(GRANTING), rights=rights)
    assert attacked(database18, attack) == (False, 1)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nor_does_it_where_all_is_plsql(database18: Database, attack: str, dialect: str) -> None:
    play(database18, PLSQL, dialect=dialect, rights="SECURITY DEFINER")
    assert attacked(database18, attack) == (False, 1)


@pytest.mark.parametrize(
    ("definition", "unpinned"), [(DEFINITION, UNPINNED), (PLSQL, UNPINNED_PLSQL)], ids=["wrapper", "plsql"]
)
def test_without_the_pin_the_same_attack_succeeds(
    database18: Database, definition: xtrig.TriggerSet, unpinned: tuple[tuple[str, str], ...]
) -> None:
    play(database18, definition, rights="SECURITY DEFINER", changed=unpinned)
    assert attacked(database18, "operator")[0]


CALL = "SELECT audit.note('{}', 'd', '6.6.6.6', 7, 'after_user_logon', '')"


STATEMENTS = {
    "query": "CALL",
    "block": "DO $$BEGIN PERFORM audit.note('WHO', 'd', '6.6.6.6', 7, 'after_user_logon', ''); END$$",
    "cursor": "BEGIN; DECLARE c CURSOR FOR CALL; FETCH c",
    "prepared": "PREPARE p AS CALL; EXECUTE p",
    "generated rows": "CREATE TABLE evil.a AS CALL",
    "trigger": "DEFERRED; SET CONSTRAINTS ALL IMMEDIATE; INSERT INTO evil.t VALUES (1)",
    "trigger at commit": "DEFERRED; BEGIN; INSERT INTO evil.t VALUES (1); COMMIT",
    "index": "CREATE TABLE evil.i (a int); INSERT INTO evil.i VALUES (1); CREATE FUNCTION evil.f(int) RETURNS text "
    "IMMUTABLE LANGUAGE plpgsql AS $$BEGIN RETURN (CALL); END$$; CREATE INDEX ON evil.i (evil.f(a))",
    "event of the logoff": "SELECT audit.note('WHO', 'd', '6.6.6.6', 7, 'before_user_logoff', '')",
}


@pytest.mark.parametrize("who", ["joe", "postgres"], ids=["a second logon", "another user"])
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_a_call_by_a_statement_is_refused(database18: Database, statement: str, who: str) -> None:
    play(database18, DEFINITION)
    text = statement.replace("DEFERRED", DEFERRED).replace("CALL", CALL.format("WHO")).replace("WHO", who)
    with log_in(database18, "joe") as session, pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
        session.execute(text.encode())
    assert "function audit.note is called by its trigger alone" in str(refused.value)
    assert rows(database18, RECORDED) == [("joe", "logon")]


def test_nobody_may_call_it_where_the_wrapper_has_its_owners_rights(database18: Database) -> None:
    play(database18, DEFINITION, rights="SECURITY DEFINER")
    with log_in(database18, "joe") as session, pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission"):
        session.execute(CALL.format("joe"))
    assert rows(database18, RECORDED) == [("joe", "logon")]


DEFERRED = """
CREATE FUNCTION evil.forge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM audit.note('WHO', 'd', '6.6.6.6', 7, 'after_user_logon', ''); RETURN NULL; END$$;
CREATE TABLE evil.t (a int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON evil.t DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION evil.forge()
"""


def at_the_end_of_a_pipeline(database: Database, who: str) -> None:
    """Have a deferred trigger call it where no statement is running any more: at Sync."""
    with log_in(database, "joe") as session:
        session.execute(DEFERRED.replace("WHO", who).encode())
    with log_in(database, "joe") as session:
        connection = session.pgconn
        connection.nonblocking = 0
        connection.enter_pipeline_mode()
        connection.send_query_params(b"INSERT INTO evil.t VALUES (1)", None)
        connection.pipeline_sync()
        while (result := connection.get_result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
            pass
        connection.exit_pipeline_mode()


def by_the_fast_path(database: Database, who: str) -> None:
    """Call it by the protocol's function call, which is no statement."""
    with log_in(database, "joe") as session:
        ((oid,),) = session.execute(f"SELECT 'audit.note({SIGNATURE})'::regprocedure::oid").fetchall()
        session.commit()
        values = [who, "d", "6.6.6.6", "7", LOGON, ""]
        given = b"".join(struct.pack("!i", len(each)) + each.encode() for each in values)
        message = struct.pack("!ihh", oid, 0, len(values)) + given + struct.pack("!h", 0)
        with socket.socket(fileno=session.pgconn.socket) as wire:
            wire.setblocking(True)
            wire.sendall(b"F" + struct.pack("!i", len(message) + 4) + message)
            wire.settimeout(5)
            answer = b""
            while not answer.endswith(b"Z\0\0\0\x05I"):
                answer += wire.recv(8192)
            wire.detach()


@pytest.mark.parametrize("way", [at_the_end_of_a_pipeline, by_the_fast_path])
@pytest.mark.parametrize("who", ["joe", "postgres"])
def test_nor_is_there_a_way_around_statements(
    database18: Database, way: Callable[[Database, str], None], who: str
) -> None:
    play(database18, DEFINITION)
    way(database18, who)
    assert {each for each, _ in rows(database18, RECORDED)} == {"joe"}
    assert rows(database18, "SELECT count(*) FROM audit.log WHERE ip = '6.6.6.6'") == [(0,)]


@pytest.mark.parametrize("way", [at_the_end_of_a_pipeline, by_the_fast_path])
def test_without_the_look_at_the_state_there_is_one(database18: Database, way: Callable[[Database, str], None]) -> None:
    play(database18, DEFINITION, changed=[(" OR state IN ('active', 'fastpath function call')", "")])
    way(database18, "postgres")
    assert ("postgres",) in rows(database18, "SELECT who FROM audit.log WHERE ip = '6.6.6.6'")


@pytest.mark.parametrize(
    "blinded", ["ALTER DATABASE {} SET track_activities = off", "ALTER FUNCTION audit.note({}) OWNER TO blind"]
)
def test_where_the_state_is_hidden_nobody_can_be_somebody_else(database18: Database, blinded: str) -> None:
    play(database18, DEFINITION)
    run(database18, "CREATE ROLE blind; GRANT USAGE, CREATE ON SCHEMA audit TO blind; GRANT ALL ON audit.log TO blind")
    try:
        run(database18, blinded.format(database18.name if "DATABASE" in blinded else SIGNATURE))
        at_the_end_of_a_pipeline(database18, "postgres")
        with log_in(database18, "joe") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(CALL.format("joe"))
        assert {each for each, _ in rows(database18, RECORDED)} == {"joe"}
    finally:
        run(database18, "DROP OWNED BY blind CASCADE; DROP ROLE blind")


@pytest.mark.parametrize("fault", ["read only", "table gone", "locked"])
def test_what_cannot_be_written_leaves_a_line_and_a_usable_session(database18: Database, fault: str) -> None:
    play(database18, DEFINITION)
    start = len(database18.server.log_text())
    holder = database18.connect(options="-c event_triggers=off")
    if fault == "table gone":
        holder.execute("DROP TABLE audit.log")
        holder.commit()
    elif fault == "locked":
        holder.execute("BEGIN; LOCK TABLE audit.log")
    with log_in(database18, "joe", "-c default_transaction_read_only=on" if fault == "read only" else "") as session:
        assert session.execute("SHOW lock_timeout").fetchone() == ("0",), "it ends with the function"
        assert session.execute("SHOW search_path").fetchone() == ('"$user", public',)
    holder.close()
    outcome = "not written" if fault == "read only" else "error"
    assert f'"outcome" : "{outcome}", "function" : "audit.note", "event" : "logon"' in log_since(database18, start)


READ_ONLY = {
    "option": ("", "-c default_transaction_read_only=on"),
    "role": ("ALTER ROLE joe SET default_transaction_read_only = on", ""),
    "database": ("ALTER DATABASE {} SET default_transaction_read_only = on", ""),
    "role in this database": ("ALTER ROLE joe IN DATABASE {} SET default_transaction_read_only = on", ""),
}


@pytest.mark.parametrize("event", [LOGON, LOGOFF])
@pytest.mark.parametrize("how", READ_ONLY)
def test_a_read_only_session_leaves_a_line_with_what_was_not_written(
    database18: Database, how: str, event: str
) -> None:
    play(database18, DEFINITION, events=(event,))
    said, options = READ_ONLY[how]
    if said:
        run(database18, said.format(database18.name))
    start = len(database18.server.log_text())
    with log_in(database18, "joe", options) as session:
        session.execute("SET default_transaction_read_only = off")
        session.execute("CREATE TABLE evil.t (a int)")
    with database18.connect(options="-c event_triggers=off -c default_transaction_read_only=off") as admin:
        admin.execute(f"ALTER DATABASE {database18.name} RESET ALL".encode())
    assert rows(database18, RECORDED) == []
    portable = {LOGON: "logon", LOGOFF: "logoff"}[event]
    line = f'"outcome" : "not written", "function" : "audit.note", "event" : "{portable}", "login_user" : "joe"'
    assert log_since(database18, start).count(line) == 1


BACKSLASHES = r"""
xtrig: 1
schema: audit
tables: {log: {columns: {who: text, what: text}}}
triggers:
  on:
    event: logon
    exempt_roles: ['no\body']
    steps:
      - {insert: log, values: {who: "${login_user}", what: "'back\\slash'"}}
      - {insert: log, values: {who: "${login_user}", what: "'it''s \\'"}}
      - {insert: log, when: "${login_user} <> '\\'", values: {who: "${login_user}", what: "chr(92) || '\\n'"}}
      - {log: 'a \ in a message'}
"""


@pytest.mark.parametrize("conforming", ["on", "off"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_backslash_is_one_whatever_a_client_sets(database18: Database, dialect: str, conforming: str) -> None:
    play(database18, xtrig.load_text(BACKSLASHES), dialect=dialect)
    start = len(database18.server.log_text())
    log_in(database18, "joe", f"-c standard_conforming_strings={conforming} -c backslash_quote=on").close()
    assert rows(database18, "SELECT what FROM audit.log") == [("back\\slash",), ("it's \\",), ("\\\\n",)]
    assert "a \\ in a message" in log_since(database18, start)


HIDDEN = "held ignored xtrig_ignored said problem result text who event log item".split()
"""Names that a variable of a function could have, or had."""


@pytest.mark.parametrize("language", ["native", "plsql"])
def test_no_column_is_hidden_by_a_variable(database18: Database, language: str) -> None:
    run(database18, f"CREATE TABLE evil.seen (n int, {', '.join(f'{each} int DEFAULT 0' for each in HIDDEN)})")
    run(database18, "INSERT INTO evil.seen (n) VALUES (0); GRANT ALL ON evil.seen TO PUBLIC")
    added = ", ".join(f"{each} = {each} + 1" for each in HIDDEN if each != "xtrig_ignored")
    statement = f"UPDATE evil.seen SET n = n + 1, {added} WHERE held >= 0 AND item + said >= 0"
    trigger = f"{{event: logon, language: {language}, steps: [{{sql: '{statement}'}}]}}"
    play(
        database18, xtrig.load_text(f"xtrig: 1\nschema: audit\ntriggers: {{on: {trigger}}}"), rights="SECURITY DEFINER"
    )
    log_in(database18, "joe").close()
    assert rows(database18, "SELECT n, held, ignored, said, problem, result, item FROM evil.seen") == [(1,) * 7]


AMBIGUOUS = f"""{TABLE.replace("{who: text,", "{polar_login_user: text, tg_event: text,")}
triggers:
  on:
    event: logon
    ignore: {{XT237: to see it}}
    steps:
      - {{insert: log, values: {{polar_login_user: "${{login_user}}"}}}}
      - {{insert: log, when: "CONDITION", values: {{tg_event: "'x'"}}}}
"""


@pytest.mark.parametrize(
    "condition",
    [
        "NOT EXISTS (SELECT 1 FROM log WHERE polar_login_user = 'x')",
        "EXISTS (SELECT 1 FROM log WHERE log.polar_login_user = ${login_user})",
        "EXISTS (SELECT 1 FROM log WHERE tg_event IS NULL)",
        "(SELECT max(${native_event}) FROM log) IS NOT NULL",
    ],
)
def test_a_column_with_the_name_of_a_variable_is_refused_since_it_fails_each_time(
    database18: Database, condition: str
) -> None:
    text = AMBIGUOUS.replace("CONDITION", condition)
    with pytest.raises(xtrig.RefusedError, match="is a column there, and a variable of the function on PolarDB"):
        xtrig.render(xtrig.load_text(text.replace("    ignore: {XT237: to see it}\n", "")), "polardb")
    play(database18, xtrig.load_text(text))
    start = len(database18.server.log_text())
    log_in(database18, "joe").close()
    assert "is ambiguous" in log_since(database18, start)
    assert rows(database18, "SELECT count(*) FROM audit.log") == [(0,)]


MUTANTS = {
    "the names of the events swapped": (
        ("WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff'"),
        ("WHEN 'after_user_logon' THEN 'logoff' WHEN 'before_user_logoff' THEN 'logon'"),
    ),
    "a name of an event misspelt": ("WHEN 'before_user_logoff'", "WHEN 'before_user_logof'"),
    "lock_timeout for the whole session": (
        "    BEGIN\n        -- standby",
        "    PERFORM set_config('lock_timeout', '250ms', false);\n    BEGIN\n        -- standby",
    ),
    "the date for the time": ("clock_timestamp()", "CURRENT_DATE"),
    "the time of the transaction": ("clock_timestamp()", "now()"),
    "the time of the statement": ("clock_timestamp()", "statement_timestamp()"),
    "a variable misspelt": ("polar_login_user,", "polar_login_usr,"),
    "another variable": ("polar_database_name,", "polar_login_user,"),
    "the arguments in another order": (
        "CAST(polar_database_name AS pg_catalog.text),\n        CAST(polar_client_ip AS pg_catalog.text)",
        "CAST(polar_client_ip AS pg_catalog.text),\n        CAST(polar_database_name AS pg_catalog.text)",
    ),
    "no row at logoff": ("'logon', 'logoff')", "'logon')"),
    "a variable that is not declared": ("    xtrig_ignored pg_catalog.text;\n", ""),
    "a statement misspelt": ("INSERT INTO audit.log", "INSRT INTO audit.log"),
}
"""What the tests above have to notice: each is tried here, and has to make them fail."""


def observed(database: Database, changed: Sequence[tuple[str, str]] = ()) -> tuple[Any, ...]:
    """Return what lock_timeout is after a login, and what was recorded of it."""
    play(database, DEFINITION, events=(LOGON, LOGOFF), changed=changed)
    with log_in(database, "joe") as session:
        bound = session.execute("SHOW lock_timeout").fetchone()
    told = "SELECT event, who, database, ip, instance, abs(extract(epoch FROM clock_timestamp() - at)) < 5"
    later = "at > lag(at) OVER (ORDER BY at, event DESC)"
    return bound, rows(database, f"{told}, {later} FROM audit.log ORDER BY at, event DESC")


@pytest.mark.parametrize("mutant", [None, *MUTANTS])
def test_every_mutant_is_noticed(database18: Database, mutant: str | None) -> None:
    of_both = ("joe", database18.name, None, 1, True)
    right = (("0",), [("logon", *of_both, None), ("logoff", *of_both, True)])
    if mutant is None:
        assert observed(database18) == right
        return
    # An error: it is not made, or the played trigger fails; on PolarDB a warning at CREATE FUNCTION, or at the login.
    with suppress(psycopg.Error):
        assert observed(database18, [MUTANTS[mutant]]) != right


def rehearsed(database: Database, definition: str, dialect: str = "polardb") -> None:
    """Run the rehearsal of the first stage, in a transaction that is rolled back."""
    deployment = get_dialect(dialect).deployment(resolve(xtrig.load_text(definition)), (17,))
    stages = deployment.stages([Change(Action.CREATE, each) for each in deployment.objects], Inventory(()))
    (probe,) = (stage for stage in stages if stage.proof is Proof.REHEARSAL)
    run(database, "CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE IF NOT EXISTS app.seen (who text, n integer)")
    with database.connect(options="-c event_triggers=off") as admin, admin.transaction(force_rollback=True):
        for statement in probe.statements:
            if "xtrig_rehearsal" in statement.sql or statement.sql.startswith("CREATE TABLE"):
                admin.execute("CREATE SCHEMA IF NOT EXISTS audit")
                admin.execute(statement.sql.encode())


SEEN = NOTE.replace("    steps:\n", '    steps:\n      - {sql: "STATEMENT", when: "${event} = \'logoff\'"}\n')


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("UPDATE app.seen SET n = n + 1 WHERE who = ${login_user}", ""),
        ("UPDATE app.seen SET m = m + 1 WHERE who = ${login_user}", 'column "m" does not exist'),
        ("UPDATE app.gone SET n = n + 1", 'relation "app.gone" does not exist'),
        ("UPDATE app.seen SET n = polar_user", 'column "polar_user" does not exist'),
        ("PERFORM app.missing(${client_ip})", "function app.missing(text) does not exist"),
        (
            "INSERT INTO app.seen VALUES (${login_user}, ${now})",
            "is of type integer but expression is of type timestamp",
        ),
        ("INSRT INTO app.seen VALUES (1)", '"app.seen" is not a known variable'),
    ],
)
def test_a_step_that_fails_at_every_run_fails_the_first_stage(
    database18: Database, dialect: str, statement: str, refused: str
) -> None:
    definition = SEEN.replace("STATEMENT", statement)
    if refused:
        with pytest.raises(psycopg.Error, match=re.escape(refused)):
            rehearsed(database18, definition, dialect)
    else:
        rehearsed(database18, definition, dialect)
    assert rows(database18, "SELECT to_regprocedure('pg_temp.xtrig_rehearsal()')::text") == [(None,)]


WARNS = """
CREATE FUNCTION public.warns() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN RAISE WARNING 'event trigger occur error after user login. For more information, see log'; END$$;
CREATE EVENT TRIGGER warns ON login EXECUTE FUNCTION public.warns()
"""


def test_a_warning_of_a_login_is_a_failed_proof_where_warnings_mean_errors(database18: Database) -> None:
    heeding = replace(address_for(database18.url), traits=Traits(heeds_warnings=True))
    assert heeding.log_in({}) is None
    run(database18, WARNS)
    assert "was let in with a warning: event trigger occur error" in str(heeding.log_in({}))
    assert address_for(database18.url).log_in({}) is None
    run(
        database18,
        WARNS.split(";\nCREATE EVENT")[0].replace("CREATE", "CREATE OR REPLACE").replace("WARNING", "EXCEPTION"),
    )
    assert str(heeding.log_in({})).startswith("event trigger occur error")
    run(database18, "DROP EVENT TRIGGER warns")
    assert "does not exist" in str(heeding.changed(dbname="nowhere").log_in({}))


def test_a_warning_at_create_function_is_an_error_where_the_server_makes_what_it_cannot_compile(
    database18: Database,
) -> None:
    shadowed = (
        "CREATE OR REPLACE FUNCTION public.f(a integer) RETURNS integer LANGUAGE plpgsql "
        "AS 'DECLARE a integer; BEGIN END'"
    )
    for traits, is_refused in ((Traits(heeds_warnings=True), True), (Traits(), False)):
        with closing(replace(address_for(database18.url), traits=traits).open()) as session:
            session.execute("SET plpgsql.extra_warnings = 'shadowed_variables'")
            if is_refused:
                with pytest.raises(DriverError, match='the server warns: variable "a" shadows'):
                    session.execute(shadowed)
            else:
                session.execute(shadowed)
            session.execute("DO $$BEGIN RAISE WARNING 'of something else'; END$$")


WHOLE = """
SELECT 'trigger ' || evtname FROM pg_event_trigger
UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc AS p WHERE pronamespace = to_regnamespace('audit')
UNION ALL SELECT 'relation ' || c.oid::regclass FROM pg_class AS c WHERE relnamespace = to_regnamespace('audit')
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'audit'
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 'audit%'
"""


RECORD = session_audit(ddl=False)


@pytest.mark.parametrize("edition", ["polardb", "polardb-oracle"])
def test_what_a_script_that_was_run_by_hand_has_made_is_planned_and_dropped(
    database18: Database, edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as a community server goes: it has no such triggers, so a plan makes those two, and nothing else."""
    pretend(monkeypatch, edition, {"polardb": "17", "polardb-oracle": "2.0"}[edition])
    before = rows(database18, WHOLE)
    version = {"polardb": "17", "polardb-oracle": "2.0"}[edition]
    play(database18, RECORD, dialect=edition, target_version=version)
    run(database18, "DROP EVENT TRIGGER session_audit_logon")
    planned = xtrig.plan(RECORD, database18.url, dialect=edition)
    assert not planned.refusals
    assert [str(change.action) for change in planned.changes] == ["create", "create"]
    assert {change.name for change in planned.changes} == {"session_audit_logon", "session_audit_logoff"}
    report = xtrig.drop(RECORD, database18.url, dialect=edition, with_data=True)
    left = set(rows(database18, WHOLE)) - set(before)
    assert all(any(name.partition(" ")[2] in note for note in report.notes) for (name,) in left), (left, report.notes)
    assert left <= {("role audit_reader",)}
    again = xtrig.plan(RECORD, database18.url, dialect=edition)
    assert {str(change.action) for change in again.changes} == {"create"}
    run(database18, "DROP ROLE IF EXISTS audit_reader")


def test_a_denied_session_is_ended_although_a_step_before_it_fails(database18: Database) -> None:
    firewall = f"""{TABLE}
triggers:
  firewall:
    event: logon
    exempt_roles: [postgres]
    steps:
      - {{insert: log, values: {{who: "${{login_user}}"}}}}
      - {{deny: not you, when: "${{application}} = 'badapp'", enforce: terminate}}
      - {{log: "${{login_user}} came in"}}
"""
    play(database18, xtrig.load_text(firewall))
    run(database18, "DROP TABLE audit.log")
    with pytest.raises(psycopg.OperationalError, match="terminating connection due to administrator command"):
        log_in(database18, "joe", application_name="badapp")
    start = len(database18.server.log_text())
    log_in(database18, "joe", application_name="goodapp").close()
    assert "joe came in" in log_since(database18, start)
