"""What the rehearsal finds: steps that fail at every run, and triggers on commands that stop them."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from tests.server.deploying.site import AUDIT, QUICK, UNTOUCHED, Site, logon, written
from xtrig.deploy import Canary, DeploymentError, ProofError
from xtrig_pgfamily.driver.session import ORDINARY_ROLE

pytestmark = pytest.mark.server

TOLERANT = replace(QUICK, accept_errors=True)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{call: app.note_login, args: ['${login_user}']}", 'schema "app" does not exist'),
        ("{when: 1 / (length(session_user) * 0) = 1, log: never}", "division by zero"),
        ("sql: insert into audit.nowhere values (1)", 'relation "audit.nowhere" does not exist'),
        ("{insert: log, values: {who: \"'many'::integer::text\"}}", "invalid input syntax for type integer"),
        ("{if: 'true', then: [{sql: 'perform audit.nobody_made_it()'}]}", "audit.nobody_made_it() does not exist"),
    ],
)
def test_a_step_whose_error_is_allowed_fails_the_rehearsal_and_is_named(step: str, said: str, site: Site) -> None:
    failure = site.fails(logon("log: first", step), ProofError)
    assert said in failure.message
    assert "step triggers.on_logon.steps[1]" in failure.message
    assert "on_error: allow hides it" in failure.message
    assert "--accept-errors" in failure.message
    assert failure.refused == [("postgres", "rehearsal")]
    assert failure.message.endswith(UNTOUCHED)


def test_a_text_for_a_column_of_another_type_is_found(site: Site) -> None:
    """`check` finds it where it knows the type; of a column of the user's own type it does not know what it takes."""
    site.admin.execute("CREATE DOMAIN public.address AS inet")
    definition = logon('{insert: log, values: {who: "${login_user}"}}', table="{who: public.address}")
    assert (
        'column "who" is of type public.address but expression is of type name'
        in site.fails(definition, ProofError).message
    )


def test_what_check_advises_for_a_column_of_another_type_passes(site: Site) -> None:
    values = "{a: 'to_json(${login_user})', b: 'ARRAY[${login_user}]', c: 'CAST(${client_ip} AS inet)'}"
    columns = "{a: jsonb, b: 'name[]', c: inet, d: boolean}"
    made = logon(f"{{insert: log, values: {values}}}", "{insert: log, values: {d: 'CAST(${client_port} AS boolean)'}}")
    assert site.apply(made.replace("{who: text}", columns)).failed is None


def test_a_missing_right_of_the_users_own_is_found_by_the_role_without_rights(site: Site) -> None:
    record = logon('{insert: log, values: {who: "${login_user}"}}', policies="security: invoker")
    failure = site.fails(record, ProofError)
    assert "permission denied for schema audit" in failure.message
    assert failure.refused == [("a role without rights", "rehearsal")]


def test_a_missing_right_on_the_schema_of_a_function_is_found(site: Site) -> None:
    """Whoever deploys has called it before, in the same session."""
    site.admin.execute("CREATE SCHEMA app CREATE TABLE t (); CREATE FUNCTION app.note() RETURNS int RETURN 1")
    definition = logon("call: app.note", policies="security: invoker\n    on_error: deny")
    failure = site.fails(definition, ProofError)
    assert "permission denied for schema app" in failure.message
    assert failure.refused == [("a role without rights", "rehearsal")]


