"""Who is told how a deployment is getting on."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Hears of a deployment while it runs; the result is in the report."""

    def step(self, what: str) -> None:
        """Hear what is being done now."""

    def note(self, what: str) -> None:
        """Hear something that the user has to know."""


class Silent:
    """A listener that does nothing."""

    def step(self, what: str) -> None:
        """Do nothing."""

    def note(self, what: str) -> None:
        """Do nothing."""
