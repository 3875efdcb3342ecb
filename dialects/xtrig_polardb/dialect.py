"""The dialect ``polardb``: PolarDB for PostgreSQL."""

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
    Evidence,
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
from xtrig_polardb.behaviours import POLARDB as BEHAVIOURS
from xtrig_polardb.capabilities import POLARDB
from xtrig_polardb.checks import POLARDB as CHECKS
from xtrig_polardb.compilation import Compilation, Flavour
from xtrig_polardb.evidence import PAGE
from xtrig_polardb.reading import read_script
from xtrig_polardb.recognition import Edition, kernel
from xtrig_polardb.sessions import with_triggers
from xtrig_polardb.spellings import PLPGSQL, SESSION

if TYPE_CHECKING:
    from xtrig_polardb.deployment import PolarDBDeployment
    from xtrig_polardb.platform import PolarDBPlatform

_FLAVOUR = Flavour(
    execute="EXECUTE PROCEDURE",
    native_events={"after_user_logon": Event.LOGON, "before_user_logoff": Event.LOGOFF},
    event_expression="",
    authid={},
)


def spellings_by_event(page: Evidence = PAGE) -> Mapping[Fact, tuple[Spelling, ...]]:
    """Return the session spellings, which an edition's ``page`` documents, and at other events those of plpgsql."""
    ddl = frozenset(event for event in Event if not event.is_session)
    session = {
        fact: tuple(replace(each, evidence=page) if each.evidence is PAGE else each for each in spellings)
        for fact, spellings in SESSION.items()
    }
    return {
        fact: (*session.get(fact, ()), *(each for each in PLPGSQL.get(fact, ()) if each.events & ddl)) for fact in Fact
    }


def written_in_plpgsql(fact: Fact, trigger: ResolvedTrigger, item: Item | None, kernel: Version) -> Spelling | None:
    """Return how ``fact`` is written in a session function of ``language: plpgsql``, None in any other."""
    if not trigger.event.is_session or trigger.function.policies.language != "plpgsql":
        return None
    return find_spelling(PLPGSQL, fact, trigger.event, item, kernel)


def session_language(function: ResolvedFunction) -> Language | None:
    """Return the language of a function that a session's begin or end runs; None for any other."""
    if not any(event.is_session for event in function.events):
        return None
    return Language.PLPGSQL if function.policies.language == "plpgsql" else Language.PLSQL


class PolarDBDialect(Dialect):
    """PolarDB for PostgreSQL: ``ON after_user_logon``, ``ON before_user_logoff`` and DDL event triggers.

    Versions are those of its PostgreSQL kernel.
    """

    name: ClassVar[str] = "polardb"
    title: ClassVar[str] = "PolarDB for PostgreSQL"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("11", "14", "15", "16", "17")
    ends_denied_sessions: ClassVar[bool] = True
    default_version: ClassVar[str] = "14"
    capabilities: ClassVar[tuple[Capability, ...]] = POLARDB
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = spellings_by_event()
    behaviours: ClassVar[Collection[Behaviour]] = BEHAVIOURS
    records_sessions: ClassVar[bool] = True

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact``; at logon and logoff only the session spellings count."""
        found = super().spelling(fact, event, item, version)
        return None if event.is_session and fact not in SESSION else found

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written; plpgsql has PostgreSQL's expressions at logon and logoff too."""
        return written_in_plpgsql(fact, trigger, item, version) or super().written(fact, trigger, item, version)

    def language(self, function: ResolvedFunction, version: Version) -> Language:
        """Return PL/SQL for sessions, unless asked for plpgsql; DDL is plpgsql's."""
        return session_language(function) or Language.PLPGSQL

    def checks(self) -> Checks[Any]:
        """Return the checks of this edition, and those of hand-written texts."""
        return with_texts(CHECKS)

    def check(self, translation: Translation) -> Iterator[Finding]:
        """Yield what they find."""
        yield from in_texts(translation, self.language)
        yield from found(CHECKS, translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for this edition creates."""
        return read_script(text, name, self.name)

    @property
    def platform(self) -> PolarDBPlatform:
        """Servers of this edition, and those that do not tell theirs."""
        from xtrig_polardb.platform import PolarDBPlatform  # noqa: PLC0415  # rendering does without

        return PolarDBPlatform(self.name, self.title, Edition.ORACLE, kernel)

    def deployment(self, triggers: ResolvedSet, version: Version) -> PolarDBDeployment:
        """Return how to deploy the set."""
        from xtrig_polardb.deployment import PolarDBDeployment  # noqa: PLC0415  # rendering does without

        return PolarDBDeployment(self._compilation(triggers, version))

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, functions, triggers."""
        return self._compilation(triggers, version).script()

    def _compilation(self, triggers: ResolvedSet, version: Version) -> Compilation:
        return Compilation(self, _FLAVOUR, with_triggers(triggers), version, version)
