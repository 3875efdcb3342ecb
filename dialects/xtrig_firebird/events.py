"""The clauses of database and DDL triggers, and the commands that DDL triggers fire for."""

from __future__ import annotations

from collections.abc import Collection

from xtrig.errors import is_near
from xtrig.plugin import Event, ResolvedTrigger

_KINDS = "TABLE PROCEDURE FUNCTION TRIGGER EXCEPTION VIEW DOMAIN ROLE INDEX SEQUENCE USER".split()


def _of(kind: str) -> tuple[str, ...]:
    return f"CREATE {kind}", f"ALTER {kind}", f"DROP {kind}"


# Language Reference, CREATE TRIGGER, DDL triggers. RECREATE fires as DROP and CREATE, CREATE OR ALTER as one of both.
DDL_TAGS = (
    *(tag for kind in _KINDS for tag in _of(kind)),
    *("CREATE COLLATION", "DROP COLLATION", "ALTER CHARACTER SET"),
    *(*_of("PACKAGE"), "CREATE PACKAGE BODY", "DROP PACKAGE BODY"),
    *_of("MAPPING"),
)
"""All that a DDL trigger can be made for, in the order of their bits in RDB$TRIGGER_TYPE."""
_BITS = dict(zip(DDL_TAGS, (*range(1, 13), *range(16, 48)), strict=True))
_ANY = "ANY DDL STATEMENT"
_NUMBERS = {
    8192: "ON CONNECT",
    8193: "ON DISCONNECT",
    8194: "ON TRANSACTION START",
    8195: "ON TRANSACTION COMMIT",
    8196: "ON TRANSACTION ROLLBACK",
}
_DDL = 1 << 14
_ANY_NUMBER = 0x7FFFFFFFFFFFDFFE
_SESSION = {Event.LOGON: "ON CONNECT", Event.LOGOFF: "ON DISCONNECT"}
_TIMING = {Event.DDL_COMMAND_START: "BEFORE", Event.DDL_COMMAND_END: "AFTER", Event.SQL_DROP: "AFTER"}


def tags(event: Event) -> list[str]:
    """Return the commands that a trigger at an event can name."""
    return [tag for tag in DDL_TAGS if event is not Event.SQL_DROP or tag.startswith("DROP ")]


def lacks(tag: str, event: Event) -> bool:
    """Whether no such trigger can name a command; one that is misspelt is not meant."""
    return tag not in tags(event) and not is_near(tag, tags(event))


def clause(trigger: ResolvedTrigger) -> str:
    """Return when a trigger fires."""
    if trigger.event in _SESSION:
        return _SESSION[trigger.event]
    named = trigger.tags or (tags(trigger.event) if trigger.event is Event.SQL_DROP else ())
    return _ddl_clause(_TIMING[trigger.event], named)


def _ddl_clause(timing: str, named: Collection[str]) -> str:
    """Return the clause with its commands in the order of the catalogs' numbers."""
    return f"{timing} {' OR '.join(tag for tag in DDL_TAGS if tag in named) or _ANY}"


def clause_of(number: int) -> str:
    """Return the clause of a value of RDB$TRIGGERS.RDB$TRIGGER_TYPE; that of a table's trigger is its number.

    Source: Language Reference, RDB$TRIGGERS, and src/jrd/constants.h; each command was made a trigger on 3.0 and 5.0:
    tests/firebird/test_ddl.py.
    """
    if number in _NUMBERS:
        return _NUMBERS[number]
    if not number & _DDL:
        return f"type {number}"
    timing = "AFTER" if number & 1 else "BEFORE"
    if number & ~1 == _ANY_NUMBER:
        return f"{timing} {_ANY}"
    return _ddl_clause(timing, [tag for tag, bit in _BITS.items() if number & (1 << bit)])
