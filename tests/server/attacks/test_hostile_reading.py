"""Attack 3: what a superuser reads is mallory's, and reading it runs her code."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import NullPool, create_engine

from tests.server.attacks.mallory import LOG, SESSIONS, Target, holds
from xtrig.audit import read
from xtrig.errors import XtrigError

# The columns that xtrig reads; {trap} is an expression of type text that calls mallory's function.
VIEWS = """
CREATE VIEW {schema}.sessions AS SELECT {trap} AS session_id, 'alice'::text AS login_user, 'd'::text AS database_name,
    NULL::text AS client_ip, 1 AS client_port, ''::text AS application, ''::text AS auth_method, 1 AS backend_pid,
    '1'::text AS instance, now() - interval '1 min' AS logon_at, NULL::timestamptz AS logoff_at,
    NULL::text AS ended_by, NULL::timestamptz AS last_seen_at, NULL::timestamptz AS detected_at, ''::text AS source,
    interval '1 s' AS duration;
CREATE VIEW {schema}.refused_logins AS SELECT now() - interval '1 min' AS at, {trap} AS session_id,
    'alice'::text AS login_user, 'd'::text AS database_name, ''::text AS client_ip, ''::text AS application,
    '28P01'::text AS sqlstate, ''::text AS message;
CREATE VIEW {schema}.coverage_gaps AS SELECT now() - interval '1 min' AS since, now() AS until, {trap} AS reason;
CREATE VIEW {schema}.tamper_findings AS SELECT {trap} AS subject, ''::text AS message, now() AS at;
CREATE VIEW {schema}.ddl_log AS SELECT 1 AS id, now() - interval '1 min' AS at, {trap} AS login_user,
    ''::text AS command_tag, ''::text AS object_type, ''::text AS object_identity;
GRANT USAGE ON SCHEMA {schema} TO PUBLIC;
GRANT SELECT ON {schema}.sessions, {schema}.refused_logins, {schema}.coverage_gaps, {schema}.tamper_findings,
    {schema}.ddl_log TO PUBLIC;
"""
HISTORY = """
CREATE SCHEMA xtrig;
CREATE VIEW xtrig.deployments AS SELECT now() AS deployed_at, 'first'::text AS set_name, lair.loot() AS role,
    ''::text AS command, ''::text AS xtrig, ''::text AS before, ''::text AS after, '[]'::jsonb AS changes,
    '[]'::jsonb AS proofs, '[]'::jsonb AS unproved;
GRANT USAGE ON SCHEMA xtrig TO PUBLIC;
GRANT SELECT ON xtrig.deployments TO PUBLIC;
"""
COMMANDS = ("sessions", "who", "failed", "ddl", "report --html report.html", "verify")


def _read(target: Target, command: str, *arguments: str) -> None:
    word, *options = command.split()
    files = [target.given(SESSIONS)] if word == "verify" else []
    said = target.say("audit", word, *files, *options, *arguments, "--url", target.url)
    target.nothing_is_gained(said)


@pytest.mark.parametrize("command", COMMANDS)
def test_views_that_call_a_function_of_mallory_s(target: Target, command: str) -> None:
    """mallory makes the schema `audit` with views that call her function, and waits for a superuser who reads them.

    A function in a view runs with the rights of whoever reads, and READ ONLY forbids no COPY TO PROGRAM.
    """
    target.arm()
    target.as_mallory("CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap="lair.loot()"))
    _read(target, command)


@pytest.mark.parametrize("command", ["sessions", "report --html report.html"])
@pytest.mark.parametrize("schema", ["staff", 'Audit Of""Sessions'])
def test_a_schema_that_is_named(target: Target, command: str, schema: str) -> None:
    """The superuser names the schema of the audit, which is mallory's, by --schema."""
    target.arm()
    quoted = f'"{schema}"'
    target.as_mallory(f"CREATE SCHEMA {quoted};" + VIEWS.format(schema=quoted, trap="lair.loot()"))
    _read(target, command, "--schema", schema.replace('""', '"'))


