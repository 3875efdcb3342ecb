"""The dialect ``polardb-oracle``: PolarDB for PostgreSQL (compatible with Oracle)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Checks,
    Dialect,
    Event,
    Fact,
    Finding,
    Imported,
    Item,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Spelling,
    Translation,
    Version,
    find_spelling,
    found,
)
from xtrig_pgfamily.checks import in_texts, with_texts
from xtrig_pgfamily.language import Language
from xtrig_polardb.behaviours import POLARDB_ORACLE as BEHAVIOURS
from xtrig_polardb.capabilities import POLARDB_ORACLE, SYSTEM_TRIGGERS, as_event_trigger, as_system_trigger
from xtrig_polardb.checks import COMMON, ORACLE
from xtrig_polardb.compilation import Compilation, Flavour
from xtrig_polardb.dialect import session_language, spellings_by_event, written_in_plpgsql
from xtrig_polardb.evidence import ORACLE_PAGE
from xtrig_polardb.reading import read_script
from xtrig_polardb.recognition import Edition, oracle_version
from xtrig_polardb.sessions import with_triggers
from xtrig_polardb.spellings import SESSION, SYSTEM
from xtrig_polardb.system_trigger import clause, is_system_trigger, system_triggers

if TYPE_CHECKING:
    from xtrig_polardb.deployment import PolarDBDeployment
    from xtrig_polardb.platform import PolarDBPlatform

_FLAVOUR = Flavour(
    execute="EXECUTE FUNCTION",
    # The value of tg_event is not documented for this edition, so the two are told apart by what both
    # the PostgreSQL edition's values and this edition's clauses have in common.
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
    ends_denied_sessions: ClassVar[bool] = True
    default_version: ClassVar[str] = "2.0.14.15.31.0"
    capabilities: ClassVar[tuple[Capability, ...]] = POLARDB_ORACLE
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = spellings_by_event(ORACLE_PAGE)
    behaviours: ClassVar[Collection[Behaviour]] = BEHAVIOURS
    records_sessions: ClassVar[bool] = True

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact``; at logon and logoff only the session spellings count."""
        found = super().spelling(fact, event, item, _kernel(version))
        return None if event.is_session and fact not in SESSION else found

    def capability_of(self, trigger: ResolvedTrigger, version: Version) -> Capability:
        """Return what its event is for a trigger, which may become a system trigger."""
        found = self.capability(trigger.event, version)
        if version < SYSTEM_TRIGGERS or trigger.event.is_session:
            return found
        return as_system_trigger(found, clause(trigger)) if is_system_trigger(trigger) else as_event_trigger(found)

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written; a system trigger and plpgsql have expressions of their own."""
        if version >= SYSTEM_TRIGGERS and is_system_trigger(trigger):
            return find_spelling(SYSTEM, fact, trigger.event, item, _kernel(version))
        plpgsql = written_in_plpgsql(fact, trigger, item, _kernel(version))
        return plpgsql or super().written(fact, trigger, item, version)

    def language(self, function: ResolvedFunction, version: Version) -> Language | None:
        """Return PL/SQL for sessions, unless asked for plpgsql. Steps at DDL may become either, so they aren't read."""
        is_event_trigger = function.body or version < SYSTEM_TRIGGERS
        return session_language(function) or (Language.PLPGSQL if is_event_trigger else None)

    def checks(self) -> Checks[Any]:
        """Return the checks of both editions and of this one, and those of hand-written texts."""
        return with_texts((*COMMON, *ORACLE))

    def check(self, translation: Translation) -> Iterator[Finding]:
        """Yield what they find."""
        yield from in_texts(translation, self.language)
        yield from found(COMMON, replace(translation, version=_kernel(translation.version)))
        yield from found(ORACLE, translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for this edition creates."""
        return read_script(text, name, self.name)

    @property
    def platform(self) -> PolarDBPlatform:
        """Servers of this edition, and those that do not tell theirs."""
        from xtrig_polardb.platform import PolarDBPlatform  # noqa: PLC0415  # rendering does without

        return PolarDBPlatform(self.name, self.title, Edition.POSTGRESQL, oracle_version)

    def deployment(self, triggers: ResolvedSet, version: Version) -> PolarDBDeployment:
        """Return how to deploy the set; a set with a system trigger can only be rendered.

        Raises :class:`~xtrig.errors.UsageError` for such a set.
        """
        from xtrig_polardb.deployment import PolarDBDeployment  # noqa: PLC0415  # rendering does without

        return PolarDBDeployment(self._compilation(triggers, version))

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, functions, triggers."""
        return self._compilation(triggers, version).script()

    def _compilation(self, triggers: ResolvedSet, version: Version) -> Compilation:
        system = system_triggers(triggers, version)
        return Compilation(self, _FLAVOUR, with_triggers(triggers), version, _kernel(version), system)


def _kernel(version: Version) -> Version:
    """Return the PostgreSQL kernel's version: 1.0 is built on 11, 2.0 on 14."""
    return (11,) if version < (2,) else (14,)
