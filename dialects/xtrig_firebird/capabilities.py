"""What Firebird can do at which event, each claim with how it is known."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Claim, Event, Evidence, Support, documented, seen, unverified

_DATABASE = documented("Firebird 3.0 Language Reference, Database Triggers")
_DDL_PAGE = documented("Firebird 3.0 Language Reference, DDL Triggers")
_LIKE_THE_OTHERS = unverified("seen on 3.0.11 and 5.0.4; no test of this project runs on this one")
_ORDER = "by POSITION, which is the order of the definition, then by name"


def _test(test: str, otherwise: Evidence = _LIKE_THE_OTHERS) -> Evidence:
    return seen(f"tests/firebird/{test}", (3, 0), (5, 0), otherwise=otherwise)


_WAY_OUT = Claim(
    "SYSDBA, the owner, or from 4.0 on a role with IGNORE_DB_TRIGGERS connects with isql -nodbtriggers, and drops the "
    "trigger",
    _test("test_logon.py::test_there_is_a_way_past_a_trigger_that_refuses_everybody", _DATABASE),
)
_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="ON CONNECT",
    evidence=_test("test_logon.py::test_a_login_is_recorded", _DATABASE),
    on_error=Claim(
        "the login is refused", _test("test_logon.py::test_with_on_error_deny_an_error_refuses_the_login", _DATABASE)
    ),
    deny_binds=Claim(True, _test("test_logon.py::test_a_refusal_keeps_people_out_and_leaves_its_row", _DATABASE)),
    exempt=Claim("nobody, not even SYSDBA", _test("test_logon.py::test_nobody_is_exempt_but_who_is_named", _DATABASE)),
    transaction=Claim(
        "one for all triggers of the login, committed before the client is answered; a refusal takes back all that is "
        "not in a transaction of its own",
        _test("test_logon.py::test_a_refusal_keeps_people_out_and_leaves_its_row"),
    ),
    order=Claim(_ORDER, _test("test_logon.py::test_triggers_fire_in_the_order_of_the_definition", _DATABASE)),
    way_out=_WAY_OUT,
)
_LOGOFF = replace(
    _LOGON,
    event=Event.LOGOFF,
    spelling="ON DISCONNECT",
    evidence=_test("test_logon.py::test_a_logoff_is_recorded", _DATABASE),
    on_error=Claim(
        "the session ends all the same, nobody is told, and the rows of all its triggers at logoff are lost",
        _test("test_logon.py::test_an_error_at_logoff_is_swallowed", _DATABASE),
    ),
    deny_binds=Claim(False, _test("test_logon.py::test_an_error_at_logoff_is_swallowed", _DATABASE)),
    exempt=Claim(
        "in 3.0 sessions that MON$ATTACHMENTS or a shutdown ended; everywhere those of a server that stopped",
        documented("FirebirdSQL/firebird#7042; Firebird 3.0 Language Reference, Database Triggers"),
    ),
    transaction=Claim("one for all triggers of the logoff", _DATABASE),
    order=Claim(_ORDER, _DATABASE),
    way_out=Claim("none is needed, since an error keeps nobody in or out", _DATABASE),
)
_DDL = Capability(
    Event.DDL_COMMAND_START,
    Support.NATIVE,
    spelling="BEFORE ANY DDL STATEMENT",
    evidence=_test("test_ddl.py::test_commands_are_recorded", _DDL_PAGE),
    on_error=Claim(
        "the command fails, and its transaction goes on",
        _test("test_ddl.py::test_a_refusal_stops_the_command", _DDL_PAGE),
    ),
    deny_binds=Claim(True, _test("test_ddl.py::test_a_refusal_stops_the_command", _DDL_PAGE)),
    exempt=Claim(
        "sessions that began before the trigger was made, and those without database triggers",
        _test("test_ddl.py::test_open_sessions_do_not_meet_it"),
    ),
    transaction=Claim("the command's own", _test("test_ddl.py::test_a_command_rolled_back_leaves_no_row", _DDL_PAGE)),
    order=Claim(_ORDER, _DDL_PAGE),
    way_out=_WAY_OUT,
)

CAPABILITIES: tuple[Capability, ...] = (
    _LOGON,
    _LOGOFF,
    _DDL,
    replace(_DDL, event=Event.DDL_COMMAND_END, spelling="AFTER ANY DDL STATEMENT"),
    replace(
        _DDL,
        event=Event.SQL_DROP,
        spelling="AFTER DROP TABLE OR DROP VIEW OR ...",
        evidence=_test("test_ddl.py::test_what_is_dropped_is_recorded", _DDL_PAGE),
    ),
    Capability(
        Event.TABLE_REWRITE,
        Support.REFUSED,
        evidence=_DDL_PAGE,
        reason="Firebird rewrites no table when it is altered, and has no such event",
        remedy="write if_unsupported: skip to leave it out",
    ),
)
