"""What PolarDB can do at which event, each claim with how it is known. Nothing here was seen on a server."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Claim, Event, Evidence, Support, documented, unverified
from xtrig_polardb.evidence import FAQ, KERNEL, ORACLE_PAGE, PAGE, SILENT, SOURCE, SYSTEM_PAGE

LOGGED = (
    "the error is written to the server log, the client gets a warning, and all rows of that event's triggers are lost"
)
_SKIPPED = "superusers of the vendor, who get a warning instead, if the trigger's owner is no superuser"

_SINCE_11 = replace(
    documented("PolarDB for PostgreSQL 11, release notes of V1.1.26 (September 2022)", 11),
    otherwise=unverified("the page on logon and logoff triggers does not say for which kernels it holds"),
)


def _session(page: Evidence, support: Evidence, logon: str, logoff: str) -> tuple[Capability, Capability]:
    """Return logon and logoff of an edition, after its page; ``support`` is for the events being there."""
    at_logon = Capability(
        Event.LOGON,
        Support.NATIVE,
        spelling=logon,
        evidence=support,
        on_error=Claim(LOGGED, page),
        deny_binds=Claim(False, page),
        exempt=Claim(_SKIPPED, SOURCE),
        transaction=Claim("one for all triggers of the event; one that fails rolls all back", page),
        order=Claim("alphabetical by trigger name", KERNEL),
        way_out=Claim("none is needed, since an error keeps nobody out", page),
    )
    at_logoff = replace(
        at_logon,
        event=Event.LOGOFF,
        spelling=logoff,
        on_error=Claim("the error is written to the server log; the client may not see it", page),
    )
    return at_logon, at_logoff


_DDL = Capability(
    Event.DDL_COMMAND_START,
    Support.NATIVE,
    evidence=FAQ,
    on_error=Claim("the command fails and its transaction is rolled back", KERNEL),
    deny_binds=Claim(True, KERNEL),
    exempt=Claim(_SKIPPED, SOURCE),
    transaction=Claim("the command's own", KERNEL),
    order=Claim("alphabetical by trigger name", KERNEL),
    way_out=Claim("ALTER EVENT TRIGGER ... DISABLE", SOURCE),
)
_DDL_EVENTS = tuple(
    replace(_DDL, event=event, spelling=f"ON {event}")
    for event in (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END, Event.SQL_DROP, Event.TABLE_REWRITE)
)

POLARDB: tuple[Capability, ...] = (
    *_session(PAGE, _SINCE_11, "ON after_user_logon", "ON before_user_logoff"),
    *_DDL_EVENTS,
)

SYSTEM_TRIGGERS = (2, 0, 14, 15, 31, 0)
"""The first revision with Oracle-style system triggers for DDL."""

_SYSTEM = replace(
    _DDL,
    since=SYSTEM_TRIGGERS,
    evidence=SYSTEM_PAGE,
    on_error=Claim(
        "in an event trigger the command fails; in a system trigger it is not documented",
        unverified("the page on system triggers does not say; so for event triggers in the PostgreSQL kernel"),
    ),
    way_out=Claim("ALTER EVENT TRIGGER ... DISABLE; for a system trigger DROP TRIGGER", SILENT),
)


def as_system_trigger(capability: Capability, clause: str) -> Capability:
    """Return what an event is for a trigger that becomes a system trigger."""
    return replace(
        capability,
        spelling=clause,
        on_error=Claim("open: what it does to the command is not documented", SILENT),
        exempt=Claim("open: not documented", SILENT),
        order=Claim("open: not documented", SILENT),
        way_out=Claim("DROP TRIGGER; how a system trigger is disabled is not documented", SILENT),
    )


def as_event_trigger(capability: Capability) -> Capability:
    """Return what an event is for a trigger that stays an event trigger where others become system triggers."""
    kept = next(each for each in POLARDB if each.event is capability.event)
    return replace(kept, since=capability.since)


POLARDB_ORACLE: tuple[Capability, ...] = (
    *_session(ORACLE_PAGE, ORACLE_PAGE, "AFTER LOGON ON DATABASE", "BEFORE LOGOFF ON DATABASE"),
    *_DDL_EVENTS,
    replace(_SYSTEM, event=Event.DDL_COMMAND_START, spelling="BEFORE DDL ON DATABASE, or ON ddl_command_start"),
    replace(_SYSTEM, event=Event.DDL_COMMAND_END, spelling="AFTER DDL ON DATABASE, or ON ddl_command_end"),
)
