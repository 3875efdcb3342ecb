"""What AcmeDB can do at which event. An event that is not named here is refused by xtrig itself."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Claim, Event, Support, documented, unverified

_MANUAL = documented("AcmeDB 5 Reference, CREATE TRIGGER")

_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="AFTER LOGON",
    evidence=_MANUAL,
    on_error=Claim(
        "the login is refused, or with ON_ERROR = CONTINUE the error is logged; REFUSE always refuses", _MANUAL
    ),
    deny_binds=Claim(True, _MANUAL),
    exempt=Claim("nobody", unverified("the manual does not say")),
    transaction=Claim("one for each trigger", _MANUAL),
    order=Claim("by name", _MANUAL),
    way_out=Claim("a connection with triggers=False meets no trigger", _MANUAL),
)

CAPABILITIES: tuple[Capability, ...] = (
    _LOGON,
    Capability(
        Event.LOGOFF,
        Support.REFUSED,
        evidence=_MANUAL,
        reason="AcmeDB has logoff triggers from version 5 on",
        remedy="target 5 or newer, or write if_unsupported: skip to leave it out",
    ),
    replace(
        _LOGON,
        event=Event.LOGOFF,
        spelling="BEFORE LOGOFF",
        since=(5,),
        on_error=Claim("the error is logged; the session ends", _MANUAL),
        deny_binds=Claim(False, _MANUAL),
    ),
    replace(
        _LOGON,
        event=Event.DDL_COMMAND_END,
        spelling="AFTER DDL",
        on_error=Claim("the error is logged; the command is committed already", _MANUAL),
        deny_binds=Claim(False, _MANUAL),
    ),
)
