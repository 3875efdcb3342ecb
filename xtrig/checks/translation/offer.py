"""What a dialect offers of a set."""

from __future__ import annotations

from xtrig.dialect import Dialect, Support, Translation, Version
from xtrig.resolve import ResolvedSet, ResolvedTrigger, without


def translated(triggers: ResolvedSet, dialect: Dialect, version: Version) -> ResolvedSet:
    """Return the part of the set that ``dialect`` offers; the rest is refused, or left out by if_unsupported: skip."""
    return translation(triggers, dialect, version).triggers


def translation(triggers: ResolvedSet, dialect: Dialect, version: Version) -> Translation:
    """Return the set as ``dialect`` will get it, with what it will not get."""
    left_out = tuple(trigger for trigger in triggers.triggers if not _is_offered(trigger, dialect, version))
    names = {trigger.name for trigger in left_out}
    offered = without(triggers, lambda trigger: trigger.name in names)
    return Translation(offered, dialect, version, left_out)


def _is_offered(trigger: ResolvedTrigger, dialect: Dialect, version: Version) -> bool:
    """Whether the trigger will be there: an emulation only where the definition asks for it."""
    support = dialect.capability(trigger.event, version).support
    return support is Support.NATIVE or (support is Support.EMULATED and trigger.if_unsupported == "infer")
