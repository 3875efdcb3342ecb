"""What each policy comes to on PostgreSQL, as sentences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xtrig.plugin import DDL_EVENTS, Behaviour, Event, Situation, Topic
from xtrig_pgfamily.evidence import ddl_test, login_test, manual, only_on_18

_SESSION = frozenset({Event.LOGON, Event.LOGOFF})
_LOGON = frozenset({Event.LOGON})
_LOGOFF = frozenset({Event.LOGOFF})

_policy = partial(Behaviour, Topic.POLICY)


def _is(policy: str, value: str, by_hand: bool | None = None) -> Callable[[Situation], bool]:
    """Return the condition that a policy has a value, and the body is written by hand or not (None: either)."""
    return lambda each: each.policy(policy) == value and by_hand in (None, each.by_hand)


def _bounded(policy: str) -> Callable[[Situation], bool]:
    return lambda each: each.policy(policy) is not None


_SECURITY = (
    _policy(
        "The function has its owner's rights, with search_path pinned to pg_catalog, pg_temp: a user needs no right "
        "on the tables, and his own objects are not found.",
        only_on_18("test_search_path_attack.py::test_all_attacks_at_once_leave_our_login_as_it_was"),
        _SESSION,
        applies=_is("security", "definer"),
        policy="security",
    ),
    _policy(
        "The function has its owner's rights, with search_path pinned to pg_catalog, pg_temp.",
        manual("CREATE FUNCTION"),
        DDL_EVENTS,
        applies=_is("security", "definer"),
        policy="security",
    ),
    _policy(
        "The function has the rights of the user who fires it: without the right to write to a table, its step fails.",
        manual("CREATE FUNCTION"),
        applies=_is("security", "invoker"),
        policy="security",
    ),
)
_ON_ERROR = (
    _policy(
        "An error is caught and logged, and the login goes on.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        _LOGON,
        applies=_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    _policy(
        "An error is caught and logged; logins go on, and the end is tried again.",
        login_test("test_inferred_logoff.py::test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later"),
        _LOGOFF,
        applies=_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    _policy(
        "There is no handler: any error refuses the login.",
        login_test("test_login_policies.py::test_an_exempt_role_gets_in_where_the_function_is_broken"),
        _LOGON,
        applies=_is("on_error", "deny", by_hand=False),
        policy="on_error",
    ),
    _policy(
        "An error is caught and logged, and the command goes on.",
        ddl_test("test_ddl_occasions.py::test_an_error_that_is_allowed_lets_the_command_through"),
        DDL_EVENTS,
        applies=_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    _policy(
        "There is no handler: any error stops the command.",
        ddl_test("test_ddl_occasions.py::test_an_error_stops_the_command"),
        DDL_EVENTS,
        applies=_is("on_error", "deny", by_hand=False),
        policy="on_error",
    ),
)
_STANDBY = (
    _policy(
        "On a hot standby and in a read-only session the steps that write are not run; a line in the server's log "
        "says so.",
        only_on_18("test_standby.py::test_the_audit_lets_everybody_into_a_standby_and_leaves_a_log_line"),
        _LOGON,
        applies=lambda each: each.policies.standby == "skip" and each.writes,
        policy="standby",
    ),
    _policy(
        "It makes no difference: no step writes.",
        manual("chapter Hot Standby, User's Overview"),
        _LOGON,
        applies=lambda each: not each.by_hand and not each.writes,
        policy="standby",
    ),
    _policy(
        "There is no guard: on a hot standby and in a read-only session a step that writes fails.",
        login_test("test_login_guards.py::test_without_guards_a_read_only_session_is_refused"),
        _LOGON,
        applies=_is("standby", "run", by_hand=False),
        policy="standby",
    ),
    _policy(
        "Whatever it says, nothing is written on a hot standby and in a read-only session; a line in the server's "
        "log says so.",
        login_test("test_inferred_logoff.py::test_a_read_only_session_is_let_in_and_leaves_no_row"),
        _LOGOFF,
        policy="standby",
    ),
)
_BOUNDS = (
    _policy(
        "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error. A client cannot "
        "change that.",
        login_test("test_login_guards.py::test_a_locked_table_lets_the_login_through_while_it_is_locked"),
        _SESSION,
        applies=_bounded("lock_timeout"),
        policy="lock_timeout",
    ),
    _policy(
        "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error.",
        manual("section Client Connection Defaults, lock_timeout"),
        DDL_EVENTS,
        applies=_bounded("lock_timeout"),
        policy="lock_timeout",
    ),
    _policy(
        "A step waits for a lock as long as the session's own lock_timeout lets it.",
        manual("section Client Connection Defaults, lock_timeout"),
        policy="lock_timeout",
    ),
    _policy(
        "A login in which the function takes longer than {timeout} is refused (FATAL), which nothing catches. It "
        "does not bound the commit.",
        login_test("test_login_guards.py::test_a_login_that_takes_too_long_is_refused"),
        _SESSION,
        applies=_bounded("timeout"),
        policy="timeout",
    ),
    _policy(
        "Nothing bounds the function, and statement_timeout does not either: one that hangs, hangs every login.",
        login_test("test_login_guards.py::test_a_statement_timeout_does_not_bound_a_login"),
        _SESSION,
        policy="timeout",
    ),
    _policy(
        "The login does not wait until its rows are on disk: a crash may lose those of the last second.",
        login_test("test_login_policies.py::test_relaxed_durability_is_that_of_the_login_alone"),
        _SESSION,
        applies=_is("durability", "relaxed", by_hand=False),
        policy="durability",
    ),
    _policy(
        "The login waits until its rows are as safe as the server's synchronous_commit makes them. That is a setting "
        "which the user who logs in can lower for himself.",
        login_test("test_login_policies.py::test_no_setting_of_the_client_keeps_him_out_of_the_log"),
        _SESSION,
        applies=_is("durability", "full", by_hand=False),
        policy="durability",
    ),
    _policy(
        "For {exempt_roles} nothing runs but a line in the server's log. The role that logged in counts, by its "
        "exact name; SET ROLE and memberships change nothing.",
        login_test("test_login_policies.py::test_becoming_the_exempt_role_by_an_option_does_not_help"),
        _SESSION,
        applies=lambda each: bool(each.policies.exempt_roles) and not each.by_hand,
        policy="exempt_roles",
    ),
    _policy(
        "For {exempt_roles} nothing runs but a line in the server's log. The role that logged in counts, by its "
        "exact name.",
        ddl_test("test_ddl_occasions.py::test_an_exempt_role_is_not_stopped"),
        DDL_EVENTS,
        applies=lambda each: bool(each.policies.exempt_roles) and not each.by_hand,
        policy="exempt_roles",
    ),
)


_REPLICATION = manual("section Client Connection Defaults, session_replication_role")


def _enable(value: str, text: str) -> tuple[Behaviour, Behaviour]:
    at_login = login_test("test_login_occasions.py::test_session_replication_role_decides", _REPLICATION)
    at_ddl = ddl_test("test_ddl_occasions.py::test_session_replication_role_decides", _REPLICATION)
    return (
        _policy(text, at_login, _SESSION, applies=_is("enable", value), policy="enable"),
        _policy(text, at_ddl, DDL_EVENTS, applies=_is("enable", value), policy="enable"),
    )


_ENABLE = (
    *_enable(
        "origin",
        "It does not fire in sessions with session_replication_role = replica, which a superuser can set, or a role "
        "that was granted SET on it.",
    ),
    *_enable("always", "It fires whatever session_replication_role is."),
    *_enable("replica", "It fires only in sessions with session_replication_role = replica, so in no ordinary one."),
    *_enable("disabled", "It never fires until someone enables it."),
)

POLICIES: tuple[Behaviour, ...] = (*_SECURITY, *_ON_ERROR, *_STANDBY, *_BOUNDS, *_ENABLE)
