"""How long a name may be."""

from __future__ import annotations

from typing import Literal, NamedTuple


class NameLimit(NamedTuple):
    """The longest name that a vendor keeps whole: 63 bytes of UTF-8, or 64 characters."""

    length: int
    unit: Literal["bytes", "characters"]

    def size(self, name: str) -> int:
        """Return how long ``name`` is, in the limit's unit."""
        return len(name.encode()) if self.unit == "bytes" else len(name)

    def keeps(self, name: str) -> bool:
        """Whether ``name`` is kept whole."""
        return self.size(name) <= self.length
