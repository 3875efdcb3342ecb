"""What PostgreSQL does around a trigger, as sentences: beside its occasions, what is not recorded and what fails."""

from __future__ import annotations

from functools import partial

from xtrig.plugin import DDL_EVENTS, Behaviour, Situation, Topic, unverified
from xtrig_pgfamily.behaviours.occasions import LOGOFF, LOGON, OCCASIONS
from xtrig_pgfamily.behaviours.policies import POLICIES
from xtrig_pgfamily.evidence import EVENT_TRIGGERS, LOGIN, ddl, inferred, login_test, manual, occasion

_MEASURED = unverified("measured on 17.9 and 18.4 outside of this project's tests")

_unrecorded = partial(Behaviour, Topic.UNRECORDED)
_failure = partial(Behaviour, Topic.FAILURE)


def _records(each: Situation) -> bool:
    return each.records


def _caught(each: Situation) -> bool:
    return not each.by_hand and each.policies.on_error == "allow"


def _uncaught(each: Situation) -> bool:
    return each.by_hand or each.policies.on_error == "deny"


_STEPS = (
    Behaviour(
        Topic.STEPS,
        "A condition that is NULL counts as not met, as with a fact that is NULL on a unix socket.",
        login_test(
            "test_login_occasions.py::test_a_condition_that_is_null_is_not_met",
            manual("chapter PL/pgSQL, Control Structures"),
        ),
        applies=lambda each: each.decides,
    ),
)
_UNRECORDED = (
    _unrecorded(
        "A login that is refused, by this trigger or another login trigger: its rows are rolled back. Only the "
        "server's log can hold it.",
        occasion("test_a_refusal_takes_the_rows_of_all_login_triggers"),
        LOGON,
        applies=_records,
    ),
    _unrecorded(
        "A read-only session (any user can ask for one), and a session on a hot standby: a line in the server's log "
        "takes the place of the rows that are inserted without a condition, and the login goes on.",
        login_test("test_login_guards.py::test_a_read_only_session_is_let_in_and_its_row_is_in_the_log"),
        LOGON,
        applies=lambda each: each.records and each.policies.standby == "skip",
    ),
    _unrecorded(
        "A login in which a step failed: what the function did before the error is undone, and the error is a line "
        "in the server's log.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        LOGON,
        applies=lambda each: each.records and _caught(each),
    ),
    _unrecorded(
        "A session end whose row its own values make impossible (a NULL, a text too long): it goes to the server's "
        "log, so that it holds up no other.",
        inferred("test_a_row_that_cannot_be_recorded_does_not_hold_up_the_others"),
        LOGOFF,
        applies=_records,
    ),
    _unrecorded(
        "The moment of the end: facts about time are those of the login that notices it.",
        unverified("follows from the rendered function; no test compares the times"),
        LOGOFF,
        applies=_records,
    ),
    _unrecorded(
        "A command whose transaction is rolled back, whether by an error, a deny or its user: the rows go with it.",
        ddl("test_a_command_that_is_rolled_back_leaves_no_row", EVENT_TRIGGERS),
        DDL_EVENTS,
        applies=_records,
    ),
)
_FAILURES = (
    _failure(
        "An error in a step is caught: the login goes on, and the error is a line in the server's log, which no "
        "client can silence. So are failed assertions, cancelled statements and deferred constraints.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        LOGON,
        applies=_caught,
    ),
    _failure(
        "A failing logon function locks everybody out of the database, superusers included, until one of them comes "
        "in with event triggers off.",
        login_test("test_login_guards.py::test_without_guards_the_same_fault_refuses_the_login", LOGIN),
        LOGON,
        applies=_uncaught,
    ),
    _failure(
        "An error in a step undoes the whole batch of ends, which the next login tries again.",
        inferred("test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later"),
        LOGOFF,
    ),
    _failure(
        "An error that another login trigger of the database does not catch refuses the login too, and rolls these "
        "rows back.",
        occasion("test_a_refusal_takes_the_rows_of_all_login_triggers"),
        LOGON,
    ),
    _failure(
        "Nothing catches pg_terminate_backend: a login that it hits is refused.",
        _MEASURED,
        LOGON,
    ),
    _failure(
        "Nothing bounds the commit: with a synchronous standby that cannot be reached, the login hangs.",
        _MEASURED,
        LOGON,
        applies=lambda each: each.policies.durability == "full" or each.by_hand,
    ),
    _failure(
        "An error in a step is caught: the command goes on, and the error is a line in the server's log.",
        ddl("test_an_error_that_is_allowed_lets_the_command_through"),
        DDL_EVENTS,
        applies=_caught,
    ),
    _failure(
        "A refusal reaches the client with its message and SQLSTATE 42501 (insufficient_privilege).",
        ddl("test_a_deny_stops_the_command", EVENT_TRIGGERS),
        DDL_EVENTS,
        applies=lambda each: each.denies,
    ),
    _failure(
        "A refusal reaches the client as a FATAL message; psycopg reports no SQLSTATE for it.",
        occasion("test_a_refusal_is_a_message_without_sqlstate"),
        LOGON,
        applies=lambda each: each.denies,
    ),
)

BEHAVIOURS: tuple[Behaviour, ...] = (
    *OCCASIONS,
    *_STEPS,
    *_UNRECORDED,
    *_FAILURES,
    *POLICIES,
)
