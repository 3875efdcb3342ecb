"""What a dialect offers of a set: what checks of a translation look at, and what is compiled."""

from __future__ import annotations

from dataclasses import dataclass

from xtrig.dialect.capability import Support
from xtrig.dialect.contract import Dialect
from xtrig.dialect.evidence import Version
from xtrig.findings import Finding
from xtrig.resolve import ResolvedSet, ResolvedTrigger, without


@dataclass(frozen=True, slots=True)
class Translation:
    """The part of a set that a dialect offers on a version, and what it leaves out."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version
    left_out: tuple[ResolvedTrigger, ...] = ()
    """Triggers whose event the dialect does not offer, in the order of the definition."""
    findings: tuple[Finding, ...] = ()
    """What its checks found; those that the definition waives bear the reason."""

    @property
    def target(self) -> str:
        """Dialect and version, as messages say them."""
        return f"{self.dialect.name} {'.'.join(map(str, self.version))}"


def offered(triggers: ResolvedSet, dialect: Dialect, version: Version) -> Translation:
    """Return the set as ``dialect`` will get it, with what it will not get; it is not checked yet."""
    left_out = tuple(trigger for trigger in triggers.triggers if not _is_offered(trigger, dialect, version))
    names = {trigger.name for trigger in left_out}
    return Translation(without(triggers, lambda trigger: trigger.name in names), dialect, version, left_out)


def _is_offered(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> bool:
    """Whether the trigger will be there: an emulation only where the definition asks for it."""
    support = dialect.capability(trigger.event, version).support
    return support is Support.NATIVE or (support is Support.EMULATED and trigger.if_unsupported == "infer")
