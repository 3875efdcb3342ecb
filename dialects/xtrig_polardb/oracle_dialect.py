"""The dialect ``polardb-oracle``: PolarDB for PostgreSQL (compatible with Oracle)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Capability,
    Dialect,
    Event,
    Fact,
    Finding,
    Item,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Severity,
    Spelling,
    Version,
)
from xtrig_polardb.capabilities import POLARDB_ORACLE, SYSTEM_TRIGGERS
from xtrig_polardb.checks import check_common
from xtrig_polardb.compilation import Compilation, Flavour
from xtrig_polardb.dialect import spellings_by_event
from xtrig_polardb.spellings import SESSION
from xtrig_polardb.system_trigger import is_system_trigger

_FLAVOUR = Flavour(
    name="polardb-oracle",
    title="PolarDB for PostgreSQL (compatible with Oracle)",
    clauses={Event.LOGON: "AFTER LOGON ON DATABASE", Event.LOGOFF: "BEFORE LOGOFF ON DATABASE"},
    execute="EXECUTE FUNCTION",
    # The value of tg_event is not documented for this edition, so the two are told apart by what both
    # the PostgreSQL edition's values and the clauses above have in common.
    native_events={},
    event_expression="CASE WHEN LOWER(tg_event) LIKE '%logoff%' THEN 'logoff' ELSE 'logon' END",
    # From the edition's CREATE FUNCTION page.
    authid={"definer": " AUTHID DEFINER", "invoker": " AUTHID CURRENT_USER"},
)


class PolarDBOracleDialect(Dialect):
    """PolarDB for PostgreSQL compatible with Oracle: ``AFTER LOGON ON DATABASE`` and its counterpart."""

    name: ClassVar[str] = "polardb-oracle"
    title: ClassVar[str] = "PolarDB for PostgreSQL (compatible with Oracle)"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("1.0", "2.0")
    default_version: ClassVar[str] = "2.0.14.15.31.0"
    capabilities: ClassVar[tuple[Capability, ...]] = POLARDB_ORACLE
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = spellings_by_event()

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact``; at logon and logoff only the session spellings count."""
        found = super().spelling(fact, event, item, _kernel(version))
        return None if event.is_session and fact not in SESSION else found

    def check(self, triggers: ResolvedSet, version: Version) -> Iterator[Finding]:
        """Yield what this edition cannot express, and where a system trigger differs from an event trigger."""
        yield from check_common(triggers, _kernel(version))
        for trigger in _system_triggers(triggers, version):
            message = (
                f"{trigger.event} becomes a system trigger: it does not fire for GRANT, REVOKE, COMMENT and other "
                "commands than CREATE, ALTER and DROP, and what an error in it does is not documented"
            )
            remedy = "target 2.0.14.0.0.0 for an event trigger"
            yield Finding("XT211", Severity.WARNING, trigger.subject, message, remedy, trigger.path)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, functions, triggers."""
        system = _system_triggers(triggers, version)
        return Compilation(_FLAVOUR, triggers, _kernel(version), ".".join(map(str, version)), system).script()


def _system_triggers(triggers: ResolvedSet, version: Version) -> tuple[ResolvedTrigger, ...]:
    if version < SYSTEM_TRIGGERS:
        return ()
    return tuple(trigger for trigger in triggers.triggers if is_system_trigger(trigger))


def _kernel(version: Version) -> Version:
    """Return the PostgreSQL kernel's version: 1.0 is built on 11, 2.0 on 14."""
    return (11,) if version < (2,) else (14,)
