"""Who gets in, who may read the log, and what a client's settings change about it: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.server.guarded import FUNCTION, SESSION_AUDIT, Guarded, guarded, with_policy
from tests.server.sides import Side, rendered, side

if TYPE_CHECKING:
    from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

CLOSED = """
xtrig: 1
schema: audit
triggers:
  closed:
    event: logon
    exempt_roles: [breakglass, 'Odd "Role"']
    steps:
      - deny: closed for ${login_user}
"""
BROKEN = """
xtrig: 1
schema: audit
triggers:
  broken:
    event: logon
    on_error: deny
    exempt_roles: [breakglass]
    steps:
      - {call: audit.missing}
"""
BACKSLASH = r"""
xtrig: 1
schema: audit
tables:
  users_log: {columns: {id: {type: bigint, identity: true}, user_name: text, event: text}}
functions:
  sample_event_trigger:
    steps:
      - insert: users_log
        values: {user_name: "${login_user}", event: "'logon'"}
        when: ${application} not like '\_%'
triggers:
  login_event_trigger: {event: logon, run: sample_event_trigger}
"""
SYNCHRONOUS = "tag: current_setting('synchronous_commit')"
# Whatever an ordinary user may set when he connects, and might hope to escape by.
SETTINGS = [
    "search_path=pg_temp",
    "lock_timeout=1",
    "statement_timeout=1",
    "default_transaction_isolation=serializable",
    "default_transaction_deferrable=on",
    "role=pg_read_all_data",
    "row_security=off",
    "plpgsql.extra_errors=all",
    "TimeZone=UTC+5",
    "DateStyle=SQL",
    "IntervalStyle=sql_standard",
    "client_min_messages=error",
    "client_encoding=LATIN1",
    "standard_conforming_strings=off",
    "quote_all_identifiers=on",
    "transform_null_equals=on",
    "exit_on_error=on",
    "synchronous_commit=off",
    "temp_tablespaces=nothing",
    "default_table_access_method=heap",
    "check_function_bodies=off",
    "restrict_nonsystem_relation_kind=view",
    "debug_parallel_query=on",
    "application_name=x'%s${login_user}",
]


@pytest.fixture(scope="module")
def place(login_server: EmbeddedServer) -> Iterator[Side]:
    with side(login_server, "place") as place:
        yield place


@pytest.fixture(scope="module")
def audit(login_server: EmbeddedServer) -> Iterator[Guarded]:
    with side(login_server, "nosy") as own, guarded(own, user="nosy") as audit:
        audit.admin.execute("GRANT pg_read_all_data TO nosy; GRANT USAGE ON SCHEMA audit TO nosy")
        yield audit


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_of_the_client_keeps_him_out_of_the_log(setting: str, audit: Guarded) -> None:
    audit.admin.execute("DELETE FROM audit.users_log")
    before = len(audit.logged())
    assert audit.log_in(options=f"-c {setting}") is None
    assert audit.rows() == ["nosy"]
    assert len(audit.logged()) == before


@pytest.mark.parametrize(
    "setting", ["event_triggers=off", "session_replication_role=replica", "log_min_messages=panic"]
)
def test_what_would_keep_him_out_is_denied_to_him(setting: str, audit: Guarded) -> None:
    said = audit.log_in(options=f"-c {setting}")
    assert said == f'permission denied to set parameter "{setting.partition("=")[0]}"'


def test_a_backslash_in_a_definition_means_the_same_whatever_the_client_sets(place: Side) -> None:
    with guarded(place, BACKSLASH) as audit:
        for standard in ("on", "off"):
            audit.log_in(options=f"-c application_name=report -c standard_conforming_strings={standard}")
        assert audit.rows() == ["alice", "alice"]


def test_an_ordinary_role_can_neither_read_nor_write_the_log(place: Side) -> None:
    with guarded(place) as audit:
        commands = [
            "SELECT * FROM audit.users_log",
            "INSERT INTO audit.users_log (user_name) VALUES ('forged')",
            "UPDATE audit.users_log SET user_name = 'forged'",
            "DELETE FROM audit.users_log",
            "TRUNCATE audit.users_log",
            "DROP TABLE audit.users_log",
            "SELECT * FROM audit.logout_event_trigger_open",
            "DELETE FROM audit.logout_event_trigger_open",
            f"DROP FUNCTION {FUNCTION}()",
            "ALTER EVENT TRIGGER login_event_trigger DISABLE",
            "DROP EVENT TRIGGER login_event_trigger",
        ]
        for usage in (False, True):
            if usage:
                audit.admin.execute("GRANT USAGE ON SCHEMA audit TO alice")
            with audit.database.connect("alice") as alice:
                for command in commands:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        alice.execute(command)
        assert audit.rows() == ["alice", "alice"]


def test_no_function_of_ours_is_for_everybody(audit: Guarded) -> None:
    query = """
        SELECT oid::regproc::text, has_function_privilege('nosy', oid, 'EXECUTE') FROM pg_proc
        WHERE obj_description(oid, 'pg_proc') LIKE 'xtrig:%%' ORDER BY 1
    """
    assert audit.admin.execute(query).fetchall() == [
        ("audit.logout_event_trigger_inferred", False),
        ("audit.sample_event_trigger", False),
    ]


def test_a_function_that_nobody_may_execute_still_fires(audit: Guarded) -> None:
    audit.admin.execute("DELETE FROM audit.users_log")
    with audit.database.connect("nosy") as nosy, pytest.raises(psycopg.errors.InsufficientPrivilege):
        nosy.execute(f"SELECT {FUNCTION}()")
    assert audit.rows() == ["nosy"]


@pytest.mark.parametrize("role", ["breakglass", 'Odd "Role"'])
def test_an_exempt_role_gets_in_where_everybody_is_denied(role: str, place: Side) -> None:
    with guarded(place, CLOSED, breakglass="LOGIN") as closed:
        closed.admin.execute('CREATE ROLE "Odd ""Role""" LOGIN')
        try:
            assert closed.log_in("alice") == "closed for alice"
            assert closed.log_in("postgres") == "closed for postgres"
            assert closed.log_in(role) is None
        finally:
            closed.admin.execute('DROP ROLE "Odd ""Role"""')
        lines = [(line["outcome"], line["login_user"]) for line in closed.logged("audit.closed")]
        assert lines == [("exempt", role)]