ELSEWHERE = "${login_user} = 'somebody else'"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("call: app.note_login", 'schema "app" does not exist'),
        ("{call: audit.nobody, kind: procedure}", "audit.nobody() does not exist"),
        ("sql: execute 'delete from audit.nowhere'", 'relation "audit.nowhere" does not exist'),
        ("sql: if 1 > 0 then delete from audit.nowhere; end if", 'relation "audit.nowhere" does not exist'),
        ("sql: if 'create' > '' then delete from audit.nowhere; end if", 'relation "audit.nowhere" does not exist'),
        ('{insert: log, values: {who: "${now} & 7"}}', "timestamp with time zone & integer"),
        ("sql: update audit.log set who = whom", 'column "whom" does not exist'),
        ("sql: perform audit.nobody()", "audit.nobody() does not exist"),
        ("{set: work_mem, value: \"'much'\"}", 'parameter "work_mem": "much"'),
        ("{log: x, when: audit.no_such(1)}", "no_such(integer) does not exist"),
        ("{create_temp_table: t, columns: {a: no_such}}", 'type "no_such" does not exist'),
        ("{deny: no, hint: '${client_ip}'}", ""),
        ("{insert: log, values: {who: '${client_ip}'}}", ""),
        ("sql: create temp table t ()}, {sql: delete from t", ""),
    ],
)
def test_a_step_whose_condition_is_false_at_the_rehearsal_is_planned(step: str, said: str, site: Site) -> None:
    definition = logon("log: first", f'{{if: "{ELSEWHERE}", then: [{step if step[0] == "{" else f"{{{step}}}"}]}}')
    if not said:
        assert site.apply(definition).failed is None
        return
    failure = site.fails(definition, ProofError)
    assert said in failure.message
    assert "step triggers.on_logon.steps[1].then[0]" in failure.message
    assert "fails wherever its condition lets it run" in failure.message
    assert failure.message.endswith(UNTOUCHED)


@pytest.mark.parametrize("name", ["log", "on_login"])
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("call: app.no_such", "function app.no_such() does not exist"),
        ("{insert: absent, values: {who: '${login_user}'}}", 'relation "app.absent" does not exist'),
        ("sql: perform 1 from app.nowhere", 'relation "app.nowhere" does not exist'),
        ("call: app.here", ""),
    ],
)
def test_a_role_that_lacks_a_right_hides_no_error_of_the_others(step: str, said: str, name: str, site: Site) -> None:
    site.admin.execute("CREATE SCHEMA app; CREATE FUNCTION app.here() RETURNS int RETURN 1")
    event = "{event: logon" if name == "on_login" else "{event: ddl_command_start, tags: [CREATE VIEW]"
    step = step if step[0] == "{" else f"{{{step}}}"
    definition = f"""
xtrig: 1
schema: audit
tables: {{absent: {{schema: app, create: false}}}}
triggers:
  {name}: {event}, security: invoker, steps: [{{if: "{ELSEWHERE}", then: [{step}]}}]}}
"""
    if said:
        assert said in site.fails(definition, ProofError).message
        return
    report = site.apply(definition)
    assert report.failed is None
    (lacking,) = [each for each in report.unproved if "lacks a right" in each]
    assert lacking.startswith("a role without rights lacks a right for step triggers.")
    assert "permission denied for schema app" in lacking


def test_a_step_of_an_inferred_logoff_is_planned(site: Site) -> None:
    steps = (f"{{if: \"{ELSEWHERE}\", then: [{{call: audit.f, args: ['${{backend_pid}}', '${{client_ip}}']}}]}}",)
    definition = logon(*steps, policies="if_unsupported: infer").replace("event: logon", "event: logoff")
    failure = site.fails(definition, ProofError)
    assert "function audit.f(integer, text) does not exist" in failure.message
    assert "step triggers.on_logon.steps[0].then[0]" in failure.message
    site.admin.execute("CREATE SCHEMA audit; CREATE FUNCTION audit.f(int, text) RETURNS int RETURN 1")
    assert site.apply(definition).failed is None


