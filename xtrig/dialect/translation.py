"""A set on its way to one dialect: what checks of the translation look at."""

from __future__ import annotations

from dataclasses import dataclass

from xtrig.dialect.contract import Dialect
from xtrig.dialect.evidence import Version
from xtrig.resolve import ResolvedSet, ResolvedTrigger


@dataclass(frozen=True, slots=True)
class Translation:
    """The part of a set that a dialect offers on a version, and what it leaves out."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version
    left_out: tuple[ResolvedTrigger, ...] = ()
    """Triggers whose event the dialect does not offer, in the order of the definition."""

    @property
    def target(self) -> str:
        """Dialect and version, as messages say them."""
        return f"{self.dialect.name} {'.'.join(map(str, self.version))}"
