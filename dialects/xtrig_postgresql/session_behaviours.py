"""What PostgreSQL does around a logon trigger and an inferred logoff, as sentences, and all that it does around any."""

from __future__ import annotations

from xtrig.plugin import DDL_EVENTS, SESSION_EVENTS, Behaviour, Evidence, Situation, unverified
from xtrig_pgfamily.ddl_behaviours import DDL_BEHAVIOURS, caught, failure, fires, records, silent, unrecorded
from xtrig_pgfamily.evidence import EVENT_TRIGGERS, LOGIN, UNTRIED, login_test, only_on_18
from xtrig_postgresql.session_policies import LOGOFF, LOGON, SESSION_POLICIES, inferred

_MEASURED = unverified("measured on 17.9 and 18.4 outside of this project's tests")


def firing(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test of when login triggers fire."""
    return login_test(f"test_login_occasions.py::{test}", otherwise)


def _uncaught(each: Situation) -> bool:
    return each.by_hand or each.policies.on_error == "deny"


_LOGON = (
    fires(
        "At every login to the database that holds it, before the session's first command.",
        firing("test_superusers_are_not_exempt", LOGIN),
        LOGON,
    ),
    fires(
        "For each connection of a program that opens several, such as pg_dump -j.",
        firing("test_a_program_fires_it_for_each_of_its_connections"),
        LOGON,
    ),
    fires(
        "On a hot standby, too.",
        only_on_18("test_standby.py::test_the_audit_lets_everybody_into_a_standby_and_leaves_a_log_line", LOGIN),
        LOGON,
    ),
    fires(
        "For logical replication connections (replication=database), such as those of a subscriber.",
        firing("test_logical_replication_fires_it"),
        LOGON,
    ),
    silent(
        "When a pool hands out a session that is open already, and at SET ROLE, SET SESSION AUTHORIZATION, "
        "DISCARD ALL or RESET ALL: none of these is a login.",
        firing("test_an_open_session_fires_nothing"),
        LOGON,
    ),
    silent(
        "For physical replication and pg_basebackup, which connect to no database.",
        firing("test_physical_replication_does_not_fire_it"),
        LOGON,
    ),
    silent("For parallel workers.", firing("test_a_parallel_worker_does_not_fire_it"), LOGON),
    silent(
        "For autovacuum and other background workers.",
        _MEASURED,
        LOGON,
    ),
    silent(
        "When the login fails before it: wrong password, NOLOGIN, no right to connect, connection limit.",
        firing("test_a_login_that_fails_before_does_not_fire_it"),
        LOGON,
    ),
    silent(
        "At logins to other databases of the server: a trigger belongs to one database.",
        firing("test_other_databases_do_not_fire_it"),
        SESSION_EVENTS,
    ),
    silent(
        "In a session begun with event_triggers=off. Only a superuser can ask for that, or a role that was granted "
        "SET on the parameter, or for which a superuser has set it.",
        firing("test_only_a_superuser_can_switch_event_triggers_off", LOGIN),
        SESSION_EVENTS,
    ),
    silent("In single-user mode.", LOGIN, SESSION_EVENTS),
    silent(
        "For sessions that were open before the trigger was created.",
        firing("test_an_open_session_fires_nothing"),
        LOGON,
    ),
)
_LOGOFF = (
    fires(
        "PostgreSQL has no logoff event: the end of a session is noticed by a later login, which runs the steps for "
        "it. At most 20 ends are worked off by one login, the oldest first.",
        inferred("test_one_login_records_a_bounded_number"),
        LOGOFF,
    ),
    fires(
        "However the session ended: by disconnecting, by pg_terminate_backend, or in a crash of the server. Each "
        "end gets its steps once.",
        inferred("test_sessions_lost_in_a_crash_get_one_logoff_each"),
        LOGOFF,
    ),
    silent(
        "As long as nobody logs in: an end that no later login notices is not recorded.",
        inferred("test_an_open_session_has_no_logoff"),
        LOGOFF,
    ),
    silent(
        "For sessions whose logon could not be written down: read-only ones, and those on a hot standby.",
        inferred("test_a_read_only_session_is_let_in_and_leaves_no_row"),
        LOGOFF,
    ),
    silent(
        "For logins that were refused: they leave nothing open.",
        inferred("test_a_denied_login_leaves_nothing_open"),
        LOGOFF,
    ),
    silent(
        "If the function's owner may not see when other sessions began (no superuser, not in pg_read_all_stats): "
        "then a session counts as open as long as its process id is in use.",
        inferred("test_an_owner_who_cannot_see_other_sessions_takes_none_for_ended"),
        LOGOFF,
    ),
)
_EFFECTS = (
    unrecorded(
        "A login that is refused, by this trigger or another login trigger: its rows are rolled back. Only the "
        "server's log can hold it.",
        firing("test_a_refusal_takes_the_rows_of_all_login_triggers"),
        LOGON,
        applies=records,
    ),
    unrecorded(
        "A read-only session (any user can ask for one), and a session on a hot standby: a line in the server's log "
        "takes the place of the rows that are inserted without a condition, and the login goes on.",
        login_test("test_login_guards.py::test_a_read_only_session_is_let_in_and_its_row_is_in_the_log"),
        LOGON,
        applies=lambda each: each.records and each.policies.standby == "skip",
    ),
    unrecorded(
        "A login in which a step failed: what the function did before the error is undone, and the error is a line "
        "in the server's log.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        LOGON,
        applies=lambda each: each.records and caught(each),
    ),
    unrecorded(
        "A session end whose row its own values make impossible (a NULL, a text too long): it goes to the server's "
        "log, so that it holds up no other.",
        inferred("test_a_row_that_cannot_be_recorded_does_not_hold_up_the_others"),
        LOGOFF,
        applies=records,
    ),
    unrecorded(
        "The moment of the end: facts about time are those of the login that notices it.",
        unverified("follows from the rendered function; no test compares the times"),
        LOGOFF,
        applies=records,
    ),
    failure(
        "An error in a step is caught: the login goes on, and the error is a line in the server's log, which no "
        "client can silence. So are failed assertions, deferred constraints and, where nothing denies, cancelling.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        LOGON,
        applies=caught,
    ),
    failure(
        "A failing logon function locks everybody out of the database, superusers included, until one of them comes "
        "in with event triggers off.",
        login_test("test_login_guards.py::test_without_guards_the_same_fault_refuses_the_login", LOGIN),
        LOGON,
        applies=_uncaught,
    ),
    failure(
        "An error in a step undoes the whole batch of ends, which the next login tries again.",
        inferred("test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later"),
        LOGOFF,
    ),
    failure(
        "An error that another login trigger of the database does not catch refuses the login too, and rolls these "
        "rows back.",
        firing("test_a_refusal_takes_the_rows_of_all_login_triggers"),
        LOGON,
    ),
    failure(
        "Nothing catches pg_terminate_backend: a login that it hits is refused.",
        _MEASURED,
        LOGON,
    ),
    failure(
        "Nothing bounds the commit: with a synchronous standby that cannot be reached, the login hangs.",
        _MEASURED,
        LOGON,
        applies=lambda each: each.policies.durability == "full" or each.by_hand,
    ),
    failure(
        "A refusal reaches the client as a FATAL message; psycopg reports no SQLSTATE for it.",
        firing("test_a_refusal_is_a_message_without_sqlstate"),
        LOGON,
        applies=lambda each: each.denies,
    ),
)
# The parameter came with PostgreSQL 17.
_SWITCHED_OFF = (
    silent(
        "In a session with event_triggers=off, which a superuser can set, or a role that was granted SET on it.",
        login_test("test_ddl_occasions.py::test_a_superuser_can_switch_event_triggers_off", EVENT_TRIGGERS),
        DDL_EVENTS,
        since=(17,),
    ),
)

BEHAVIOURS: tuple[Behaviour, ...] = (
    *_LOGON,
    *_LOGOFF,
    *_EFFECTS,
    *SESSION_POLICIES,
    *DDL_BEHAVIOURS,
    *_SWITCHED_OFF,
)
