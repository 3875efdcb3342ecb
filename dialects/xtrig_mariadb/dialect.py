"""The dialect ``mariadb``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Checks,
    Dialect,
    Fact,
    NameLimit,
    ResolvedSet,
    Script,
    Spelling,
    Version,
)
from xtrig_mariadb.behaviours import BEHAVIOURS
from xtrig_mariadb.capabilities import CAPABILITIES
from xtrig_mariadb.checks import CHECKS
from xtrig_mariadb.compilation import Compilation
from xtrig_mariadb.spellings import SPELLINGS
from xtrig_mariadb.words import COLUMN_TYPES, folded


class MariaDBDialect(Dialect):
    """MariaDB, its versions with long-term support."""

    name: ClassVar[str] = "mariadb"
    title: ClassVar[str] = "MariaDB"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("10.6", "10.11", "11.4", "11.8")
    default_version: ClassVar[str] = "11.8"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[Collection[Behaviour]] = BEHAVIOURS
    column_types: ClassVar[Mapping[str, str] | None] = COLUMN_TYPES

    def longest_name(self, version: Version) -> NameLimit:
        """Return 64 characters."""
        return NameLimit(64, "characters")

    def folded(self, name: str) -> str:
        """Return the name in the form in which MariaDB compares it."""
        return folded(name)

    def checks(self) -> Checks[Any]:
        """Return what MariaDB cannot express, and what one has to know of it."""
        return CHECKS

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return databases, tables, procedures, and last the sections of init_connect."""
        return Compilation(triggers, self, version).script()
