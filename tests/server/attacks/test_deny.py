"""Attacks 5 and 20: a denial that does not bind, and an audit with holes that its users make."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from tests.server.attacks.mallory import SESSIONS, AttackSucceededError, Target, holds
from tests.server.attacks.wire import FLOOD, Login, cancelled_login
from tests.server.deploy import wait_until

TRIES = 60
DENY = """
xtrig: 1
name: guard
schema: guard
functions:
  check_login: {policies steps: [{deny: "not mallory", when: "${login_user} = 'mallory'"}]}
triggers:
  check_login: {event: logon, run: check_login}
"""
AFTER_A_ROW = """
xtrig: 1
name: guard
schema: guard
tables:
  seen: {columns: {at: timestamptz, who: text}}
functions:
  check_login:
    steps:
      - {insert: seen, values: {at: "${now}", who: "${login_user}"}}
      - {deny: "not mallory", when: "${login_user} = 'mallory'"}
triggers:
  check_login: {event: logon, run: check_login}
"""
AFTER_SQL = DENY.replace("steps: [", 'steps: [{sql: "PERFORM count(*) FROM pg_class"}, ')
DENIALS = {
    "alone": DENY.replace("policies ", ""),
    "after a row": AFTER_A_ROW,
    "after sql": AFTER_SQL.replace("policies ", ""),
    "on_error: deny": DENY.replace("policies ", "on_error: deny, "),
    "security: invoker": DENY.replace("policies ", "security: invoker, "),
}


@pytest.mark.parametrize("denial", DENIALS)
def test_a_login_that_is_cancelled(target: Target, denial: str) -> None:
    """mallory makes the login function send so much that the key for cancelling reaches her while it runs.

    Her cancel request ends the guarded block in its handler: the denial is NULL, and the login goes on. She needs
    several tries, and every one is hers for free.
    """
    target.deploy(DENIALS[denial])
    assert "not mallory" in (target.logs_in("mallory") or ""), "she is denied as long as she does not cancel"
    keys = 0
    for number in range(TRIES):
        login = Login(target.server, "mallory", target.database.name, FLOOD)
        keys += login.wait_for_key()
        login.close()
        if number == 2:
            assert keys, "the key reaches her while the function runs"
        if cancelled_login(target.server, "mallory", target.database.name, FLOOD, number % 6 * 0.0002):
            raise AttackSucceededError(f"mallory is in at try {number + 1}")


def test_a_login_that_is_cancelled_while_it_is_recorded(target: Target) -> None:
    """The same with a record of sessions that has no server log to be completed from: mallory is in, and has no row."""
    target.deploy(SESSIONS.replace("server log", "inferred"))
    inside = 0
    for number in range(4 * TRIES):
        inside += cancelled_login(target.server, "mallory", target.database.name, FLOOD, number % 12 * 0.0001)
    rows = target.value("SELECT count(*) FROM audit.sessions WHERE login_user = 'mallory'")
    holds(rows >= inside, f"{inside - rows} of {inside} logins left no row")


CHOSEN = {
    **{f"client_min_messages={level}": f"-c client_min_messages={level}" for level in ("debug5", "error", "log")},
    "debug_print": " ".join(f"-c {name}={value}" for name, value in FLOOD.items()),
    "statement_timeout": "-c statement_timeout=1",
    "lock_timeout": "-c lock_timeout=1",
    "transaction_timeout": "-c transaction_timeout=1",
    "idle_session_timeout": "-c idle_session_timeout=1",
    "transform_null_equals": "-c transform_null_equals=on",
    "exit_on_error": "-c exit_on_error=on",
    "check_function_bodies": "-c check_function_bodies=off -c plan_cache_mode=force_generic_plan",
    "quote_all_identifiers": "-c quote_all_identifiers=on",
    "row_security": "-c row_security=off -c default_transaction_read_only=on",
    "serializable": "-c default_transaction_isolation=serializable -c default_transaction_deferrable=on",
    "work_mem": "-c work_mem=64 -c temp_buffers=100 -c jit_above_cost=0",
    "lc_messages": "-c standard_conforming_strings=off -c backslash_quote=on -c escape_string_warning=off",
}


@pytest.mark.parametrize("options", CHOSEN)
@pytest.mark.parametrize("denial", ["alone", "after a row"])
def test_a_setting_of_the_client_s(target: Target, denial: str, options: str) -> None:
    """mallory chooses what her session begins with: timeouts, messages, meanings of words."""
    target.deploy(DENIALS[denial])
    for _ in range(5):
        if target.logs_in("mallory", options=CHOSEN[options]) is None:
            raise AttackSucceededError(f"mallory is in with {CHOSEN[options]}")


HAND_WRITTEN = """
xtrig: 1
name: guard
schema: guard
functions:
  check_login:
    body:
      postgresql: |
        BEGIN
          BEGIN
            IF session_user = 'mallory' THEN
              RAISE EXCEPTION 'not mallory' USING ERRCODE = 'insufficient_privilege';
            END IF;
          EXCEPTION WHEN query_canceled THEN
            RAISE LOG 'canceled';
          END;
        END
