"""The dialect ``acmedb``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

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
    Translation,
    Version,
)
from xtrig_acmedb.behaviours import BEHAVIOURS
from xtrig_acmedb.capabilities import CAPABILITIES
from xtrig_acmedb.checks import CHECKS
from xtrig_acmedb.column_types import COLUMN_TYPES
from xtrig_acmedb.compilation import Compilation
from xtrig_acmedb.spellings import SPELLINGS
from xtrig_acmedb.words import folded

if TYPE_CHECKING:
    from xtrig_acmedb.deployment import AcmeDBDeployment
    from xtrig_acmedb.platform import AcmeDBPlatform


class AcmeDBDialect(Dialect):
    """AcmeDB 4 and 5."""

    name: ClassVar[str] = "acmedb"
    title: ClassVar[str] = "AcmeDB"
    plugin_api: ClassVar[int] = PLUGIN_API
    versions: ClassVar[tuple[str, ...]] = ("4", "5")
    default_version: ClassVar[str] = "5"
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    spellings: ClassVar[Mapping[Fact, tuple[Spelling, ...]]] = SPELLINGS
    behaviours: ClassVar[tuple[Behaviour, ...]] = BEHAVIOURS
    has_schemas: ClassVar[bool] = False
    column_types: ClassVar[Mapping[str, str] | None] = COLUMN_TYPES

    def longest_name(self, version: Version) -> NameLimit:
        """Return 31 bytes."""
        return NameLimit(31, "bytes")

    def folded(self, name: str) -> str:
        """Return the name in the form in which AcmeDB compares it."""
        return folded(name)

    def checks(self) -> Checks[Translation]:
        """Return what AcmeDB cannot express, and what one has to know of it."""
        return CHECKS

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: what the objects print."""
        objects = Compilation(triggers, self, version).objects()
        target = ".".join(map(str, version))
        statements = tuple(statement for each in objects for statement in each.printed())
        return Script(self.name, target, f"Rendered by xtrig for {self.title} {target}", statements)

    @property
    def platform(self) -> AcmeDBPlatform:
        """Servers, and the driver to them; rendering does without."""
        from xtrig_acmedb.platform import AcmeDBPlatform

        return AcmeDBPlatform()

    def deployment(self, triggers: ResolvedSet, version: Version) -> AcmeDBDeployment:
        """Return how to deploy a set."""
        from xtrig_acmedb.deployment import AcmeDBDeployment

        return AcmeDBDeployment(Compilation(triggers, self, version))
