"""The dialect ``oracle``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Checks,
    Dialect,
    Event,
    Fact,
    Imported,
    NameLimit,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Spelling,
    Translation,
    Version,
    Words,
)
from xtrig_oracle.behaviours import BEHAVIOURS
from xtrig_oracle.capabilities import CAPABILITIES
from xtrig_oracle.checks import CHECKS
from xtrig_oracle.column_types import COLUMN_TYPES
from xtrig_oracle.compilation import Compilation
from xtrig_oracle.ddl import lacks, verbs
from xtrig_oracle.spellings import SPELLINGS
from xtrig_oracle.words import folded, words


class OracleDialect(Dialect):
    """Oracle Database 19c and 23ai, rendered from their documentation."""

    name: ClassVar[str] = "oracle"
    title: ClassVar[str] = "Oracle Database"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("19", "23")
    default_version: ClassVar[str] = "19"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[Collection[Behaviour]] = BEHAVIOURS
    column_types: ClassVar[Mapping[str, str] | None] = COLUMN_TYPES

    def parse_version(self, text: str | None) -> Version:
        """Return a version; 19c and 23ai are 19 and 23."""
        plain = (text or "").lower()
        return super().parse_version({"19c": "19", "23ai": "23"}.get(plain, text))

    def longest_name(self, version: Version) -> NameLimit:
        """Return 128 bytes, which names have from 12.2 on."""
        return NameLimit(128, "bytes")

    def folded(self, name: str) -> str:
        """Return the name as Oracle's catalogs have it."""
        return folded(name)

    def words(self, version: Version) -> Words:
        """Return the functions that are translated."""
        return words()

    def capability_of(self, trigger: ResolvedTrigger, version: Version) -> Capability:
        """Return what its event is for a trigger, whose tags say for which DDL events it is."""
        found = self.capability(trigger.event, version)
        if trigger.event in (Event.DDL_COMMAND_START, Event.DDL_COMMAND_END):
            return replace(found, spelling=found.spelling.replace("DDL", verbs(trigger.tags)))
        return found

    def lacks_tag(self, tag: str, event: Event, version: Version) -> bool:
        """Whether no DDL event is for it."""
        return lacks(tag, event)

    def checks(self) -> Checks[Translation]:
        """Return what Oracle cannot express, and what one has to know of it."""
        return CHECKS

    def read(self, text: str, name: str) -> Imported:
        """Return what a script for Oracle creates."""
        from xtrig_oracle.reading import read_script  # noqa: PLC0415  # rendering does without

        return read_script(text, name)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: tables, triggers, and what enables them."""
        return Compilation(triggers, self, version).script()
