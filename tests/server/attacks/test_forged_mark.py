"""Attack 2: objects of mallory's that carry the mark which xtrig gives to its own."""

from __future__ import annotations

import re

import pytest

from tests.server.attacks.mallory import SESSIONS, AttackSucceededError, Target, holds

# A database that came from PostgreSQL 14 has a schema in which everybody may create.
OPEN_SCHEMA = "GRANT CREATE ON SCHEMA public TO PUBLIC"
AUDIT = """
xtrig: 1
name: public
schema: public
tables:
  log: {columns: {at: timestamptz, who: text}}
triggers:
  logon_audit: {event: logon, steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
"""
FUNCTION = "CREATE FUNCTION public.logon_audit() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
MARK = "COMMENT ON FUNCTION public.logon_audit() IS 'xtrig:1:0000000000000000:{}'"
GAINS = "mallory, who could become superuser by it"
PAYLOAD = """
CREATE OR REPLACE FUNCTION public.logon_audit() RETURNS event_trigger LANGUAGE plpgsql SECURITY INVOKER
AS 'BEGIN PERFORM lair.loot(); END'
"""


def _takes(target: Target, script: str = PAYLOAD) -> None:
    """Let mallory replace what is hers, and superusers log in."""
    refusal = target.tries(script)
    assert refusal is None or "must be owner" in refusal or "permission denied" in refusal, refusal
    target.logs_in("alice")
    target.logs_in("postgres")


@pytest.mark.parametrize(
    "how", ["apply", "apply --adopt", "apply --adopt without a mark", "script", "script of another"]
)
def test_a_function_with_a_mark_of_its_owner_s(target: Target, how: str) -> None:
    """mallory makes the set's function and writes the mark as its comment; it is replaced, and stays hers.

    Whoever owns the function of a login trigger becomes superuser at the next login of a superuser.
    """
    target.run(OPEN_SCHEMA)
    target.arm()
    target.as_mallory(FUNCTION)
    if "without" not in how:
        target.as_mallory(MARK.format("another" if "another" in how else "public"))
    if how.startswith("apply"):
        said = target.xtrig("apply", AUDIT, "--no-canary", *(["--adopt"] if "--adopt" in how else []))
    else:
        said = target.psql(target.render(AUDIT))
    _takes(target)
    target.nothing_is_gained(said)


def test_a_function_that_is_just_as_wanted(target: Target) -> None:
    """mallory makes the function of the very text that the superuser will render: it is in sync, and stays hers."""
    target.run(OPEN_SCHEMA)
    target.arm()
    script = target.render(AUDIT)
    parts = re.findall(r"^(?:CREATE OR REPLACE|REVOKE ALL ON|COMMENT ON) FUNCTION.*?;$(?=\n\n)", script, re.M | re.S)
    assert len(parts) == 3, parts
    target.as_mallory("\n".join(parts))
    said = target.xtrig("apply", AUDIT, "--no-canary")
    _takes(target)
    target.nothing_is_gained(said)


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_command_says_whose_the_function_is(target: Target, command: str) -> None:
    """The function is mallory's, its mark is right, and neither plan nor status says what she could do by it."""
    target.run(OPEN_SCHEMA)
    target.deploy(AUDIT)
    target.run("ALTER FUNCTION public.logon_audit() OWNER TO mallory")
    said = target.xtrig(command, AUDIT)
    words = " ".join((said.out + said.err).split())
    holds(said.code != 0 and GAINS in words, f"{command} left with {said.code}: {words[-300:]}")


FORGED = {
    "table": (
        """CREATE TABLE public.log (at timestamptz, who text); GRANT ALL ON public.log TO PUBLIC;
        COMMENT ON TABLE public.log IS 'xtrig:1:0000000000000000:public'""",
        "CREATE TRIGGER trap BEFORE INSERT ON public.log FOR EACH ROW EXECUTE FUNCTION lair.spring()",
    ),
    "table without mark": (
        "CREATE TABLE public.log (at timestamptz, who text); GRANT ALL ON public.log TO PUBLIC",
        "CREATE TRIGGER trap BEFORE INSERT ON public.log FOR EACH ROW EXECUTE FUNCTION lair.spring()",
    ),
    "view in the place of a table": (
        """CREATE VIEW public.log AS SELECT now() AS at, ''::text AS who; GRANT ALL ON public.log TO PUBLIC;
        COMMENT ON VIEW public.log IS 'xtrig:1:0000000000000000:public'""",
        "CREATE TRIGGER trap INSTEAD OF INSERT ON public.log FOR EACH ROW EXECUTE FUNCTION lair.spring()",
    ),
}


