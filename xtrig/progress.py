"""The progress callback: what a deployment or a trial reports while it runs."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a deployment or a trial; the results are in its report."""

    def step(self, what: str, /) -> None:
        """Receive what is done now."""

    def note(self, what: str, /) -> None:
        """Receive what the user has to know, also to read the results."""


class NoProgress:
    """Ignores all progress."""

    def step(self, what: str, /) -> None:
        """Do nothing."""

    def note(self, what: str, /) -> None:
        """Do nothing."""