triggers:
  check_login: {event: logon, run: check_login}
"""


@pytest.mark.parametrize("handler", ["query_canceled", "OTHERS OR query_canceled", "SQLSTATE '57014'"])
def test_a_handler_around_a_denial_by_hand(target: Target, handler: str) -> None:
    """A body written by hand catches the cancelling around its own denial: whoever checks it has to be warned."""
    definition = HAND_WRITTEN.replace("query_canceled THEN", f"{handler} THEN")
    said = target.say("check", target.given(definition), "--dialect", "postgresql", "--format", "json")
    words = said.out.lower()
    holds("cancel" in words, f"check left with {said.code} and says nothing of cancelling: {said.out[:300]}")


BY_HAND = """
xtrig: 1
name: guard
schema: guard
functions:
  check_login: {security: invoker, body: {postgresql: "BEGIN @ END"}}
triggers:
  check_login: {event: logon, run: check_login}
"""
REFUSING_IF = "IF @ = 'mallory' THEN RAISE EXCEPTION 'not mallory'; END IF;"
CHOSEN_BY_HAND = {
    "an assertion": ("ASSERT session_user <> 'mallory', 'not mallory';", "plpgsql.check_asserts=off"),
    "current_user": (REFUSING_IF.replace("@", "current_user"), "role=staff"),
    "current_role": (REFUSING_IF.replace("@", "CURRENT_ROLE"), "role=staff"),
    "user": (REFUSING_IF.replace("@", "user"), "role=staff"),
}


@pytest.mark.parametrize("chosen", CHOSEN_BY_HAND)
def test_a_refusal_by_hand_that_a_client_switches_off(target: Target, chosen: str) -> None:
    """mallory chooses a setting with which a body does not refuse her: whoever checks the body has to be warned."""
    text, option = CHOSEN_BY_HAND[chosen]
    target.run("CREATE ROLE staff; GRANT staff TO mallory")
    definition = BY_HAND.replace("@", text)
    target.deploy(definition)
    assert "not mallory" in (target.logs_in("mallory") or "")
    assert target.logs_in("mallory", options=f"-c {option}") is None, "this is why it is a finding"
    said = target.say("check", target.given(definition), "--dialect", "postgresql", "--format", "json")
    holds("XT316" in said.out, "mallory is in, and check had no finding")
    remedy = text.replace("ASSERT session_user <> 'mallory', 'not mallory';", REFUSING_IF)
    for word in ("@", "current_user", "CURRENT_ROLE", " user"):
        remedy = remedy.replace(word, " session_user")
    target.deploy(BY_HAND.replace("@", remedy))
    assert target.logs_in("mallory", options=f"-c {option}"), "the remedy holds"


DDL_DENY = """
xtrig: 1
name: guard
schema: guard
tables:
  seen: {columns: {who: text, what: text}}
