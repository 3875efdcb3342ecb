"""What PostgreSQL can do at which event, each claim with how it is known."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Claim, Event, Support, documented, seen
from xtrig_pgfamily.evidence import EVENT_TRIGGERS, LOGIN, ddl_test, login_test

_NO_LOGOFF = documented("PostgreSQL manual, chapter Event Triggers, which lists no such event")
_ALPHABETICAL = "alphabetical by trigger name"

_DDL = Capability(
    Event.DDL_COMMAND_START,
    Support.NATIVE,
    since=(13,),
    evidence=ddl_test("test_ddl_occasions.py::test_every_event_fires", EVENT_TRIGGERS),
    on_error=Claim(
        "the command fails and its transaction is rolled back",
        ddl_test("test_ddl_occasions.py::test_an_error_stops_the_command", EVENT_TRIGGERS),
    ),
    deny_binds=Claim(True, ddl_test("test_ddl_occasions.py::test_a_deny_stops_the_command", EVENT_TRIGGERS)),
    exempt=Claim("nobody, not even superusers", ddl_test("test_ddl_occasions.py::test_nobody_is_exempt")),
    transaction=Claim(
        "the command's own",
        ddl_test("test_ddl_occasions.py::test_a_command_that_is_rolled_back_leaves_no_row", EVENT_TRIGGERS),
    ),
    order=Claim(_ALPHABETICAL, ddl_test("test_ddl_occasions.py::test_order_is_alphabetical", EVENT_TRIGGERS)),
    way_out=Claim(
        "ALTER EVENT TRIGGER ... DISABLE, which fires no event trigger",
        ddl_test("test_ddl_occasions.py::test_commands_on_event_triggers_fire_none", EVENT_TRIGGERS),
    ),
)
_DDL_17 = replace(
    _DDL,
    since=(17,),
    way_out=Claim(
        "ALTER EVENT TRIGGER ... DISABLE, which fires no event trigger; or a superuser's event_triggers=off",
        login_test("test_ddl_occasions.py::test_a_superuser_can_switch_event_triggers_off", EVENT_TRIGGERS),
    ),
)
_DDL_EVENTS = (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END, Event.SQL_DROP, Event.TABLE_REWRITE)

_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="ON login",
    since=(17,),
    evidence=login_test("test_login_guards.py::test_a_login_is_recorded", LOGIN),
    on_error=Claim(
        "the login is refused (FATAL)",
        login_test("test_login_guards.py::test_without_guards_the_same_fault_refuses_the_login", LOGIN),
    ),
    deny_binds=Claim(
        True, login_test("test_login_policies.py::test_an_exempt_role_gets_in_where_everybody_is_denied", LOGIN)
    ),
    exempt=Claim("nobody, not even superusers", login_test("test_login_occasions.py::test_superusers_are_not_exempt")),
    transaction=Claim(
        "one for all login triggers, committed before the first command; a refusal rolls all their rows back",
        login_test("test_login_occasions.py::test_a_refusal_takes_the_rows_of_all_login_triggers"),
    ),
    order=Claim(_ALPHABETICAL, login_test("test_login_occasions.py::test_order_is_alphabetical", EVENT_TRIGGERS)),
    way_out=Claim(
        "a superuser connects with options='-c event_triggers=off'; or single-user mode",
        login_test("test_login_occasions.py::test_only_a_superuser_can_switch_event_triggers_off", LOGIN),
    ),
)

CAPABILITIES: tuple[Capability, ...] = (
    Capability(
        Event.LOGON,
        Support.REFUSED,
        evidence=seen(
            "tests/server/test_goldens_run.py::test_16_refuses_what_we_refuse",
            16,
            otherwise=documented("PostgreSQL 17 release notes", 13, 14, 15),
        ),
        reason="PostgreSQL has login event triggers from version 17 on",
        remedy="target 17 or newer, where DDL triggers stay as they are; before that the extension login_hook "
        "calls a function at login",
    ),
    _LOGON,
    Capability(
        Event.LOGOFF,
        Support.REFUSED,
        evidence=_NO_LOGOFF,
        reason="PostgreSQL has no logoff event",
        remedy="write if_unsupported: skip to leave it out; from version 17 on also if_unsupported: infer",
    ),
    Capability(
        Event.LOGOFF,
        Support.EMULATED,
        spelling="ON login",
        since=(17,),
        evidence=login_test("test_inferred_logoff.py::test_a_disconnected_session_gets_one_logoff_with_its_own_facts"),
        on_error=Claim(
            "it is in the server's log, and the login that notices the end goes on",
            login_test(
                "test_inferred_logoff.py::test_when_the_log_table_is_gone_logins_go_on_and_ends_are_kept_for_later"
            ),
        ),
        deny_binds=Claim(
            False, login_test("test_inferred_logoff.py::test_a_disconnected_session_gets_one_logoff_with_its_own_facts")
        ),
        exempt=_LOGON.exempt,
        transaction=Claim(
            "that of the login which notices the end",
            login_test("test_inferred_logoff.py::test_a_denied_login_leaves_nothing_open"),
        ),
        order=_LOGON.order,
        way_out=_LOGON.way_out,
        reason="PostgreSQL has no logoff event",
        remedy="write if_unsupported: infer to notice ended sessions at the next login, or skip to leave it out",
    ),
    *(replace(row, event=event, spelling=f"ON {event}") for row in (_DDL, _DDL_17) for event in _DDL_EVENTS),
)
