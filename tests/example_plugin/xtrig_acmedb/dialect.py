"""The dialect ``acmedb``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from xtrig.plugin import (
    PLUGIN_API,
    Behaviour,
    Capability,
    Dialect,
    Fact,
    Finding,
    NameLimit,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Severity,
    Spelling,
    Support,
    Version,
    walk,
)
from xtrig_acmedb.behaviours import BEHAVIOURS
from xtrig_acmedb.capabilities import CAPABILITIES
from xtrig_acmedb.compilation import Compilation
from xtrig_acmedb.spellings import SPELLINGS
from xtrig_acmedb.steps import EXPRESSIBLE


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

    def check(self, triggers: ResolvedSet, version: Version) -> Iterator[Finding]:
        """Yield what AcmeDB cannot express; events, facts and denials are refused by the declared data."""
        for trigger, _ in self._offered(triggers, version):
            for visit in walk(trigger.function):
                if not isinstance(visit.step, EXPRESSIBLE):
                    message = f"{type(visit.step).__name__}: AcmeDB has no such statement in a trigger"
                    remedy = "write an sql step, or a body for acmedb"
                    yield Finding("XT207", Severity.ERROR, trigger.subject, message, remedy, visit.path)
            for policy in _inexpressible(trigger):
                message = f"{policy}: AcmeDB has nothing like it"
                yield Finding("XT209", Severity.ERROR, trigger.subject, message, "leave it out", trigger.path)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return the script: schemas, tables, triggers."""
        target = ".".join(map(str, version))
        statements = Compilation(triggers, self._offered(triggers, version)).statements()
        return Script(self.name, target, f"Rendered by xtrig for {self.title} {target}", tuple(statements))

    def _offered(self, triggers: ResolvedSet, version: Version) -> list[tuple[ResolvedTrigger, Capability]]:
        """Return the triggers that are rendered; the others are left out, as their definition says."""
        pairs = [(trigger, self.capability(trigger.event, version)) for trigger in triggers.triggers]
        return [(trigger, capability) for trigger, capability in pairs if capability.support is Support.NATIVE]


def _inexpressible(trigger: ResolvedTrigger) -> Iterator[str]:
    policies = trigger.function.policies
    if trigger.tags:
        yield f"tags: {', '.join(trigger.tags)}"
    if trigger.enable != "origin":
        yield f"enable: {trigger.enable}"
    if policies.durability != "full":
        yield f"durability: {policies.durability}"
    if policies.language != "native":
        yield f"language: {policies.language}"