defaults: {on_error: allow}
triggers:
  no_drop:
    event: sql_drop
    steps:
      - for_each: dropped_object
        do: [{insert: seen, values: {who: "${login_user}", what: "${object_identity}"}}]
      - {deny: "nothing is dropped here", when: "${login_user} = 'mallory'"}
"""


DDL_DENY_ASKING = """
xtrig: 1
name: guard
schema: guard
tables:
  seen: {columns: {who: text, what: text}}
defaults: {on_error: allow, lock_timeout: 10s}
triggers:
  no_drop:
    event: sql_drop
    steps: [{deny: "nothing is dropped here", when: "not exists (select from guard.seen where who = ${login_user})"}]
"""


def reset(session: psycopg.Connection[Any]) -> None:
    """Take her settings back; on a busy machine her own timeout hits that, too."""
    while True:
        with suppress(psycopg.errors.QueryCanceled):
            session.execute("RESET ALL; SET client_min_messages = error")
            return


@pytest.mark.parametrize("setting", ["statement_timeout", "cancel"])
def test_a_denied_command_that_is_cancelled_in_the_trigger(target: Target, setting: str) -> None:
    """The same where the moment is no matter of luck: the denial waits for a lock on the table that it asks."""
    target.deploy(DDL_DENY_ASKING)
    target.as_mallory("CREATE SCHEMA lair; CREATE TABLE lair.kept (a integer)")
    with target.enter() as session:
        target.run("BEGIN; LOCK TABLE guard.seen")
        if setting != "cancel":
            session.execute(f"SET {setting} = '200ms'")
        session.pgconn.send_query(b"DROP TABLE lair.kept")
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'guard.seen'::regclass"
        if setting == "cancel":
            wait_until(lambda: target.value(waits) == 1, "the trigger waits", 5)
            session.pgconn.get_cancel().cancel()
        with suppress(psycopg.Error):
            while session.pgconn.get_result():
                pass
        target.run("ROLLBACK")
    holds(target.value("SELECT to_regclass('lair.kept') IS NOT NULL"), "mallory has dropped the table")


@pytest.mark.parametrize("setting", ["statement_timeout", "lock_timeout", "cancel", "client_min_messages"])
def test_a_denied_command_under_settings_of_the_user_s(target: Target, setting: str) -> None:
    """mallory may not drop anything. A timeout of hers, or her cancelling, ends the guarded block, and she drops it.

    In a session that has begun she needs no key to be flushed: her own client can cancel at any moment.
    """
    target.deploy(DDL_DENY)
    target.as_mallory("CREATE SCHEMA lair")
    with target.enter() as session:
        session.execute("CREATE TABLE lair.kept (a integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nothing is dropped"):
            session.execute("DROP TABLE lair.kept")
        for number in range(40):
            # More objects make the command long, and so the moment of the trigger a matter of luck.
            reset(session)
            session.execute(
                "DO $$ BEGIN FOR n IN 1..40 LOOP "
                "EXECUTE format('CREATE TABLE IF NOT EXISTS lair.t%s (a integer)', n); END LOOP; END $$"
            )
            tables = ", ".join(f"lair.t{n}" for n in range(1, 41))
            try:
                if setting == "statement_timeout":
                    session.execute(f"SET statement_timeout = {1 + number % 20}")
                elif setting == "lock_timeout":
                    session.execute("SET lock_timeout = 1")
                elif setting == "client_min_messages":
                    session.execute("SET debug_print_plan = on; SET client_min_messages = debug5")
                if setting == "cancel":
                    session.pgconn.send_query(f"DROP TABLE {tables}".encode())
                    time.sleep(number % 40 * 0.0005)
                    session.pgconn.get_cancel().cancel()
                    while session.pgconn.get_result():
                        pass
                else:
                    session.execute(f"DROP TABLE {tables}".encode())
            except psycopg.Error:
                pass
            with target.database.connect(options="-c event_triggers=off") as looks:
                if looks.execute("SELECT to_regclass('lair.t1') IS NULL").fetchone() == (True,):
                    raise AttackSucceededError(f"mallory has dropped the tables at try {number + 1}")


DDL_AUDIT = """
xtrig: 1
name: first
schema: audit
tables:
  log: {columns: {at: timestamptz, who: text, tag: text}}
