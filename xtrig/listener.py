"""Who is told how something that takes a while is getting on."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Hears of a deployment or a trial while it runs; the results are in its report."""

    def step(self, what: str) -> None:
        """Hear what is being done now."""

    def note(self, what: str) -> None:
        """Hear something that the user has to know, also to read the results."""


class Silent:
    """A listener that does nothing."""

    def step(self, what: str) -> None:
        """Do nothing."""

    def note(self, what: str) -> None:
        """Do nothing."""
