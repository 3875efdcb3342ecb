"""What Oracle can do at which event. Nothing here was seen on a server."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Claim, Event, Support
from xtrig_oracle.evidence import ERRORS, EVENTS, GRAMMAR, OLD_MANUAL, OPEN, PRACTICE

_ADMINISTRATORS = "who has ADMINISTER DATABASE TRIGGER: the error is written to a trace file and the login succeeds"
_DISABLE = "ALTER TRIGGER ... DISABLE"

_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="AFTER LOGON ON DATABASE",
    evidence=GRAMMAR,
    on_error=Claim("the login is refused and what the trigger did is rolled back", ERRORS),
    deny_binds=Claim(True, ERRORS),
    exempt=Claim(_ADMINISTRATORS, ERRORS),
    transaction=Claim("one of its own, which is committed when the trigger ends", OLD_MANUAL),
    order=Claim("not defined without FOLLOWS or PRECEDES, which xtrig does not write", GRAMMAR),
    way_out=Claim(f"log in with ADMINISTER DATABASE TRIGGER, and {_DISABLE}", ERRORS),
)
_DDL = replace(
    _LOGON,
    event=Event.DDL_COMMAND_START,
    spelling="BEFORE DDL ON DATABASE",
    on_error=Claim("the command fails", ERRORS),
    exempt=Claim("nobody; a trigger does not fire for its own DROP", EVENTS),
    transaction=Claim("the command's own, which commits by itself", OLD_MANUAL),
    way_out=Claim(f"{_DISABLE}; if that is refused as well, open", OPEN),
)

CAPABILITIES: tuple[Capability, ...] = (
    _LOGON,
    replace(
        _LOGON,
        event=Event.LOGOFF,
        spelling="BEFORE LOGOFF ON DATABASE",
        on_error=Claim("open: the session ends all the same", PRACTICE),
        deny_binds=Claim(False, PRACTICE),
        exempt=Claim("open", OPEN),
        transaction=Claim("that of the session", OLD_MANUAL),
        way_out=Claim(_DISABLE, GRAMMAR),
    ),
    _DDL,
    replace(_DDL, event=Event.DDL_COMMAND_END, spelling="AFTER DDL ON DATABASE"),
    replace(
        _DDL,
        event=Event.SQL_DROP,
        spelling="AFTER DROP ON DATABASE",
        exempt=Claim("ALTER TABLE ... DROP, which is an ALTER to Oracle; a trigger's own DROP", EVENTS),
    ),
    Capability(
        Event.TABLE_REWRITE,
        Support.REFUSED,
        evidence=GRAMMAR,
        reason="Oracle has no event before a table is rewritten",
        remedy="leave it out with if_unsupported: skip, or watch ALTER TABLE with ddl_command_start",
    ),
)
