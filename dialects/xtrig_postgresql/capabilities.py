"""What PostgreSQL can do at which event, with sources."""

from __future__ import annotations

from dataclasses import replace

from xtrig.plugin import Capability, Event, Support, Verified

_MANUAL = "PostgreSQL 18 manual, chapter Event Triggers"

_DDL = Capability(
    Event.DDL_COMMAND_START,
    Support.NATIVE,
    since=(13,),
    on_error="the command fails and its transaction is rolled back",
    deny_binds=True,
    exempt="nobody; commands on roles, databases, tablespaces and event triggers never fire it, nor does TRUNCATE",
    transaction="the command's own",
    order="alphabetical by trigger name",
    way_out="ALTER EVENT TRIGGER ... DISABLE fires no event trigger; from 17 on also event_triggers=off",
    source=_MANUAL,
    verified=Verified.SERVER,
)

CAPABILITIES: tuple[Capability, ...] = (
    Capability(
        Event.LOGON,
        Support.REFUSED,
        reason="PostgreSQL has login event triggers from version 17 on",
        remedy="target 17 or newer, where DDL triggers stay as they are; before that the extension login_hook "
        "calls a function at login",
        source="PostgreSQL 17 release notes",
        verified=Verified.SERVER,
    ),
    Capability(
        Event.LOGON,
        Support.NATIVE,
        spelling="ON login",
        since=(17,),
        on_error="the login is refused (FATAL), for superusers too",
        deny_binds=True,
        exempt="nobody; not fired for physical replication, background workers and pooled reuse of a session",
        transaction="one for all login triggers, committed before the first command; a refusal rolls all rows back",
        order="alphabetical by trigger name",
        way_out="a superuser connects with options='-c event_triggers=off', or single-user mode",
        source=_MANUAL,
        verified=Verified.SERVER,
    ),
    Capability(
        Event.LOGOFF,
        Support.REFUSED,
        reason="PostgreSQL has no logoff event",
        remedy="write if_unsupported: skip to leave it out; from version 17 on also if_unsupported: infer",
        source=_MANUAL,
        verified=Verified.SERVER,
    ),
    Capability(
        Event.LOGOFF,
        Support.EMULATED,
        spelling="ON login",
        since=(17,),
        on_error="nothing; it is in the server log",
        deny_binds=False,
        transaction="that of the login which notices the end",
        order="alphabetical by trigger name",
        reason="PostgreSQL has no logoff event",
        remedy="write if_unsupported: infer to notice ended sessions at the next login, or skip to leave it out",
        source="PostgreSQL 18 manual, pg_stat_activity; tests/server/test_inferred_logoff.py",
        verified=Verified.SERVER,
    ),
    replace(_DDL, event=Event.DDL_COMMAND_START, spelling="ON ddl_command_start"),
    replace(_DDL, event=Event.DDL_COMMAND_END, spelling="ON ddl_command_end"),
    replace(_DDL, event=Event.SQL_DROP, spelling="ON sql_drop"),
    replace(
        _DDL,
        event=Event.TABLE_REWRITE,
        spelling="ON table_rewrite",
        exempt="nobody; VACUUM FULL and CLUSTER rewrite without firing it",
    ),
)
