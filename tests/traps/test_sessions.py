"""Who is seen, in which order, where, and what is left of it: by hand and by ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.conftest import fresh_database
from tests.server.sides import Side
from tests.traps.naive import OBSERVER, by_hand, log_end, log_in, rendered, rows

pytestmark = pytest.mark.server

DEFINER = "SECURITY DEFINER"
INSERT = "INSERT INTO audit.log (who, what) VALUES (session_user, 'naive');"
RECORD = "{insert: log, values: {who: '${login_user}', what: \"'ours'\"}}"
RECORDS = f"records: {{event: logon, steps: [{RECORD}]}}"
DENY = "{deny: 'closed for ${login_user}'}"
REPLICA = "-c session_replication_role=replica"


@pytest.fixture
def replicating(trap: Side) -> Iterator[Side]:
    """Let alice say that she replicates, as a change data capture tool may."""
    trap.admin.execute("GRANT SET ON PARAMETER session_replication_role TO alice")
    yield trap
    trap.admin.execute("REVOKE SET ON PARAMETER session_replication_role FROM alice")


def test_trap_11_a_denial_takes_the_row_of_the_same_login_back(trap: Side) -> None:
    by_hand(trap, f"{INSERT} RAISE 'closed';", clauses=DEFINER)
    assert log_in(trap) == "closed"
    assert rows(trap) == []


def test_trap_11_a_denial_of_ours_takes_the_row_back_too_and_a_log_step_keeps_the_record(trap: Side) -> None:
    rendered(trap, f"ours: {{event: logon, steps: [{RECORD}, {{log: 'denied ${{login_user}}'}}, {DENY}]}}")
    start = log_end(trap)
    assert log_in(trap) == "closed for alice"
    assert rows(trap) == []
    text = trap.database.server.log_text()[start:]
    assert f"alice@{trap.database.name} LOG:  denied alice" in text
    assert f"alice@{trap.database.name} FATAL:  closed for alice" in text


def test_trap_22_event_triggers_off_is_no_way_out_for_an_ordinary_role(trap: Side) -> None:
    by_hand(trap, "RAISE 'closed';")
    assert log_in(trap) == "closed"
    assert log_in(trap, options=OBSERVER) == 'permission denied to set parameter "event_triggers"'
    assert log_in(trap, "postgres") == "closed"
    assert log_in(trap, "postgres", OBSERVER) is None


def test_trap_22_ours_has_a_way_out_for_the_roles_that_it_names(trap: Side) -> None:
    rendered(trap, f"ours: {{event: logon, exempt_roles: [alice], steps: [{DENY}]}}")
    assert log_in(trap) is None
    assert log_in(trap, "postgres") == "closed for postgres"


def test_trap_25_current_user_in_a_definers_function_is_the_definer(trap: Side) -> None:
    by_hand(trap, "INSERT INTO audit.log (who, what) VALUES (current_user, session_user);", clauses=DEFINER)
    assert log_in(trap) is None
    assert rows(trap, "who, what") == [("postgres", "alice")]


def test_trap_25_current_user_in_an_invokers_function_is_what_the_client_says(trap: Side) -> None:
    by_hand(trap, "INSERT INTO audit.log (who, what) VALUES (current_user, session_user);")
    trap.admin.execute("GRANT pg_write_all_data TO alice; GRANT USAGE ON SCHEMA audit TO pg_write_all_data")
    assert log_in(trap, options="-c role=pg_write_all_data") is None
    assert rows(trap, "who, what") == [("pg_write_all_data", "alice")]
    trap.admin.execute("REVOKE pg_write_all_data FROM alice; DROP SCHEMA audit CASCADE")


def test_trap_25_our_login_user_is_who_logged_in(trap: Side) -> None:
    trap.admin.execute("GRANT pg_read_all_data TO alice")
    rendered(trap, RECORDS.replace("\"'ours'\"", "'${current_user}'"))
    assert log_in(trap) is None
    assert log_in(trap, options="-c role=pg_read_all_data") is None
    assert rows(trap, "who, what") == [("alice", "postgres")] * 2
    trap.admin.execute("REVOKE pg_read_all_data FROM alice")


def test_trap_26_who_may_say_that_he_replicates_is_not_seen_by_a_naive_trigger(replicating: Side) -> None:
    by_hand(replicating, "RAISE 'closed';")
    assert log_in(replicating) == "closed"
    assert log_in(replicating, options=REPLICA) is None


@pytest.mark.parametrize(("state", "refused"), [("origin", False), ("always", True)])
def test_trap_26_with_enable_always_ours_sees_him_too(state: str, refused: bool, replicating: Side) -> None:
    rendered(replicating, f"ours: {{event: logon, enable: {state}, steps: [{DENY}]}}")
    assert log_in(replicating) == "closed for alice"
    assert (log_in(replicating, options=REPLICA) is not None) is refused


def test_trap_29_triggers_fire_in_the_order_of_their_names_and_a_later_denial_loses_all_rows(trap: Side) -> None:
    by_hand(trap, "RAISE 'closed';", name="z_denies")
    by_hand(trap, INSERT, name="a_records", clauses=DEFINER)
    assert log_in(trap) == "closed"
    assert rows(trap) == []
    trap.admin.execute("ALTER EVENT TRIGGER z_denies DISABLE")
    by_hand(trap, INSERT.replace("naive", "second"), name="b_records", clauses=DEFINER)
    assert log_in(trap) is None
    assert rows(trap, "what") == ["naive", "second"]


def test_trap_29_ours_fire_by_name_too_and_what_is_logged_before_a_denial_stays(trap: Side) -> None:
    denies = f"z_denies: {{event: logon, steps: [{DENY}]}}"
    logs = f"a_logs: {{event: logon, steps: [{{log: 'seen ${{login_user}}'}}, {RECORD}]}}"
    rendered(trap, denies, logs)
    start = log_end(trap)
    assert log_in(trap) == "closed for alice"
    assert rows(trap) == []
    assert f"alice@{trap.database.name} LOG:  seen alice" in trap.database.server.log_text()[start:]


@pytest.mark.parametrize("ours", [False, True])
def test_trap_30_a_trigger_sees_the_logins_of_its_own_database_alone(ours: bool, trap: Side) -> None:
    if ours:
        rendered(trap, RECORDS)
    else:
        by_hand(trap, INSERT, clauses=DEFINER)
    with fresh_database(trap.database.server) as other:
        other.connect("alice").close()
        assert rows(trap) == []
        assert log_in(trap) is None
        assert rows(trap) == ["alice"]
