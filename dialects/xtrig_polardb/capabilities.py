"""What PolarDB can do at which event, with sources. No PolarDB server was at hand: nothing here is verified on one."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Event, Support, Verified

_PAGE = "PolarDB for PostgreSQL, Logon and logoff triggers (March 2026)"
_ORACLE_PAGE = "PolarDB for Oracle, The login and logout trigger (March 2026)"
_FAQ = "PolarDB FAQ 184067, event triggers for DDL"
_SYSTEM_PAGE = "PolarDB for Oracle, System triggers (June 2025)"

LOGGED = (
    "the error is written to the server log, the client gets a warning, and all rows of that event's triggers are lost"
)

_LOGON = Capability(
    Event.LOGON,
    Support.NATIVE,
    spelling="ON after_user_logon",
    on_error=LOGGED,
    deny_binds=False,
    exempt="superusers of the vendor skip triggers whose owner is no superuser",
    transaction="one for all triggers of the event; one that fails rolls all back",
    order="not documented; alphabetical in the PostgreSQL kernel",
    way_out="not needed: an error does not keep anyone out",
    source=_PAGE,
    verified=Verified.DOCUMENTED,
)
_LOGOFF = replace(
    _LOGON,
    event=Event.LOGOFF,
    spelling="ON before_user_logoff",
    on_error="the error is written to the server log",
    exempt="sessions that are killed: whether they fire it is not documented",
)
_DDL = Capability(
    Event.DDL_COMMAND_START,
    Support.NATIVE,
    on_error="the command fails and its transaction is rolled back",
    deny_binds=True,
    exempt="superusers of the vendor skip triggers whose owner is no superuser",
    transaction="the command's own",
    order="alphabetical by trigger name",
    way_out="ALTER EVENT TRIGGER ... DISABLE",
    source=_FAQ,
    verified=Verified.DOCUMENTED,
)

POLARDB: tuple[Capability, ...] = (
    _LOGON,
    _LOGOFF,
    replace(_DDL, event=Event.DDL_COMMAND_START, spelling="ON ddl_command_start"),
    replace(_DDL, event=Event.DDL_COMMAND_END, spelling="ON ddl_command_end"),
    replace(_DDL, event=Event.SQL_DROP, spelling="ON sql_drop"),
    replace(_DDL, event=Event.TABLE_REWRITE, spelling="ON table_rewrite"),
)

SYSTEM_TRIGGERS = (2, 0, 14, 15, 31, 0)
"""The first revision with Oracle-style system triggers for DDL."""

_SYSTEM = replace(
    _DDL,
    since=SYSTEM_TRIGGERS,
    on_error="in an event trigger the command fails; in a system trigger it is not documented",
    source=_SYSTEM_PAGE,
)
POLARDB_ORACLE: tuple[Capability, ...] = (
    replace(_LOGON, spelling="AFTER LOGON ON DATABASE", source=_ORACLE_PAGE),
    replace(_LOGOFF, spelling="BEFORE LOGOFF ON DATABASE", source=_ORACLE_PAGE),
    *POLARDB[2:],
    replace(_SYSTEM, event=Event.DDL_COMMAND_START, spelling="BEFORE DDL ON DATABASE, or ON ddl_command_start"),
    replace(_SYSTEM, event=Event.DDL_COMMAND_END, spelling="AFTER DDL ON DATABASE, or ON ddl_command_end"),
)
