"""The dialect ``postgresql``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from xtrig.plugin import (
    OPTIONAL_FIELDS,
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
    Support,
    Translation,
    Version,
    Words,
    found,
)
from xtrig_pgfamily.behaviours import Behaviours, ddl_behaviours, read_behaviours
from xtrig_pgfamily.checks import in_texts, with_texts
from xtrig_pgfamily.expression_words import VARIABLES, words
from xtrig_pgfamily.language import Language
from xtrig_pgfamily.plpgsql.inferred_logoff import inferred_spelling
from xtrig_pgfamily.reading import read_script
from xtrig_pgfamily.session_facts import SPELLINGS
from xtrig_pgfamily.words import lacks
from xtrig_postgresql.capabilities import CAPABILITIES
from xtrig_postgresql.checks import CHECKS
from xtrig_postgresql.compilation import Compilation

if TYPE_CHECKING:
    from xtrig_pgfamily.trial import PostgreSQLTrial
    from xtrig_postgresql.deployment import PostgreSQLDeployment
    from xtrig_postgresql.platform import PostgreSQLPlatform


def _behaviours() -> Iterator[Behaviour]:
    said = read_behaviours(__package__)
    yield from (*said["session"], *ddl_behaviours(), *said["ddl"])


class PostgreSQLDialect(Dialect):
    """PostgreSQL 13 to 19; login triggers from 17 on."""

    name: ClassVar[str] = "postgresql"
    title: ClassVar[str] = "PostgreSQL"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("13", "14", "15", "16", "17", "18", "19")
    default_version: ClassVar[str] = "18"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[Collection[Behaviour]] = Behaviours(_behaviours)
    records_sessions: ClassVar[bool] = True
    variables: ClassVar[Collection[str]] = VARIABLES
    optional_fields: ClassVar[Collection[str]] = OPTIONAL_FIELDS

    def written(self, fact: Fact, trigger: ResolvedTrigger, item: Item | None, version: Version) -> Spelling | None:
        """Return how ``fact`` is written; in an inferred logoff most facts are those of the ended session."""
        found = super().written(fact, trigger, item, version)
        if self.capability(trigger.event, version).support is not Support.EMULATED or found is None:
            return found
        return inferred_spelling(fact, found)

    def words(self, version: Version) -> Words:
        """Return what is found in pg_catalog: every function's search_path is pinned to it."""
        return words()

    def language(self, function: ResolvedFunction, version: Version) -> Language:
        """Return plpgsql, in which every function is rendered."""
        return Language.PLPGSQL

    def lacks_tag(self, tag: str, event: Event, version: Version) -> bool:
        """Whether no event trigger sees it."""
        return lacks(tag, event, version)

    def checks(self) -> Checks[Any]:
        """Return the checks of this dialect, and those of hand-written texts."""
        return with_texts(CHECKS)

    def check(self, translation: Translation) -> Iterator[Finding]:
        """Yield what they find."""
        yield from in_texts(translation, self.language)
        yield from found(CHECKS, translation)

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for PostgreSQL creates."""
        return read_script(text, name)

    @property
    def platform(self) -> PostgreSQLPlatform:
        """Servers of the community."""
        from xtrig_postgresql.platform import PostgreSQLPlatform  # noqa: PLC0415  # rendering does without

        return PostgreSQLPlatform()

    def deployment(self, triggers: ResolvedSet, version: Version) -> PostgreSQLDeployment:
        """Return how to deploy the set."""
        from xtrig_postgresql.deployment import PostgreSQLDeployment  # noqa: PLC0415  # rendering does without

        return PostgreSQLDeployment(self, triggers, version)

    def trial(self) -> PostgreSQLTrial:
        """Return what tries a definition on the embedded PostgreSQL or on a server of the user's."""
        from xtrig_pgfamily.trial import PostgreSQLTrial  # noqa: PLC0415  # rendering does without

        return PostgreSQLTrial()

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return one transaction: preflight, schemas, tables, functions, and last the triggers."""
        return Compilation(self, triggers, version).script()
