"""The clauses of database and DDL triggers, and the commands that DDL triggers fire for."""

from __future__ import annotations

from collections.abc import Collection

from xtrig.plugin import Event, ResolvedTrigger

# Language Reference, CREATE TRIGGER, DDL triggers. RECREATE fires as DROP and CREATE, CREATE OR ALTER as one of both.
_KINDS = (
    "TABLE PROCEDURE FUNCTION TRIGGER EXCEPTION VIEW DOMAIN ROLE INDEX SEQUENCE USER COLLATION PACKAGE PACKAGE|BODY "
    "MAPPING"
)
_OBJECTS = tuple(kind.replace("|", " ") for kind in _KINDS.split())
DDL_TAGS = (
    *(f"CREATE {kind}" for kind in _OBJECTS),
    *(f"ALTER {kind}" for kind in _OBJECTS if kind != "PACKAGE BODY"),
    *(f"DROP {kind}" for kind in _OBJECTS),
    "ALTER CHARACTER SET",
)
"""All that a DDL trigger can be made for."""
SILENT_TAGS = ("COMMENT", "GRANT", "GRANT ROLE", "REVOKE", "REVOKE ROLE", "ALTER DATABASE", "CREATE DATABASE")
"""Commands that no DDL trigger sees."""

_SESSION = {Event.LOGON: "ON CONNECT", Event.LOGOFF: "ON DISCONNECT"}
_TIMING = {Event.DDL_COMMAND_START: "BEFORE", Event.DDL_COMMAND_END: "AFTER", Event.SQL_DROP: "AFTER"}


def tags(event: Event) -> Collection[str]:
    """Return the commands that a trigger at an event can name."""
    return [tag for tag in DDL_TAGS if event is not Event.SQL_DROP or tag.startswith("DROP ")]


def clause(trigger: ResolvedTrigger) -> str:
    """Return when a trigger fires."""
    if trigger.event in _SESSION:
        return _SESSION[trigger.event]
    named = trigger.tags or (tags(trigger.event) if trigger.event is Event.SQL_DROP else ())
    return f"{_TIMING[trigger.event]} {' OR '.join(named) or 'ANY DDL STATEMENT'}"