BODIES = {
    "if session_user = 'x' then insert into audit.log (whom) values ('x'); end if;": '"whom" of relation',
    "if session_user = 'x' then perform 1; elsif app.f() then null; end if;": 'schema "app"',
    "for r in select who as a from audit.log loop raise log '%', r.b; end loop;": 'no field "b", in line 3',
    "perform set_config('app.x', session_user, false); if n > 1 then perform no_such(n); end if;": "no_such(integer)",
    "if inet_client_addr() << '10.0.0.0/8' then perform no_such(n); end if;": "no_such(integer)",
    "<<mine>> declare k int; begin if n > 1 then n := mine.k; end if; end;": "",
    "n := 1;\n  if n > 1 then n := upper(n); end if;": "upper(integer) does not exist, in line 4",
    "if session_user = 'x' then create temp table t (a int); delete from t; end if;": "",
    "if to_regclass('app.t') is not null then delete from app.t; end if;": "",
    "for r in select who as a from audit.log loop n := length(r.a); end loop;": "",
    "raise log 'pg_class'; if n > 1 then delete from app.t; end if;": 'relation "app.t"',
    "if to_regclass('app.t') is not null then n := 0; end if; if n > 1 then delete from app.t; end if;": "",
    "if to_regclass('app.t') notnull then null; end if; if n > 1 then delete from app.t; end if;": 'relation "app.t"',
    "if n > 1 then begin delete from app.t; exception when undefined_table then null; end; end if;": "",
    "if n > 1 then execute 'insert into audit.log values ($1, $1)' using 1; end if;": "INSERT has more expressions",
    "if n > 1 then execute 'insert into audit.log values ($1)' using session_user; end if;": "",
    "if n > 1 then call audit.p(n); end if;": "audit.p(integer) does not exist",
    "if n > 1 then call audit.is_function(); end if;": "audit.is_function() is no procedure, in line 3",
    "if n > 1 then call audit.gives(n, n); end if;": "",
    "<<mine>> declare k int; begin if n > 1 then n := mine.k; delete from app.t; end if; end;": 'relation "app.t"',
    "set local search_path = audit; if n > 1 then delete from log; delete from logs; end if;": 'relation "logs"',
    "case session_user when lower('X') then n := 1; else null; end case;": "",
    "declare n text; begin if n > 'x' then n := upper(n); end if; end;": "",
}


@pytest.mark.parametrize("text", BODIES)
def test_what_a_body_does_only_for_some_is_planned(text: str, site: Site) -> None:
    site.admin.execute(
        "CREATE SCHEMA audit CREATE TABLE log (who text); CREATE FUNCTION audit.is_function() RETURNS int RETURN 1;"
        "CREATE PROCEDURE audit.gives(a int, OUT b int) LANGUAGE sql AS 'SELECT 1'"
    )
    definition = written(f"declare n int; r record;\nbegin\n  {text}\nend")
    if not BODIES[text]:
        assert site.apply(definition).failed is None
        return
    failure = site.fails(definition, ProofError)
    assert BODIES[text] in failure.message
    assert failure.message.endswith(UNTOUCHED)


def test_the_fields_of_a_loop_without_items_are_known(site: Site) -> None:
    body = (
        "begin\n  for r in select * from pg_event_trigger_ddl_commands() where false loop perform r.who; end loop;\nend"
    )
    assert 'no field "who"' in site.fails(on_ddl(f"declare r record;\n{body}"), ProofError).message


@pytest.mark.parametrize("step", ["{set: transaction_read_only, value: \"'on'\"}", "sql: set transaction read only"])
def test_a_step_that_keeps_those_after_it_from_writing_is_found(step: str, site: Site) -> None:
    failure = site.fails(logon(step, "log: between", '{insert: log, values: {who: "${login_user}"}}'), ProofError)
    assert "standby: skip hides it: a step before has made the transaction read-only" in failure.message


def test_the_way_past_says_what_it_accepts(site: Site) -> None:
    report = site.apply(logon("sql: perform 1 / 0"), canary=TOLERANT)
    assert report.failed is None
    (accepted,) = [each for each in report.unproved if each.startswith("accepted: ")][:1]
    assert "division by zero" in accepted
    assert site.log_in() is None


def test_a_step_before_a_deny_is_found_too(site: Site) -> None:
    failure = site.fails(logon("sql: perform 1 / 0", "{when: \"${login_user} = 'bob'\", deny: no}"), ProofError)
    assert "steps[0]" in failure.message


def test_an_inferred_logoff_is_rehearsed_with_a_session_that_has_ended(site: Site) -> None:
    definition = logon("sql: perform 1 / 0", policies="if_unsupported: infer").replace("event: logon", "event: logoff")
    assert "division by zero" in site.fails(definition, ProofError).message


