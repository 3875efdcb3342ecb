"""What PostgreSQL does around a trigger on DDL, as sentences. Its forks take it from there.

A few of them hold at every event; they come after what a dialect says of logon and logoff alone.
"""

from __future__ import annotations

from functools import partial

from xtrig.plugin import DDL_EVENTS, Behaviour, Condition, Event, Situation, Topic
from xtrig_pgfamily.evidence import EVENT_TRIGGERS, ddl, ddl_test, login_test, manual, only_on_18

_DROP = frozenset({Event.SQL_DROP})
_REWRITE = frozenset({Event.TABLE_REWRITE})

fires = partial(Behaviour, Topic.FIRES)
silent = partial(Behaviour, Topic.SILENT)
unrecorded = partial(Behaviour, Topic.UNRECORDED)
failure = partial(Behaviour, Topic.FAILURE)
policy = partial(Behaviour, Topic.POLICY)


def records(each: Situation) -> bool:
    """Whether a step inserts a row."""
    return each.records


def caught(each: Situation) -> bool:
    """Whether the rendered function catches an error of its steps."""
    return not each.by_hand and each.policies.on_error == "allow"


def policy_is(name: str, value: str, by_hand: bool | None = None) -> Condition:
    """Return the condition that a policy has a value, and the body is written by hand or not (None: either)."""
    return lambda each: each.policy(name) == value and by_hand in (None, each.by_hand)


def bounded(name: str) -> Condition:
    """Return the condition that a timeout has a value."""
    return lambda each: each.policy(name) is not None


def exempts(each: Situation) -> bool:
    """Whether the rendered function lets some roles pass."""
    return bool(each.policies.exempt_roles) and not each.by_hand


REPLICATION = manual("section Client Connection Defaults, session_replication_role")
ENABLE = {
    "origin": "It does not fire in sessions with session_replication_role = replica, which a superuser can set, or a "
    "role that was granted SET on it.",
    "always": "It fires whatever session_replication_role is.",
    "replica": "It fires only in sessions with session_replication_role = replica, so in no ordinary one.",
    "disabled": "It never fires until someone enables it.",
}
"""What each value of enable means, at every event."""

