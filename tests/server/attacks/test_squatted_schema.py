"""Attack 1: a schema that mallory made before the superuser deploys into it."""

from __future__ import annotations

import time

import pytest

from tests.server.attacks.mallory import LOG, SESSIONS, AttackSucceededError, Target, holds

SQUAT = "CREATE SCHEMA audit; GRANT ALL ON SCHEMA audit TO PUBLIC;"
INBOX = """
CREATE TABLE audit.session_inbox (
    login_user name, client_addr inet, client_port integer, application text, authn text, backend_pid integer,
    started_at timestamptz, synchronous_commit text, backend_start timestamptz, session_id text, ended_at timestamptz,
    ended_by text, last_seen_at timestamptz, detected_at timestamptz, source text
);
GRANT ALL ON audit.session_inbox TO PUBLIC;
"""
# Whoever owns logon() gives it another body, which runs with the rights of whoever logs in.
TAKE_LOGON = """
CREATE FUNCTION lair.take() RETURNS trigger LANGUAGE plpgsql AS $t$
BEGIN
    PERFORM lair.loot();
    EXECUTE $f$CREATE OR REPLACE FUNCTION audit.logon() RETURNS event_trigger LANGUAGE plpgsql SECURITY INVOKER
        AS 'BEGIN PERFORM lair.loot(); END'$f$;
    RETURN NEW;
END $t$;
"""
TRAPS = {
    "a table with a trigger": f"""
        DROP TABLE audit.session_inbox CASCADE; {INBOX} {TAKE_LOGON}
        CREATE TRIGGER trap BEFORE INSERT ON audit.session_inbox FOR EACH ROW EXECUTE FUNCTION lair.take()""",
    "a table with a default": f"""
        DROP TABLE audit.session_inbox CASCADE; {INBOX}
        ALTER TABLE audit.session_inbox ADD COLUMN trap text DEFAULT lair.loot()""",
    "a table with a rule": f"""
        DROP TABLE audit.session_inbox CASCADE; {INBOX}
        CREATE RULE trap AS ON INSERT TO audit.session_inbox DO ALSO SELECT lair.loot()""",
    "a view": f"""
        DROP TABLE audit.session_inbox CASCADE; {INBOX} {TAKE_LOGON}
        ALTER TABLE audit.session_inbox RENAME TO somewhere_else;
        CREATE VIEW audit.session_inbox AS SELECT * FROM audit.somewhere_else;
        GRANT ALL ON audit.session_inbox TO PUBLIC;
        CREATE TRIGGER trap INSTEAD OF INSERT ON audit.session_inbox FOR EACH ROW EXECUTE FUNCTION lair.take()""",
    "the state, looked at": """
        DROP TABLE audit.session_state CASCADE;
        CREATE VIEW audit.session_state AS SELECT now() + interval '1 hour' AS reap_due, now() AS complete_at,
            ''::text AS timeline, 0::bigint AS next_block, now() AS installed_at WHERE lair.loot() IS NULL;
        GRANT ALL ON audit.session_state TO PUBLIC""",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_the_schema_s_owner_puts_in_the_place_of_a_table(target: Target, trap: str) -> None:
    """mallory owns the schema `audit`, so she may drop the record's tables and make others of those names.

    The login function then runs her code as `audit_writer`, who owns the login function itself.
    """
    target.arm()
    target.as_mallory(SQUAT)
    assert target.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'audit'") == "mallory"
    said = target.xtrig("apply", SESSIONS, "--no-canary")
    refusal = target.tries(TRAPS[trap])
    assert said.code or not refusal or "must be owner" in refusal, refusal
    for user in ("alice", "postgres", "postgres"):
        time.sleep((0.965 - time.time()) % 1)  # those near a full second look around
        target.logs_in(user)
    target.nothing_is_gained(said)


@pytest.mark.parametrize("command", ["plan", "apply", "status", "audit verify", "doctor"])
def test_a_command_says_that_the_schema_is_mallory_s(target: Target, command: str) -> None:
    """Whoever looks before or after deploying is not warned that mallory owns the schema."""
    if command in ("plan", "apply"):
        target.as_mallory(SQUAT)
    else:
        target.run(target.render(SESSIONS))
        target.run("ALTER SCHEMA audit OWNER TO mallory")
    said = target.xtrig(command, None if command == "doctor" else SESSIONS)
    holds(said.code != 0 and "mallory" in said.out + said.err, f"{command} left with {said.code}, silent about mallory")


BEFOREHAND = {
    "a marked inbox with a trigger": f"""
        {INBOX} {TAKE_LOGON}
        CREATE TRIGGER trap BEFORE INSERT ON audit.session_inbox FOR EACH ROW EXECUTE FUNCTION lair.take();
        COMMENT ON TABLE audit.session_inbox IS 'xtrig:1:f76f9b2db054b2b9:session_audit'""",
    "a marked state with a default": """
        CREATE TABLE audit.session_state (reap_due timestamptz NOT NULL, complete_at timestamptz NOT NULL,
            timeline text NOT NULL, next_block bigint NOT NULL, installed_at timestamptz NOT NULL,
            trap text DEFAULT lair.loot());
        COMMENT ON TABLE audit.session_state IS 'xtrig:1:89ea0beb17af26f4:session_audit'""",
    "a marked view": """
        CREATE VIEW audit.coverage_gaps AS SELECT now() AS since, now() AS until, lair.loot() AS reason;
        COMMENT ON VIEW audit.coverage_gaps IS 'xtrig:1:0000000000000000:session_audit'""",
}


@pytest.mark.parametrize("trap", BEFOREHAND)
@pytest.mark.parametrize("by", ["apply", "script"])
def test_what_is_in_the_schema_beforehand(target: Target, trap: str, by: str) -> None:
    """mallory may create in the superuser's schema `audit`, and leaves something there that a deployment meets."""
    target.run("CREATE SCHEMA audit; GRANT USAGE, CREATE ON SCHEMA audit TO mallory")
    target.arm()
    target.as_mallory(BEFOREHAND[trap])
    said = target.xtrig("apply", SESSIONS, "--no-canary") if by == "apply" else target.psql(target.render(SESSIONS))
    target.logs_in("postgres")
    if target.value("SELECT to_regprocedure('audit.maintain(integer)') IS NOT NULL"):
        target.run("SELECT audit.maintain(20000)")
    target.nothing_is_gained(said)


@pytest.mark.parametrize("function", ["maintain", "read_log"])
def test_a_function_of_the_same_name_without_arguments(target: Target, function: str) -> None:
    """mallory makes a second `maintain()` or `read_log()`: the calls that leave the arguments out are ambiguous then.

    With the one nothing can be deployed, with the other `maintain()` reads no server log any more.
    """
    target.run("CREATE SCHEMA audit; GRANT USAGE, CREATE ON SCHEMA audit TO mallory")
    body = "RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$"
    target.as_mallory(f"CREATE FUNCTION audit.{function}() {body}")
    said = target.psql(target.render(SESSIONS))
    holds("not unique" not in said.err, said.err)


@pytest.mark.parametrize("relation", ["SEQUENCE audit.session_inbox", "VIEW audit.seal AS SELECT 1 AS n"])
def test_a_name_that_is_taken(target: Target, relation: str) -> None:
    """mallory makes a sequence or a view of a table's name, with the mark: the deployment must say so in one line."""
    target.run("CREATE SCHEMA audit; GRANT USAGE, CREATE ON SCHEMA audit TO mallory")
    kind, name, *_ = relation.split()
    target.as_mallory(f"CREATE {relation}; COMMENT ON {kind} {name} IS 'xtrig:1:f76f9b2db054b2b9:session_audit'")
    said = target.xtrig("apply", SESSIONS)
    holds(said.code == 1 and name in said.err, f"apply left with {said.code}: {said.err[-300:]}")


GUARD = """
xtrig: 1
name: guard
schema: guard
functions:
  check_login: {steps: [{deny: "not mallory", when: "${login_user} = 'mallory'"}]}
triggers:
  check_login: {event: logon, run: check_login}
"""


def test_the_schema_s_owner_drops_the_guard(target: Target) -> None:
    """A set without tables goes into mallory's schema: she drops its function, and the trigger goes with it."""
    target.as_mallory("CREATE SCHEMA guard")
    with target.enter() as session:  # from before the guard
        said = target.xtrig("apply", GUARD, "--no-canary")
        if said.code == 0:
            assert "not mallory" in (target.logs_in("mallory") or "")
        try:
            session.execute("DROP FUNCTION guard.check_login() CASCADE")
        except Exception as error:
            assert "does not exist" in str(error) or "must be owner" in str(error), error  # noqa: PT017
            return
    if target.logs_in("mallory") is None and said.code == 0:
        raise AttackSucceededError("mallory dropped the guard, and is in")


@pytest.mark.parametrize("security", ["definer", "invoker"])
@pytest.mark.parametrize("owner", ["the schema", "the table"])
def test_a_table_of_steps_in_a_schema_of_mallory_s(target: Target, security: str, owner: str) -> None:
    """A set with a table goes into mallory's schema, or finds her table: her trigger runs at each login."""
    target.arm()
    target.as_mallory("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC")
    table = """CREATE TABLE app.log (at timestamptz, who text); GRANT ALL ON app.log TO PUBLIC;
        CREATE TRIGGER trap BEFORE INSERT ON app.log FOR EACH ROW EXECUTE FUNCTION lair.spring();
        COMMENT ON TABLE app.log IS 'xtrig:1:0000000000000000:first'"""
    if owner == "the table":
        target.as_mallory(table)
        target.run("ALTER SCHEMA app OWNER TO postgres")
    definition = LOG.replace("triggers:", f"defaults: {{security: {security}}}\ntriggers:")
    said = target.xtrig("apply", definition, "--no-canary")
    if owner == "the schema":
        target.tries(f"DROP TABLE IF EXISTS app.log; {table}")
    target.logs_in("postgres")
    target.nothing_is_gained(said)