def test_a_body_that_refuses_all_but_the_deploying_role_is_said(site: Site) -> None:
    body = "begin\n  if session_user <> 'postgres' then raise exception 'only for the chosen'; end if;\nend"
    report = site.apply(written(body))
    assert [each for each in report.unproved if "a role without rights is refused" in each and "chosen" in each]
    assert [each for each in report.unproved if "--canary-role" in each]


def test_a_body_that_fails_for_all_but_the_deploying_role_is_not_live(site: Site) -> None:
    body = "begin\n  if session_user <> 'postgres' then perform 1 / 0; end if;\nend"
    failure = site.fails(written(body), ProofError)
    assert failure.refused == [("a role without rights", "rehearsal")]


def test_with_an_application_role_as_canary_nothing_is_left_to_say(site: Site) -> None:
    report = site.apply(AUDIT, canary=Canary(roles=("alice",), login_timeout=2, rounds=1))
    assert report.unproved == []
    assert [login.who for login in report.logins[:3]] == ["postgres", "alice", "a role without rights"]


def test_the_role_without_rights_is_gone_afterwards(site: Site) -> None:
    site.apply(AUDIT)
    assert site.value(f"SELECT count(*) FROM pg_roles WHERE starts_with(rolname, '{ORDINARY_ROLE}')") == 0


def test_rehearsals_in_two_databases_do_not_wait_for_each_other(site: Site) -> None:
    with site.database.connect(autocommit=False) as other:
        other.execute(f"CREATE ROLE {ORDINARY_ROLE}")
        other.execute(f"CREATE ROLE {ORDINARY_ROLE}{other.info.backend_pid}")
        assert "a role without rights" in [login.who for login in site.apply(AUDIT).logins]
        other.rollback()


def test_a_lock_of_others_is_waited_for_and_is_no_fault_of_the_definition(site: Site) -> None:
    site.apply(AUDIT)
    with site.database.connect(options="-c event_triggers=off", autocommit=False) as other:
        other.execute("LOCK TABLE audit.log")
        with pytest.raises(DeploymentError, match="lock timeout"):
            site.apply(AUDIT.replace("- {insert", "- log: more\n      - {insert"))
        other.rollback()
    assert site.apply(AUDIT.replace("- {insert", "- log: more\n      - {insert")).failed is None


def test_without_a_canary_it_is_said_that_nothing_was_proved(site: Site) -> None:
    assert site.apply(AUDIT, canary=None).unproved


def on_ddl(body: str, event: str = "ddl_command_end", more: str = "") -> str:
    """Return a definition with one trigger on commands whose body is written by hand."""
    lines = ["xtrig: 1", "name: first", "schema: audit", "triggers:", "  on_ddl:", f"    event: {event}"]
    lines += [f"    {more}"] if more else []
    return "\n".join([*lines, "    body:", "      postgresql: |", *(f"        {line}" for line in body.splitlines())])


# Put together, so that XT307 does not see the command and the rehearsal has to.
RECURSION = "concat('AL', 'TER TABLE ', %s, ' ENABLE ROW LEVEL SECURITY')"


@pytest.mark.parametrize(
    ("definition", "command", "said"),
    [
        (
            on_ddl("begin\n  perform objtype from pg_event_trigger_ddl_commands();\nend"),
            "CREATE TABLE",
            'column "objtype" does not exist',
        ),
        (
            on_ddl(
                "declare o record;\nbegin\n  for o in select * from pg_event_trigger_ddl_commands() loop\n"
                f"    if o.object_type = 'table' then execute {RECURSION % 'o.object_identity'}; end if;\n"
                "  end loop;\nend"
            ),
            "CREATE TABLE",
            "stack depth limit exceeded",
        ),
        (
            on_ddl("begin\n  execute concat('com', 'ment on schema audit is null');\nend"),
            "CREATE TABLE",
            "stack depth limit exceeded",
        ),
        (
            on_ddl(
                "begin\n  perform 1 / (case tg_tag when 'DROP VIEW' then 0 else 1 end);\nend",
                "sql_drop",
                "tags: [DROP VIEW]",
            ),
            "DROP VIEW",
            "division by zero",
        ),
        (
            on_ddl("begin\n  perform pg_event_trigger_rewrite();\nend", "table_rewrite"),
            "ALTER TABLE",
            "pg_event_trigger_rewrite() does not exist",
        ),
        (
            on_ddl(
                "begin\n  if tg_tag = 'REFRESH MATERIALIZED VIEW' then perform 'x'::integer; end if;\nend",
                more="tags: [REFRESH MATERIALIZED VIEW]",
            ),
            "REFRESH MATERIALIZED VIEW",
            "invalid input syntax",
        ),
    ],
)
def test_a_trigger_that_stops_commands_is_found_before_it_is_there(
    definition: str, command: str, said: str, site: Site
) -> None:
    failure = site.fails(definition, ProofError)
    assert said in failure.message
    assert command in failure.message
    assert failure.message.endswith(UNTOUCHED)