def test_an_exempt_role_gets_in_where_the_function_is_broken(place: Side) -> None:
    with guarded(place, BROKEN, breakglass="LOGIN") as broken:
        assert broken.log_in("alice") == "function audit.missing() does not exist"
        assert broken.log_in("breakglass") is None
        assert broken.log_in("postgres", options="-c event_triggers=off") is None


def test_becoming_the_exempt_role_by_an_option_does_not_help(place: Side) -> None:
    with guarded(place, CLOSED, breakglass="LOGIN") as closed:
        closed.admin.execute("GRANT breakglass TO alice")
        assert closed.log_in("alice", options="-c role=breakglass") == "closed for alice"


@pytest.mark.parametrize(("policy", "inside"), [("durability: relaxed", "off"), ("durability: full", "on")])
def test_relaxed_durability_is_that_of_the_login_alone(policy: str, inside: str, place: Side) -> None:
    definition = with_policy(policy).replace("tag: ${tag}", SYNCHRONOUS)
    with guarded(place, definition) as audit, audit.database.connect("alice") as alice:
        assert alice.execute("SHOW synchronous_commit").fetchone() == ("on",)
        query = "SELECT tag FROM audit.users_log WHERE event = 'logon'"
        assert audit.admin.execute(query).fetchall() == [(inside,)]


def test_a_set_clause_would_not_relax_the_commit() -> None:
    script = rendered(with_policy("durability: relaxed"))
    assert "set_config('synchronous_commit', 'off', true)" in script
    assert "SET synchronous_commit" not in script


def test_the_native_language_is_plpgsql() -> None:
    assert rendered(with_policy("language: plpgsql")) == rendered(with_policy("language: native"))
    assert rendered(with_policy("language: native")) == rendered(SESSION_AUDIT)
