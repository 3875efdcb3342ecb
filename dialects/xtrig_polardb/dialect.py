"""The dialects ``polardb`` and ``polardb-oracle``: one for each edition of PolarDB for PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from xtrig.plugin import (
    OPTIONAL_FIELDS,
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
from xtrig_pgfamily.expression_words import VARIABLES as PLPGSQL_VARIABLES
from xtrig_pgfamily.language import Language
from xtrig_pgfamily.reading import check_parser
from xtrig_pgfamily.words import lacks
from xtrig_polardb import behaviours, capabilities
from xtrig_polardb.capabilities import SYSTEM_TRIGGERS
from xtrig_polardb.checks import COMMON, ORACLE, POLARDB
from xtrig_polardb.compilation import Compilation, Flavour
from xtrig_polardb.evidence import ORACLE_PAGE, PAGE
from xtrig_polardb.spellings import PLPGSQL, PLSQL, SESSION, SYSTEM
from xtrig_polardb.system_trigger import clause, is_system_trigger, system_triggers
from xtrig_polardb.wrapper import VARIABLES, is_plsql, is_wrapped

if TYPE_CHECKING:
    from xtrig_polardb.deployment import PolarDBDeployment
    from xtrig_polardb.platform import PolarDBPlatform


_UNUSED = {
    **dict.fromkeys(("look_every", "logoff: server log"), "logoff is an event there, so nothing looks for it"),
    # What the pages "Account permissions" list does not have it; to find out is one of the doctor's questions.
    **dict.fromkeys(
        ("owner", "writer"),
        "no page of the vendor's says that an account may make a role the owner of a function, and let it see sessions",
    ),
}
_BY_LANGUAGE = {"plpgsql": PLPGSQL, "plsql": PLSQL}


def _spellings(page: Evidence) -> Mapping[Fact, tuple[Spelling, ...]]:
    """Return the session spellings, which an edition's ``page`` documents, and at other events those of plpgsql."""
    ddl = frozenset(event for event in Event if not event.is_session)
    session = {
        fact: tuple(replace(each, evidence=page) if each.evidence is PAGE else each for each in spellings)
        for fact, spellings in SESSION.items()
    }
    return {
        fact: (*session.get(fact, ()), *(each for each in PLPGSQL.get(fact, ()) if each.events & ddl)) for fact in Fact
    }


