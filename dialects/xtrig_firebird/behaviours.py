"""What Firebird does when a trigger fires, fails or records, for ``xtrig explain``."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import (
    DDL_EVENTS,
    SESSION_EVENTS,
    Behaviour,
    Condition,
    Event,
    Evidence,
    Situation,
    Topic,
    always,
    documented,
    seen,
    unverified,
)

_LOGON, _LOGOFF = frozenset({Event.LOGON}), frozenset({Event.LOGOFF})
_DATABASE = documented("Firebird 3.0 Language Reference, Database Triggers")
_DDL = documented("Firebird 3.0 Language Reference, DDL Triggers")
_MEASURED = unverified("measured on 3.0.11, 4.0.5 and 5.0.4 outside of this project's tests")
_3_AND_5 = ((3, 0), (5, 0))


def _test(test: str, otherwise: Evidence = _MEASURED) -> Evidence:
    return seen(f"tests/firebird/{test}", *_3_AND_5, otherwise=otherwise)


def _policy(name: str, value: str = "") -> Condition:
    return lambda each: each.policy(name) == value if value else each.policy(name) is not None


def _all(*conditions: Condition) -> Condition:
    return lambda each: all(condition(each) for condition in conditions)


def _by_steps(each: Situation) -> bool:
    return not each.by_hand


def _records(each: Situation) -> bool:
    return each.records


def _denies(each: Situation) -> bool:
    return each.denies


def _fires() -> Iterator[Behaviour]:
    fires, silent = Topic.FIRES, Topic.SILENT
    yield Behaviour(
        fires,
        "At every login to the database, before the client is answered; SYSDBA and the owner are no exception.",
        _test("test_logon.py::test_nobody_is_exempt_but_who_is_named", _DATABASE),
        _LOGON,
    )
    yield Behaviour(
        fires,
        "For each attachment of a program such as gbak, unless it asks for none of these triggers (-nodbtriggers).",
        _MEASURED,
        _LOGON,
    )
    yield Behaviour(
        fires,
        "When a session ends: by disconnecting, or because its client died.",
        _test("test_logon.py::test_a_logoff_is_recorded", _DATABASE),
        _LOGOFF,
    )
    yield Behaviour(
        fires,
        "Before each command of its list, once; RECREATE counts as DROP and CREATE.",
        _test("test_ddl.py::test_a_refusal_stops_the_command", _DDL),
        frozenset({Event.DDL_COMMAND_START}),
    )
    yield Behaviour(
        fires,
        "After each command of its list, once; RECREATE counts as DROP and CREATE.",
        _test("test_ddl.py::test_commands_are_recorded", _DDL),
        DDL_EVENTS - {Event.DDL_COMMAND_START},
    )
    yield Behaviour(
        silent,
        "In a session attached without database triggers, which SYSDBA, the owner and from 4.0 on roles with the "
        "system privilege IGNORE_DB_TRIGGERS may ask for.",
        _test("test_logon.py::test_there_is_a_way_past_a_trigger_that_refuses_everybody", _DATABASE),
    )
    yield Behaviour(
        silent,
        "In sessions that began before the trigger was made: they keep the triggers that they began with.",
        _test("test_ddl.py::test_open_sessions_do_not_meet_it"),
    )
    yield Behaviour(silent, "When a login fails before it, by a wrong password.", _MEASURED, _LOGON)
    yield Behaviour(silent, "At logins to other databases of the server.", _DATABASE, SESSION_EVENTS)
    yield Behaviour(
        silent,
        "When an administrator ends the session by MON$ATTACHMENTS or a shutdown.",
        documented("FirebirdSQL/firebird#7042"),
        _LOGOFF,
        before=(4, 0),
    )
    yield Behaviour(silent, "When the server stops or crashes: no trigger runs then.", _MEASURED, _LOGOFF)
    yield Behaviour(silent, "After a login that was refused.", _MEASURED, _LOGOFF)
    yield Behaviour(
        silent,
        "At ALTER SESSION RESET, which runs it again and is no login: nothing but a function of set steps is done.",
        _test("test_logon.py::test_a_session_reset_is_neither_login_nor_logoff"),
        SESSION_EVENTS,
        since=(4, 0),
        applies=_by_steps,
    )
    yield Behaviour(
        silent,
        "For COMMENT ON, GRANT, REVOKE and ALTER DATABASE, which no DDL trigger of Firebird sees.",
        _test("test_ddl.py::test_commands_are_recorded"),
        DDL_EVENTS,
    )
    yield Behaviour(
        silent,
        "For a column that is dropped, and for what falls with a table, such as its indices.",
        _MEASURED,
        frozenset({Event.SQL_DROP}),
    )


def _records_and_failures() -> Iterator[Behaviour]:
    yield Behaviour(
        Topic.STEPS,
        "Where a trigger of the set may refuse logins, each insert is committed at once, in a transaction of its own: "
        "the row of a refused login stays, and the rest of the login does not see it yet.",
        _test("test_logon.py::test_a_refusal_keeps_people_out_and_leaves_its_row"),
        _LOGON,
        applies=_all(_records, _by_steps),
    )
    yield Behaviour(
        Topic.UNRECORDED,
        "A session on a read-only database or replica: nothing is written there, and the login goes on.",
        _test("test_logon.py::test_a_database_that_is_read_only_refuses_nobody"),
        SESSION_EVENTS,
        applies=_all(_records, _by_steps, _policy("standby", "skip")),
    )
    yield Behaviour(
        Topic.UNRECORDED,
        "A command that is refused or rolled back: its rows go with it.",
        _test("test_ddl.py::test_a_command_rolled_back_leaves_no_row", _DDL),
        DDL_EVENTS,
        applies=_records,
    )
    caught = _all(_by_steps, _policy("on_error", "allow"))
    yield Behaviour(
        Topic.FAILURE,
        "An error in a step is caught, and nobody is told: the steps after it, up to the next refusal, are left out, "
        "and what was done before it stays.",
        _test("test_logon.py::test_with_on_error_allow_an_error_refuses_nobody_and_no_denial_is_passed"),
        applies=caught,
    )
    yield Behaviour(
        Topic.FAILURE,
        "An error refuses the login, SYSDBA's too.",
        _test("test_logon.py::test_with_on_error_deny_an_error_refuses_the_login"),
        _LOGON,
        applies=_policy("on_error", "deny"),
    )
    yield Behaviour(
        Topic.FAILURE,
        "An error stops the command, and its transaction goes on.",
        _test("test_ddl.py::test_a_refusal_stops_the_command", _DDL),
        DDL_EVENTS,
        applies=_policy("on_error", "deny"),
    )
    yield Behaviour(
        Topic.FAILURE,
        "A procedure of an sql step that gets other parameters refuses every login from then on, past any handler; "
        "that of a call step does not.",
        _test("test_logon.py::test_what_is_called_has_the_triggers_rights_and_its_error_refuses_nobody"),
        _LOGON,
    )
    yield Behaviour(
        Topic.FAILURE,
        "A refusal says its message to the client, with SQLSTATE HY000.",
        _test("test_logon.py::test_a_refusal_keeps_people_out_and_leaves_its_row"),
        _LOGON | DDL_EVENTS,
        applies=_denies,
    )


def _policies() -> Iterator[Behaviour]:
    policy = Topic.POLICY
    yield Behaviour(
        policy,
        "The statements of a trigger are not checked against its user's rights: users need none on its tables.",
        _test("test_logon.py::test_a_login_is_recorded"),
        policy="security",
    )
    yield Behaviour(
        policy,
        "An error goes no further than the step.",
        _test("test_logon.py::test_with_on_error_allow_an_error_refuses_nobody_and_no_denial_is_passed"),
        applies=_policy("on_error", "allow"),
        policy="on_error",
    )
    yield Behaviour(
        policy,
        "An error counts as a refusal.",
        _test("test_logon.py::test_with_on_error_deny_an_error_refuses_the_login"),
        _LOGON | DDL_EVENTS,
        policy="on_error",
    )
    yield Behaviour(
        policy,
        "On a read-only database or replica nothing is written; no line of a log takes its place.",
        _test("test_logon.py::test_a_database_that_is_read_only_refuses_nobody"),
        SESSION_EVENTS,
        applies=_policy("standby", "skip"),
        policy="standby",
    )
    yield Behaviour(
        policy,
        "What writes is tried on a read-only database, too, and fails there.",
        _MEASURED,
        SESSION_EVENTS,
        policy="standby",
    )
    yield Behaviour(policy, "Nothing bounds how long it waits for a lock.", _MEASURED, policy="lock_timeout")
    yield Behaviour(policy, "Nothing bounds how long it runs.", _MEASURED, SESSION_EVENTS, policy="timeout")
    yield Behaviour(
        policy,
        "A commit waits for the disk or not as the database is set (gfix -write).",
        _MEASURED,
        SESSION_EVENTS,
        policy="durability",
    )
    yield Behaviour(
        policy,
        "For {exempt_roles} it does nothing.",
        _test("test_logon.py::test_nobody_is_exempt_but_who_is_named"),
        applies=_policy("exempt_roles"),
        policy="exempt_roles",
    )
    yield Behaviour(
        policy,
        "It is made INACTIVE, and does not fire.",
        _test("test_logon.py::test_a_disabled_trigger_does_not_fire", _DATABASE),
        applies=_policy("enable", "disabled"),
        policy="enable",
    )
    yield Behaviour(policy, "It is ACTIVE.", _DATABASE, applies=always, policy="enable")


BEHAVIOURS: tuple[Behaviour, ...] = (*_fires(), *_records_and_failures(), *_policies())