@pytest.mark.parametrize("by", ["apply", "apply --adopt", "script"])
@pytest.mark.parametrize("security", ["definer", "invoker"])
@pytest.mark.parametrize("what", FORGED)
def test_a_table_with_a_mark_of_its_owner_s(target: Target, what: str, security: str, by: str) -> None:
    """mallory makes the set's table with its mark, and gives it a trigger afterwards."""
    target.run(OPEN_SCHEMA)
    target.arm()
    before, after = FORGED[what]
    target.as_mallory(before)
    definition = AUDIT.replace("triggers:", f"defaults: {{security: {security}}}\ntriggers:")
    if by == "script":
        said = target.psql(target.render(definition))
    else:
        said = target.xtrig("apply", definition, "--no-canary", *by.split()[1:])
    _takes(target, after)
    target.nothing_is_gained(said)


def test_the_function_of_a_record_of_sessions(target: Target) -> None:
    """mallory makes `logon()` of the record with its mark, before the record is deployed into a schema open to her."""
    definition = SESSIONS.replace("schema: audit", "schema: public")
    target.run(OPEN_SCHEMA)
    target.arm()
    function = "FUNCTION public.logon()"
    target.as_mallory(f"""CREATE {function} RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        COMMENT ON {function} IS 'xtrig:1:0000000000000000:session_audit'""")
    said = target.psql(target.render(definition))
    _takes(target, PAYLOAD.replace("logon_audit", "logon"))
    target.nothing_is_gained(said)
    # Its owner is changed in the same transaction, too: but what else is hers there would stay hers.
    holds(said.code != 0 and GAINS in said.err, f"the script left with {said.code}: {said.err[-300:]}")


def test_a_schema_with_a_mark_of_its_owner_s(target: Target) -> None:
    """mallory marks her own schema as the set's: a later drop takes away what she put there, or all stays hers."""
    target.arm()
    target.as_mallory("CREATE SCHEMA guard; COMMENT ON SCHEMA guard IS 'xtrig:1::guard'")
    definition = """
xtrig: 1
name: guard
schema: guard
triggers:
  check_login: {event: logon, steps: [{deny: "not alice", when: "${login_user} = 'alice'"}]}
"""
    said = target.xtrig("apply", definition, "--no-canary")
    if said.code == 0:
        assert "not alice" in (target.logs_in("alice") or "")
        if target.tries("DROP FUNCTION guard.check_login() CASCADE") is None:
            raise AttackSucceededError("mallory dropped the guard of the set")


def test_a_role_with_a_mark(target: Target) -> None:
    """A role with CREATEROLE makes `audit_owner` and gives itself the membership once the record is deployed.

    The owner of the record's functions can be had by whoever made the role.
    """
    target.run("CREATE ROLE maker LOGIN CREATEROLE")
    refusal = target.tries("CREATE ROLE audit_owner NOLOGIN", "maker")
    assert refusal is None
    said = target.psql(target.render(SESSIONS))
    refusal = target.tries("GRANT audit_owner TO maker; SET ROLE audit_owner; SELECT 1", "maker")
    holds(refusal is not None or said.code != 0, "maker is audit_owner, and owns the functions of the record")


@pytest.mark.parametrize("event", ["ddl_command_end", "sql_drop"])
def test_the_function_of_a_ddl_trigger(target: Target, event: str) -> None:
    """The same with a trigger for DDL: mallory's function runs with the rights of whoever makes or drops something."""
    target.run(OPEN_SCHEMA)
    target.arm()
    definition = f"""
xtrig: 1
name: public
schema: public
tables:
  log: {{columns: {{at: timestamptz, who: text}}}}
triggers:
  logon_audit: {{event: {event}, steps: [{{insert: log, values: {{at: "${{now}}", who: "${{login_user}}"}}}}]}}
"""
    target.as_mallory(FUNCTION + ";" + MARK.format("public"))
    said = target.xtrig("apply", definition, "--no-canary")
    _takes(target)
    with target.database.connect() as root:
        root.execute("CREATE TABLE public.something (a integer)")
        root.execute("DROP TABLE public.something")
    target.nothing_is_gained(said)
