"""What every part of a suite knows: the dialect it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from xtrig.dialect import Dialect, Support, Version
from xtrig.facts import Event
from xtrig.registry import get_dialect


class Subject:
    """The dialect under test."""

    dialect_name: ClassVar[str]
    """The name that the plugin registers, as ``--dialect`` takes it."""

    @property
    def dialect(self) -> Dialect:
        """The dialect, loaded as xtrig itself loads it."""
        return get_dialect(self.dialect_name)

    @property
    def version(self) -> Version:
        """The version rendered for when nobody says otherwise."""
        return self.dialect.parse_version(None)

    def target_versions(self) -> Iterator[str]:
        """Yield every version the dialect names, and its default."""
        yield from dict.fromkeys((*self.dialect.versions, self.dialect.default_version))

    def offered_events(self) -> list[Event]:
        """Return the events that the dialect offers natively at its default version, in the order of Event."""
        return [event for event in Event if self.dialect.capability(event, self.version).support is Support.NATIVE]

    def own_policy(self, event: Event) -> str:
        """Return the ``on_error`` that is the vendor's own at an event, and so asks nothing of it."""
        return "deny" if self.dialect.capability(event, self.version).deny_binds else "allow"