def test_a_denied_command_is_no_failure_and_is_said(site: Site) -> None:
    report = site.apply(on_ddl("begin\n  raise exception 'nothing is dropped';\nend", "sql_drop", "tags: [DROP TABLE]"))
    assert [each for each in report.unproved if "is refused DROP TABLE" in each and "nothing is dropped" in each]
    with site.database.connect() as session:
        session.execute("CREATE TABLE t ()")
        with pytest.raises(psycopg.errors.RaiseException, match="nothing is dropped"):
            session.execute("DROP TABLE t")


def test_commands_that_another_trigger_refuses_do_not_count(site: Site) -> None:
    guard = on_ddl("begin\n  raise exception 'not by day';\nend", "ddl_command_start", "tags: [CREATE VIEW]")
    site.apply(guard.replace("first", "guard").replace("on_ddl", "guards"))
    report = site.apply(on_ddl("begin\n  perform 1;\nend"))
    assert report.failed is None
    assert [each for each in report.unproved if "commands not tried" in each]


def test_a_new_text_of_a_live_trigger_is_rehearsed(site: Site) -> None:
    site.apply(on_ddl("begin\n  perform 1;\nend"))
    assert "division by zero" in site.fails(on_ddl("begin\n  perform 1 / 0;\nend"), ProofError).message


def test_an_error_that_a_trigger_on_commands_hides_is_found(site: Site) -> None:
    definition = logon("sql: perform 1 / 0", policies="on_error: allow").replace("event: logon", "event: sql_drop")
    failure = site.fails(definition, ProofError)
    assert "step triggers.on_logon.steps[0]" in failure.message


def test_others_commands_are_not_held_up_and_meet_no_rehearsal(site: Site) -> None:
    """While the rehearsal waits in a command, another session gives one, and no trigger meets it."""
    lasting = on_ddl("begin\n  perform pg_sleep(0.2);\n  raise exception 'met';\nend", "ddl_command_start")
    with site.database.connect() as other:
        report = site.apply(
            lasting + "\n    tags: [CREATE VIEW]",
            listener=_Giving(lambda: other.execute("CREATE VIEW public.seen AS SELECT 1")),
        )
    assert report.failed is None
    assert site.value("SELECT count(*) FROM pg_class WHERE relname = 'seen'") == 1


class _Giving:
    """A progress callback that gives a command while the rehearsal begins."""

    def __init__(self, give: object) -> None:
        self._give = give

    def step(self, what: str) -> None:
        """Give it."""
        if what.startswith("rehearsal"):
            assert callable(self._give)
            self._give()

    def note(self, what: str) -> None:
        """Say nothing."""


def test_a_name_that_is_taken_stops_the_deployment(site: Site) -> None:
    site.admin.execute("CREATE SCHEMA xtrig_rehearsal")
    definition = on_ddl("begin\n  perform 1;\nend")
    failure = site.fails(definition, ProofError)
    assert 'no command was rehearsed as postgres: schema "xtrig_rehearsal" already exists' in failure.message
    report = site.apply(definition, canary=TOLERANT)
    assert [each for each in report.unproved if "no command was rehearsed as postgres" in each]
