"""What MariaDB does around init_connect, for ``xtrig explain``."""

from __future__ import annotations

from xtrig.plugin import Behaviour, Condition, Topic, always, documented, unverified
from xtrig_mariadb.evidence import FINE_GRAINED, INIT_CONNECT, administrators, logon_test

_SYSTEM_VARIABLES = documented("MariaDB documentation, InnoDB System Variables, innodb_lock_wait_timeout")


def _is(policy: str, value: str | None) -> Condition:
    return lambda each: each.policy(policy) == value


def _has(policy: str) -> Condition:
    return lambda each: each.policy(policy) is not None


def _policies() -> tuple[Behaviour, ...]:
    def said(policy: str, text: str, test: str, applies: Condition = always) -> Behaviour:
        return Behaviour(Topic.POLICY, text, logon_test(test), applies=applies, policy=policy)

    refuses = "test_with_on_error_deny_an_error_refuses_the_login"
    return (
        said(
            "security",
            "The procedure has its definer's rights, who is the account that makes it; everybody may call it.",
            "test_an_ordinary_user_can_neither_read_nor_write_the_record",
            _is("security", "definer"),
        ),
        said(
            "security",
            "The procedure has the rights of the user who logs in.",
            "test_with_the_rights_of_the_user_he_needs_them",
            _is("security", "invoker"),
        ),
        said(
            "on_error",
            "An error is caught, and leaves nothing in the server's log; so is a procedure that is gone.",
            "test_with_on_error_allow_an_error_lets_in",
            _is("on_error", "allow"),
        ),
        said("on_error", "An error refuses the login.", refuses, _is("on_error", "deny")),
        said(
            "standby",
            "On a server with read_only nothing is written; a deny binds there, too.",
            "test_on_a_read_only_server_nothing_is_written_and_a_denial_binds",
            _is("standby", "skip"),
        ),
        said(
            "standby",
            "On a server with read_only a definer with READ_ONLY ADMIN or SUPER writes all the same, so that a replica "
            "differs from its primary; another one fails.",
            "test_on_a_read_only_server_the_definer_writes_if_asked",
            _is("standby", "run"),
        ),
        said(
            "lock_timeout",
            "A step waits for a row lock {lock_timeout}, rounded up to whole seconds; for a locked table about one.",
            "test_a_lock_of_others_delays_a_login_by_about_a_second",
            _has("lock_timeout"),
        ),
        Behaviour(
            Topic.POLICY,
            "A step waits for a row lock as long as innodb_lock_wait_timeout says.",
            _SYSTEM_VARIABLES,
            policy="lock_timeout",
        ),
        said(
            "timeout",
            "A login that takes longer than {timeout}, rounded up to whole seconds, is refused.",
            "test_what_takes_too_long_is_refused",
            _has("timeout"),
        ),
        Behaviour(Topic.POLICY, "Nothing of xtrig's bounds what a login takes.", INIT_CONNECT, policy="timeout"),
        Behaviour(
            Topic.POLICY,
            "A row is as safe as innodb_flush_log_at_trx_commit of the server makes it.",
            documented("MariaDB documentation, InnoDB System Variables, innodb_flush_log_at_trx_commit"),
            policy="durability",
        ),
        said(
            "exempt_roles",
            "For users of the names {exempt_roles}, from any host, nothing is done.",
            "test_an_exempt_user_enters",
            _has("exempt_roles"),
        ),
        said("enable", "What is in init_connect runs; there is no other state.", "test_a_login_is_recorded"),
    )


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(
        Topic.FIRES,
        "At every login to the server, over a socket and over TCP, to any database or none, before the client's first "
        "statement and without waiting for one.",
        logon_test("test_it_runs_though_the_client_sends_nothing", INIT_CONNECT),
    ),
    Behaviour(
        Topic.FIRES,
        "Until the server is restarted, unless an option file has the same init_connect.",
        logon_test("test_a_restart_forgets_it_unless_an_option_has_it", INIT_CONNECT),
    ),
    *(
        Behaviour(
            Topic.SILENT,
            f"For accounts with {administrators(since)}, by a default role too: administrators are never seen.",
            logon_test("test_administrators_are_never_seen", INIT_CONNECT),
            since=since,
            before=before,
        )
        for since, before in (((), FINE_GRAINED), (FINE_GRAINED, None))
    ),
    Behaviour(
        Topic.SILENT,
        "When an open connection changes its user (COM_CHANGE_USER) or is reset, as pools do.",
        unverified("measured on 10.11.19 outside of this project's tests"),
    ),
    Behaviour(
        Topic.SILENT,
        "When the login fails before it: wrong password, unknown user, no right to the database.",
        logon_test("test_a_login_that_fails_before_is_not_seen"),
    ),
    Behaviour(
        Topic.STEPS,
        "A condition that is NULL counts as not met, as with a fact that is NULL.",
        logon_test("test_a_condition_that_is_null_is_not_met"),
        applies=lambda each: each.decides,
    ),
    Behaviour(
        Topic.STEPS,
        "Texts are compared by case, accent and trailing space, whatever the server's own collation is.",
        logon_test("test_conditions_mean_what_they_mean_on_postgresql"),
        applies=lambda each: not each.by_hand,
    ),
    Behaviour(
        Topic.UNRECORDED,
        "The end of a session: MariaDB runs nothing then. The plugin server_audit writes ends to a file.",
        INIT_CONNECT,
    ),
    Behaviour(
        Topic.UNRECORDED,
        "Whether a row comes from a login: whoever may log in may call the procedure, and add rows about himself.",
        logon_test("test_an_ordinary_user_can_neither_read_nor_write_the_record"),
    ),
    Behaviour(
        Topic.FAILURE,
        "The client that is refused is told that init_connect failed, without the message of the deny, which is in the "
        "server's error log.",
        logon_test("test_a_deny_refuses_and_its_row_stays"),
        applies=lambda each: each.denies,
    ),
    Behaviour(
        Topic.FAILURE,
        "A statement of others in init_connect runs after these, and an error in it refuses the login as before.",
        logon_test("test_an_error_of_others_comes_after_the_record"),
    ),
    *_policies(),
)
