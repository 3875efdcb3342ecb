"""What a dialect gives so that xtrig can import what a database has: which queries to ask, and what the rows say.

Import from here, not from :mod:`xtrig.plugin`: rendering needs none of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from xtrig.dialect.driver import Row
from xtrig.imported import Imported

Results = Sequence[Sequence[Row]]
"""The rows of each query, in the order of the queries."""


class LiveReader(ABC):
    """Reads the triggers of a database on one kind of server. Pure: the same rows give the same answers."""

    @abstractmethod
    def queries(self) -> Sequence[str]:
        """Return the queries to ask; how many must not grow with the database.

        They are asked in their order, in a transaction of which nothing stays: so one of them may change settings
        for those after it.
        """

    @abstractmethod
    def sets(self, results: Results) -> Mapping[str | None, int]:
        """Return how many triggers each set of xtrig's has, and under None how many no set has.

        What a deployment makes for its own use, and leaves behind when it is interrupted, does not count.
        """

    @abstractmethod
    def read(self, results: Results, set_name: str | None, kept: AbstractSet[str]) -> Imported:
        """Return the triggers of one set, or with None those of no set, with their functions and tables.

        ``kept`` are functions, under the names they have in :attr:`xtrig.dialect.objects.DatabaseObject.name`,
        whose bodies are to be kept as they stand. What no definition can say is a finding, and left out; no finding
        is an error.
        """