defaults: {on_error: allow}
triggers:
  on_ddl:
    event: ddl_command_end
    steps: [{insert: log, values: {at: "${now}", who: "${login_user}", tag: "${tag}"}}]
"""


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["statement_timeout", "cancel", "transaction_timeout"])
def test_a_command_that_leaves_no_row(target: Target, setting: str) -> None:
    """mallory's own statement_timeout ends the trigger that records her DDL: the command stands, its row is missing.

    With `on_error: allow` she has only to find the moment, and tries as often as she likes.
    """
    target.deploy(DDL_AUDIT)
    target.as_mallory("CREATE SCHEMA lair")
    before = target.value("SELECT count(*) FROM audit.log")
    assert before == 1
    done = 0
    with target.enter() as session:
        for number in range(400):
            command = f"CREATE TABLE lair.t{number} ({', '.join(f'c{n} integer' for n in range(40))})"
            try:
                if setting == "cancel":
                    session.pgconn.send_query(command.encode())
                    time.sleep(number % 50 * 0.0001)
                    session.pgconn.get_cancel().cancel()
                    while session.pgconn.get_result():
                        pass
                else:
                    session.execute(f"SET {setting} = {1 + number % 4}")
                    session.execute(command.encode())
            except psycopg.Error:
                if session.closed:
                    break
            session.execute("RESET ALL")
    done = target.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'lair'::regnamespace AND relkind = 'r'")
    rows = target.value("SELECT count(*) FROM audit.log WHERE tag = 'CREATE TABLE'")
    holds(done <= rows, f"{done - rows} of {done} commands left no row")


NULLS = {
    "<>": "${client_ip} <> '10.0.0.1'",
    "not in": "${client_ip} not in ('10.0.0.1', '10.0.0.2')",
    "not like": "${client_ip} not like '10.%'",
    "not (=)": "not (${client_ip} = '10.0.0.1')",
    "port": "${client_port} > 1024",
    "auth": "${auth_method} <> 'scram-sha-256'",
    "coalesce of all": "coalesce(${client_ip} <> '10.0.0.1', false)",
    "is false": "(${client_ip} in ('10.0.0.1')) is false",
    "= false": "(${client_ip}::inet <<= '10.0.0.0/8') = false",
    "nullif": "nullif(${client_ip}, '10.0.0.1') is not null",
    "case": "case when ${client_ip} in ('10.0.0.1') then false when ${client_ip} > '' then true end",
    "a row": "(${client_ip}, ${login_user}) <> ('10.0.0.1', 'mallory')",
    "in a list with another": "${login_user} = 'mallory' and ${client_ip} <> '10.0.0.1'",
}


@pytest.mark.parametrize("condition", NULLS)
def test_a_condition_that_is_null(target: Target, condition: str) -> None:
    """Whoever comes over a unix socket has no address: a denial of all but one address is NULL, and lets her in."""
    definition = DENY.replace("policies ", "").replace("${login_user} = 'mallory'", NULLS[condition])
    said = target.say("check", target.given(definition), "--dialect", "postgresql", "--format", "json")
    assert said.code in (0, 1), said.err
    if said.code == 1 and "${" not in said.out and "fact" in said.out + said.err:
        pytest.skip(f"no such fact: {said.out[:200]}")
    if "NULL" in said.out:
        return  # a finding with the remedy
    target.deploy(definition)
    holds(target.logs_in("mallory") is not None, "mallory is in over the socket, and check had no finding")
