"""The dialect ``polardb``: PolarDB for PostgreSQL."""

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
    Script,
    Spelling,
    Version,
)
from xtrig_polardb.capabilities import POLARDB
from xtrig_polardb.checks import check_common, invoker_is_not_documented
from xtrig_polardb.compilation import Compilation, Flavour
from xtrig_polardb.spellings import PLPGSQL, SESSION

_FLAVOUR = Flavour(
    name="polardb",
    title="PolarDB for PostgreSQL",
    clauses={Event.LOGON: "ON after_user_logon", Event.LOGOFF: "ON before_user_logoff"},
    execute="EXECUTE PROCEDURE",
    native_events={"after_user_logon": Event.LOGON, "before_user_logoff": Event.LOGOFF},
    event_expression="",
    authid={},
)


def spellings_by_event() -> Mapping[Fact, tuple[Spelling, ...]]:
    """Return the session spellings, and at other events those of plpgsql."""
    ddl = frozenset(event for event in Event if not event.is_session)
    return {
        fact: (*SESSION.get(fact, ()), *(each for each in PLPGSQL.get(fact, ()) if each.events & ddl)) for fact in Fact
    }


class PolarDBDialect(Dialect):
    """PolarDB for PostgreSQL: ``ON after_user_logon``, ``ON before_user_logoff`` and DDL event triggers.

    Versions are those of its PostgreSQL kernel.
    """

    name: ClassVar[str] = "polardb"
    title: ClassVar[str] = "PolarDB for PostgreSQL"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("11", "14", "15", "16", "17")
    default_version: ClassVar[str] = "14"
    capabilities: ClassVar[tuple[Capability, ...]] = POLARDB
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = spellings_by_event()

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact``; at logon and logoff only the session spellings count."""
        found = super().spelling(fact, event, item, version)
        return None if event.is_session and fact not in SESSION else found

    def check(self, triggers: ResolvedSet, version: Version) -> Iterator[Finding]:
        """Yield what this edition cannot express."""
        yield from check_common(triggers, version)
        yield from invoker_is_not_documented(triggers)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, functions, triggers."""
        return Compilation(_FLAVOUR, triggers, version, ".".join(map(str, version))).script()