class _PolarDB(Dialect):
    """What both editions share; each declares itself what it can do."""

    ends_denied_sessions: ClassVar[bool] = True
    records_sessions: ClassVar[bool] = True
    unused_session_options: ClassVar[Mapping[str, str]] = _UNUSED
    optional_fields: ClassVar[Collection[str]] = OPTIONAL_FIELDS
    variables: ClassVar[Collection[str]] = PLPGSQL_VARIABLES | VARIABLES.keys()
    flavour: ClassVar[Flavour]
    own_checks: ClassVar[Checks[Translation]]
    """Its checks beside those of both editions, by its own version."""

    def kernel(self, version: Version) -> Version:
        """Return the version of the PostgreSQL kernel."""
        return version

    def spelling(self, fact: Fact, event: Event, item: Item | None, version: Version) -> Spelling | None:
        """Return how to write ``fact``; at logon and logoff only the session spellings count."""
        found = super().spelling(fact, event, item, self.kernel(version))
        return None if event.is_session and fact not in SESSION else found

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written, which at logon and logoff hangs on the language of the function."""
        spellings = _BY_LANGUAGE.get(trigger.function.policies.language) if trigger.event.is_session else None
        if spellings is None:
            return super().written(fact, trigger, item, version)
        return find_spelling(spellings, fact, trigger.event, item, self.kernel(version))

    def language(self, function: ResolvedFunction, version: Version) -> Language | None:
        """Return PL/SQL for a function that is all in the documented form; helpers and DDL are plpgsql's."""
        return Language.PLSQL if is_plsql(function) and not is_wrapped(function) else Language.PLPGSQL

    def lacks_tag(self, tag: str, event: Event, version: Version) -> bool:
        """Whether no event trigger sees it."""
        return lacks(tag, event, self.kernel(version))

    def checks(self) -> Checks[Any]:
        """Return the checks of both editions and of this one, and those of hand-written texts."""
        return with_texts((*COMMON, *self.own_checks))

    def check(self, translation: Translation) -> Iterator[Finding]:
        """Yield what they find."""
        yield from in_texts(translation, self.language)
        yield from found(COMMON, replace(translation, version=self.kernel(translation.version)))
        yield from found(self.own_checks, translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for this edition creates."""
        check_parser()
        from xtrig_polardb.reading.plsql_script import VOCABULARIES, PolarDBScriptReader  # noqa: PLC0415  # as below

        return PolarDBScriptReader(name, VOCABULARIES[self.name]).read(text)

    @property
    def platform(self) -> PolarDBPlatform:
        """Servers of this edition, and those that do not tell theirs."""
        from xtrig_polardb.platform import PolarDBPlatform  # noqa: PLC0415  # rendering does without

        return PolarDBPlatform(self.name, self.title, is_oracle=bool(self.flavour.authid))

    def deployment(self, triggers: ResolvedSet, version: Version) -> PolarDBDeployment:
        """Return how to deploy the set; a set with a system trigger can only be rendered.

        Raises :class:`~xtrig.errors.UsageError` for such a set.
        """
        from xtrig_polardb.deployment import PolarDBDeployment  # noqa: PLC0415  # rendering does without

        return PolarDBDeployment(self._compilation(triggers, version))

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, functions, triggers."""
        return self._compilation(triggers, version).script()

    def system_triggers(self, triggers: ResolvedSet, version: Version) -> tuple[ResolvedTrigger, ...]:
        """Return the triggers that become system triggers, which only the Oracle edition has."""
        return ()

    def _compilation(self, triggers: ResolvedSet, version: Version) -> Compilation:
        system, kernel = self.system_triggers(triggers, version), self.kernel(version)
        if triggers.sessions is not None:
            from xtrig_polardb.session_record import with_triggers  # noqa: PLC0415  # most sets do without

            triggers = with_triggers(triggers, triggers.sessions)
        return Compilation(self, self.flavour, triggers, version, kernel, system)


class PolarDBDialect(_PolarDB):
    """PolarDB for PostgreSQL: ``ON after_user_logon``, ``ON before_user_logoff`` and DDL event triggers.

    Versions are those of its PostgreSQL kernel.
    """

    name: ClassVar[str] = "polardb"
    title: ClassVar[str] = "PolarDB for PostgreSQL"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("11", "14", "15", "16", "17")
    default_version: ClassVar[str] = "14"
    capabilities: ClassVar[tuple[Capability, ...]] = capabilities.POLARDB
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = _spellings(PAGE)
    behaviours: ClassVar[Collection[Behaviour]] = behaviours.POLARDB
    own_checks: ClassVar[Checks[Translation]] = POLARDB
    flavour: ClassVar[Flavour] = Flavour(
        execute="EXECUTE PROCEDURE",
        native_events={"after_user_logon": Event.LOGON, "before_user_logoff": Event.LOGOFF},
        event_expression="",
        authid={},
    )


class PolarDBOracleDialect(_PolarDB):
    """PolarDB for PostgreSQL compatible with Oracle: ``AFTER LOGON ON DATABASE`` and its counterpart."""

    name: ClassVar[str] = "polardb-oracle"
    title: ClassVar[str] = "PolarDB for PostgreSQL (compatible with Oracle)"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("1.0", "2.0")
    default_version: ClassVar[str] = "2.0.14.15.31.0"
    capabilities: ClassVar[tuple[Capability, ...]] = capabilities.POLARDB_ORACLE
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = _spellings(ORACLE_PAGE)
    behaviours: ClassVar[Collection[Behaviour]] = behaviours.POLARDB_ORACLE
    own_checks: ClassVar[Checks[Translation]] = ORACLE
    flavour: ClassVar[Flavour] = Flavour(
        execute="EXECUTE FUNCTION",
        # The value of tg_event is not documented for this edition, so the two are distinguished by what both
        # the PostgreSQL edition's values and this edition's clauses have in common.
        native_events={},
        event_expression="CASE WHEN LOWER(tg_event) LIKE '%logoff%' THEN 'logoff' ELSE 'logon' END",
        # From the edition's CREATE FUNCTION page.
        authid={"definer": " AUTHID DEFINER", "invoker": " AUTHID CURRENT_USER"},
    )

    def kernel(self, version: Version) -> Version:
        """Return the version of the PostgreSQL kernel: 1.0 is built on 11, 2.0 on 14."""
        return (11,) if version < (2,) else (14,)

    def capability_of(self, trigger: ResolvedTrigger, version: Version) -> Capability:
        """Return what its event is for a trigger, which may become a system trigger."""
        found = self.capability(trigger.event, version)
        if version < SYSTEM_TRIGGERS or trigger.event.is_session:
            return found
        if is_system_trigger(trigger):
            return capabilities.as_system_trigger(found, clause(trigger))
        return capabilities.as_event_trigger(found)

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written; a system trigger has expressions of its own."""
        if version >= SYSTEM_TRIGGERS and is_system_trigger(trigger):
            return find_spelling(SYSTEM, fact, trigger.event, item, self.kernel(version))
        return super().written(fact, trigger, item, version)

    def system_triggers(self, triggers: ResolvedSet, version: Version) -> tuple[ResolvedTrigger, ...]:
        """Return the triggers that mean the same as a system trigger."""
        return system_triggers(triggers, version)