TRAPS = {
    "an operator": (
        "CREATE FUNCTION lair.minus(text, integer) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';"
        "CREATE OPERATOR lair.- (LEFTARG = text, RIGHTARG = integer, FUNCTION = lair.minus)",
        "(''::text OPERATOR(lair.-) 1)",
    ),
    "a cast": (
        "CREATE TYPE lair.pair AS (a integer, b integer);"
        "CREATE FUNCTION lair.words(lair.pair) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';"
        "CREATE CAST (lair.pair AS text) WITH FUNCTION lair.words(lair.pair)",
        "((1, 2)::lair.pair::text)",
    ),
    "a domain": (
        "CREATE DOMAIN lair.checked AS text CHECK (lair.is_odd(VALUE))",
        "(now()::text::lair.checked::text)",
    ),
    "an aggregate": (
        "CREATE FUNCTION lair.step(text, integer) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';"
        "CREATE AGGREGATE lair.all_of(integer) (SFUNC = lair.step, STYPE = text)",
        "(SELECT lair.all_of(n) FROM generate_series(1, 2) AS n)",
    ),
    "another view": (
        "CREATE VIEW lair.inner_view AS SELECT lair.loot() AS words; GRANT SELECT ON lair.inner_view TO PUBLIC",
        "(SELECT words FROM lair.inner_view)",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_looks_like_no_call(target: Target, trap: str) -> None:
    """The view calls mallory's function by another form than a call."""
    target.arm()
    made, expression = TRAPS[trap]
    target.as_mallory(made)
    target.as_mallory("CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap=expression))
    _read(target, "sessions")


def test_a_view_of_the_superuser_s_own_over_one_of_mallory_s(target: Target) -> None:
    """The views are the superuser's and were made over a table of mallory's, who puts a view in its place."""
    target.arm()
    target.as_mallory("CREATE VIEW lair.words AS SELECT ''::text AS word; GRANT SELECT ON lair.words TO PUBLIC")
    target.run("CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap="(SELECT word FROM lair.words)"))
    target.as_mallory("CREATE OR REPLACE VIEW lair.words AS SELECT lair.loot() AS word")
    _read(target, "sessions")


def test_the_deployed_schema_is_given_to_mallory(target: Target) -> None:
    """The record was deployed well, then its schema was given to mallory, who replaces the views."""
    target.arm()
    target.deploy(SESSIONS)
    target.run("ALTER SCHEMA audit OWNER TO mallory; GRANT ALL ON SCHEMA audit TO mallory")
    views = "sessions, refused_logins, coverage_gaps, tamper_findings"
    target.as_mallory(f"SET search_path = audit; DROP VIEW {views}")
    target.as_mallory(VIEWS.format(schema="audit", trap="lair.loot()"))
    _read(target, "sessions")


def test_an_auditor_who_is_no_superuser(target: Target) -> None:
    """The reader is an ordinary auditor: mallory's function must not see what only the auditor may read.

    Reading is rolled back, so it can write nothing down; that it ran is in the server's log.
    """
    target.arm()
    target.run(
        "CREATE ROLE auditor LOGIN; CREATE TABLE public.secret AS SELECT 'the secret' AS word;"
        "GRANT USAGE ON SCHEMA public TO auditor; GRANT SELECT ON public.secret TO auditor"
    )
    target.as_mallory("""CREATE FUNCTION lair.tell() RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
            IF current_user = 'auditor' THEN
                RAISE LOG 'mallory has %', (SELECT word FROM public.secret);
            END IF;
            RETURN NULL;
        END $$""")
    target.as_mallory("CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap="lair.tell()"))
    said = target.say("audit", "sessions", "--url", target.server.url("auditor", target.database.name))
    time.sleep(0.3)  # the log is written by a process of its own
    lines = b"".join(path.read_bytes() for path in (target.server.data_dir / "log").glob("*.json"))
    holds(b"mallory has the secret" not in lines, f"her function ran as the auditor; xtrig left with {said.code}")


@pytest.mark.parametrize("command", ["import", "doctor", "status", "plan", "drop --dry-run"])
def test_other_commands_that_read(target: Target, command: str) -> None:
    """Event triggers, views, defaults and types of mallory's lie about while a superuser looks at the database."""
    target.arm()
    target.as_mallory("CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap="lair.loot()"))
    target.as_mallory("""
        CREATE DOMAIN lair.checked AS text CHECK (lair.is_odd(VALUE)) DEFAULT lair.loot();
        CREATE TABLE audit.log (at timestamptz, who lair.checked DEFAULT lair.loot());
        CREATE INDEX ON audit.log (lair.same(who));
        CREATE FUNCTION lair.version() RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';
        CREATE FUNCTION lair.format_type(oid, integer) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';
        CREATE FUNCTION lair.obj_description(oid, name) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';
        CREATE TABLE lair.pg_event_trigger (a integer)""")
    target.run(f"ALTER DATABASE {target.database.name} SET search_path = lair, pg_catalog, public")
    definition = SESSIONS if command in ("status", "plan", "drop --dry-run") else None
    said = target.xtrig(command.split()[0], definition, *command.split()[1:])
    target.nothing_is_gained(said)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["status", "audit sessions", "a caller's connection"])
def test_a_schema_that_comes_and_goes(target: Target, what: str) -> None:
    """mallory makes and drops her schema all the time: it is not there when xtrig asks whose it is, and there later."""
    target.arm()
    views = "CREATE SCHEMA audit;" + VIEWS.format(schema="audit", trap="lair.loot()")
    name, hers = ("xtrig", HISTORY) if what == "status" else ("audit", views)
    stop = threading.Event()

    def come_and_go() -> None:
        with target.enter() as session:
            while not stop.is_set():
                session.execute(hers.encode())
                session.execute(f"DROP SCHEMA {name} CASCADE".encode())

    thread = threading.Thread(target=come_and_go)
    thread.start()
    engine = create_engine(target.url, poolclass=NullPool)
    try:
        for _ in range(15):
            if what == "a caller's connection":
                with engine.connect() as connection, suppress(XtrigError):
                    read(connection)
            else:
                target.xtrig(what, LOG if what == "status" else None)
            target.nothing_is_gained()
    finally:
        stop.set()
        thread.join()
