"""The dialect ``acmedb``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Checks,
    Dialect,
    Fact,
    NameLimit,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Spelling,
    Support,
    Translation,
    Version,
)
from xtrig_acmedb.behaviours import BEHAVIOURS
from xtrig_acmedb.capabilities import CAPABILITIES
from xtrig_acmedb.checks import CHECKS
from xtrig_acmedb.compilation import Compilation
from xtrig_acmedb.spellings import SPELLINGS


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

    def longest_name(self, version: Version) -> NameLimit:
        """Return 64 characters, and 128 from AcmeDB 5 on."""
        return NameLimit(128 if version >= (5,) else 64, "characters")

    def checks(self) -> Checks[Translation]:
        """Return what AcmeDB cannot express, and what one has to know of it."""
        return CHECKS

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, triggers."""
        target = ".".join(map(str, version))
        statements = Compilation(triggers, self._offered(triggers, version)).statements()
        return Script(self.name, target, f"Rendered by xtrig for {self.title} {target}", tuple(statements))

    def _offered(self, triggers: ResolvedSet, version: Version) -> list[tuple[ResolvedTrigger, Capability]]:
        """Return the triggers that are rendered; the others are left out, as their definition says."""
        pairs = [(trigger, self.capability(trigger.event, version)) for trigger in triggers.triggers]
        return [(trigger, capability) for trigger, capability in pairs if capability.support is Support.NATIVE]
