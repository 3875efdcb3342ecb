"""What each policy does at PostgreSQL's logon and inferred logoff, as sentences."""

from __future__ import annotations

from xtrig.plugin import SESSION_EVENTS, Behaviour, Event, Evidence
from xtrig_pgfamily.ddl_behaviours import ENABLE, REPLICATION, bounded, exempts, policy, policy_is
from xtrig_pgfamily.evidence import login_test, manual, only_on_18

LOGON = frozenset({Event.LOGON})
LOGOFF = frozenset({Event.LOGOFF})


def inferred(test: str) -> Evidence:
    """Return the evidence of a test of inferred logoffs."""
    return login_test(f"test_inferred_logoff.py::{test}")


SESSION_POLICIES: tuple[Behaviour, ...] = (
    policy(
        "The function has its owner's rights, with search_path pinned to pg_catalog, pg_temp: a user needs no right "
        "on the tables, and his own objects are not found.",
        only_on_18("test_search_path_attack.py::test_all_attacks_at_once_leave_our_login_as_it_was"),
        SESSION_EVENTS,
        applies=policy_is("security", "definer"),
        policy="security",
    ),
    policy(
        "An error is caught and logged, and the login goes on: but a deny is asked whatever fails before it, and "
        "cancelling the login refuses it.",
        only_on_18("attacks/test_deny.py::test_a_login_that_is_cancelled"),
        LOGON,
        applies=lambda each: each.denies and policy_is("on_error", "allow", by_hand=False)(each),
        policy="on_error",
    ),
    policy(
        "An error is caught and logged, and the login goes on.",
        login_test("test_login_guards.py::test_a_fault_lets_the_login_through_and_is_in_the_log"),
        LOGON,
        applies=policy_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    policy(
        "An error is caught and logged; logins go on, and the end is tried again.",
        inferred("test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later"),
        LOGOFF,
        applies=policy_is("on_error", "allow", by_hand=False),
        policy="on_error",
    ),
    policy(
        "There is no handler: any error refuses the login.",
        login_test("test_login_policies.py::test_an_exempt_role_gets_in_where_the_function_is_broken"),
        LOGON,
        applies=policy_is("on_error", "deny", by_hand=False),
        policy="on_error",
    ),
    policy(
        "On a hot standby and in a read-only session the steps that write are not run; a line in the server's log "
        "says so.",
        only_on_18("test_standby.py::test_the_audit_lets_everybody_into_a_standby_and_leaves_a_log_line"),
        LOGON,
        applies=lambda each: each.policies.standby == "skip" and each.writes,
        policy="standby",
    ),
    policy(
        "It makes no difference: no step writes.",
        manual("chapter Hot Standby, User's Overview"),
        LOGON,
        applies=lambda each: not each.by_hand and not each.writes,
        policy="standby",
    ),
    policy(
        "There is no guard: on a hot standby and in a read-only session a step that writes fails.",
        login_test("test_login_guards.py::test_without_guards_a_read_only_session_is_refused"),
        LOGON,
        applies=policy_is("standby", "run", by_hand=False),
        policy="standby",
    ),
    policy(
        "Whatever it says, nothing is written on a hot standby and in a read-only session; a line in the server's "
        "log says so.",
        inferred("test_a_read_only_session_is_let_in_and_leaves_no_row"),
        LOGOFF,
        policy="standby",
    ),
    policy(
        "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error. A client cannot "
        "change that.",
        login_test("test_login_guards.py::test_a_locked_table_lets_the_login_through_while_it_is_locked"),
        SESSION_EVENTS,
        applies=bounded("lock_timeout"),
        policy="lock_timeout",
    ),
    policy(
        "A login in which the function takes longer than {timeout} is refused (FATAL), which nothing catches. It "
        "does not bound the commit.",
        login_test("test_login_guards.py::test_a_login_that_takes_too_long_is_refused"),
        SESSION_EVENTS,
        applies=bounded("timeout"),
        policy="timeout",
    ),
    policy(
        "Nothing bounds the function, and statement_timeout does not either: one that hangs, hangs every login.",
        login_test("test_login_guards.py::test_a_statement_timeout_does_not_bound_a_login"),
        SESSION_EVENTS,
        policy="timeout",
    ),
    policy(
        "The login does not wait until its rows are on disk: a crash may lose those of the last second.",
        login_test("test_login_policies.py::test_relaxed_durability_is_that_of_the_login_alone"),
        SESSION_EVENTS,
        applies=policy_is("durability", "relaxed", by_hand=False),
        policy="durability",
    ),
    policy(
        "The login waits until its rows are as safe as the server's synchronous_commit makes them. That is a setting "
        "which the user who logs in can lower for himself.",
        login_test("test_login_policies.py::test_no_setting_of_the_client_keeps_him_out_of_the_log"),
        SESSION_EVENTS,
        applies=policy_is("durability", "full", by_hand=False),
        policy="durability",
    ),
    policy(
        "For {exempt_roles} nothing runs but a line in the server's log. The role that logged in counts, by its "
        "exact name; SET ROLE and memberships change nothing.",
        login_test("test_login_policies.py::test_becoming_the_exempt_role_by_an_option_does_not_help"),
        SESSION_EVENTS,
        applies=exempts,
        policy="exempt_roles",
    ),
    *(
        policy(
            text,
            login_test("test_login_occasions.py::test_session_replication_role_decides", REPLICATION),
            SESSION_EVENTS,
            applies=policy_is("enable", value),
            policy="enable",
        )
        for value, text in ENABLE.items()
    ),
)