_FIRING = (
    fires(
        "At DDL commands in the database that holds it, also inside functions, and also on temporary tables.",
        ddl("test_nobody_is_exempt"),
        DDL_EVENTS - _REWRITE - _DROP,
    ),
    fires(
        "At commands that drop something, DROP ... and ALTER TABLE ... DROP COLUMN among them, once for all that "
        "goes with it.",
        ddl("test_a_drop_lists_all_that_goes_with_it"),
        _DROP,
    ),
    fires(
        "When ALTER TABLE, ALTER TYPE or ALTER MATERIALIZED VIEW is about to rewrite a table.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    silent(
        "At VACUUM FULL and CLUSTER, which rewrite a table without it.",
        ddl("test_only_alter_rewrites", EVENT_TRIGGERS),
        _REWRITE,
    ),
    silent(
        "At TRUNCATE and REFRESH MATERIALIZED VIEW, which write a table anew.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    silent(
        "At ALTER TABLE that need not rewrite, such as ADD COLUMN with a constant default.",
        ddl("test_only_alter_rewrites"),
        _REWRITE,
    ),
    silent(
        "At commands on roles, memberships, databases, tablespaces and parameters, ALTER SYSTEM, TRUNCATE, VACUUM "
        "and ANALYZE, and at anything that is no DDL.",
        ddl("test_what_no_event_trigger_sees", EVENT_TRIGGERS),
        DDL_EVENTS - _REWRITE,
    ),
    silent(
        "At commands on event triggers themselves: who may alter or drop this one is not watched by it.",
        ddl("test_commands_on_event_triggers_fire_none", EVENT_TRIGGERS),
        DDL_EVENTS - _REWRITE,
    ),
    silent(
        "When temporary tables go with their session.",
        ddl("test_temporary_tables_that_go_with_their_session_fire_nothing"),
        _DROP,
    ),
    silent(
        "At a command that fails before its end.",
        ddl("test_a_command_that_fails_reaches_no_end", EVENT_TRIGGERS),
        frozenset({Event.DDL_COMMAND_END, Event.SQL_DROP}),
    ),
    silent("In other databases of the server.", ddl("test_other_databases_do_not_fire_it"), DDL_EVENTS),
    silent(
        "On a hot standby, where no DDL command runs.",
        manual("chapter Hot Standby, User's Overview"),
        DDL_EVENTS,
    ),
    silent("In single-user mode.", EVENT_TRIGGERS, DDL_EVENTS),
)
_EFFECTS = (
    Behaviour(
        Topic.STEPS,
        "A condition that is NULL counts as not met, as with a fact that is NULL on a unix socket.",
        login_test(
            "test_login_occasions.py::test_a_condition_that_is_null_is_not_met",
            manual("chapter PL/pgSQL, Control Structures"),
        ),
        applies=lambda each: each.decides,
    ),
    unrecorded(
        "A command whose transaction is rolled back, whether by an error, a deny or its user: the rows go with it.",
        ddl("test_a_command_that_is_rolled_back_leaves_no_row", EVENT_TRIGGERS),
        DDL_EVENTS,
        applies=records,
    ),
    failure(
        "An error in a step is caught: the command goes on, and the error is a line in the server's log.",
        ddl("test_an_error_that_is_allowed_lets_the_command_through"),
        DDL_EVENTS,
        applies=caught,
    ),
    failure(
        "A refusal reaches the client with its message and SQLSTATE 42501 (insufficient_privilege).",
        ddl("test_a_deny_stops_the_command", EVENT_TRIGGERS),
        DDL_EVENTS,
        applies=lambda each: each.denies,
    ),
)
_POLICIES = (
    policy(
        "The function has its owner's rights, with search_path pinned to pg_catalog, pg_temp.",
        manual("CREATE FUNCTION"),
        DDL_EVENTS,
        applies=policy_is("security", "definer"),
        policy="security",
    ),
    policy(
        "The function has the rights of the user who fires it: without the right to write to a table, its step fails.",
        manual("CREATE FUNCTION"),
        applies=policy_is("security", "invoker"),
        policy="security",
    ),
    policy(
        "An error is caught and logged, and the command goes on. Cancelling it, also by the user's own "
        "statement_timeout, is not caught: it stops the command.",
        only_on_18(
            "attacks/test_deny.py::test_a_denied_command_under_settings_of_the_user_s",
            ddl_test("test_ddl_occasions.py::test_an_error_that_is_allowed_lets_the_command_through"),
        ),
        DDL_EVENTS,
        applies=policy_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    policy(
        "There is no handler: any error stops the command.",
        ddl_test("test_ddl_occasions.py::test_an_error_stops_the_command"),
        DDL_EVENTS,
        applies=policy_is("on_error", "deny", by_hand=False),
        policy="on_error",
    ),
    policy(
        "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error.",
        manual("section Client Connection Defaults, lock_timeout"),
        DDL_EVENTS,
        applies=bounded("lock_timeout"),
        policy="lock_timeout",
    ),
    policy(
        "A step waits for a lock as long as the session's own lock_timeout lets it.",
        manual("section Client Connection Defaults, lock_timeout"),
        policy="lock_timeout",
    ),
    policy(
        "For {exempt_roles} nothing runs but a line in the server's log. The role that logged in counts, by its "
        "exact name.",
        ddl_test("test_ddl_occasions.py::test_an_exempt_role_is_not_stopped"),
        DDL_EVENTS,
        applies=exempts,
        policy="exempt_roles",
    ),
    *(
        policy(
            text,
            ddl_test("test_ddl_occasions.py::test_session_replication_role_decides", REPLICATION),
            DDL_EVENTS,
            applies=policy_is("enable", value),
            policy="enable",
        )
        for value, text in ENABLE.items()
    ),
)

DDL_BEHAVIOURS: tuple[Behaviour, ...] = (*_FIRING, *_EFFECTS, *_POLICIES)
