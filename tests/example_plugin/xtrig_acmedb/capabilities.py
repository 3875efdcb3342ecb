"""What AcmeDB can do at which event. An event that is not named here is refused by xtrig itself."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Event, Support, Verified

_MANUAL = "AcmeDB 5 Reference, CREATE TRIGGER"

_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="AFTER LOGON",
    on_error="the error is written to the server log and the session goes on",
    deny_binds=False,
    transaction="one for each trigger",
    order="the order of creation",
    way_out="not needed: an error does not keep anyone out",
    source=_MANUAL,
    verified=Verified.DOCUMENTED,
)

CAPABILITIES: tuple[Capability, ...] = (
    _LOGON,
    Capability(
        Event.LOGOFF,
        Support.REFUSED,
        reason="AcmeDB has logoff triggers from version 5 on",
        remedy="target 5 or newer, or write if_unsupported: skip to leave it out",
        source=_MANUAL,
        verified=Verified.DOCUMENTED,
    ),
    replace(_LOGON, event=Event.LOGOFF, spelling="BEFORE LOGOFF", since=(5,)),
    replace(
        _LOGON,
        event=Event.DDL_COMMAND_END,
        spelling="AFTER DDL",
        on_error="the error is written to the server log; the command has already happened",
    ),
)
