"""What a dialect can do, as data: events and session facts, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from xtrig.facts import ALL_EVENTS, Event, Fact, Item

Version = tuple[int, ...]
"""A server version, such as ``(17,)`` or ``(2, 0, 14, 15, 31, 0)``."""


class Support(StrEnum):
    """How a dialect can offer an event."""

    NATIVE = "native"
    EMULATED = "emulated"
    """Only when asked for with ``if_unsupported: infer``, since it means something a little different."""
    REFUSED = "refused"


class Verified(StrEnum):
    """How it is known."""

    SERVER = "server"
    """Seen on a real server by this project's tests."""
    DOCUMENTED = "documented"
    """Said by the vendor's documentation."""
    UNVERIFIED = "unverified"
    """Neither: plausible, and marked so."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What one event is on a dialect, from version ``since`` on (an empty version: every one).

    ``spelling`` is the vendor's clause; ``on_error`` what an unhandled error in the function does;
    ``deny_binds`` whether a ``deny`` keeps the session or command out; ``reason`` and ``remedy`` are
    for the refusal, and needed unless the support is native.
    """

    event: Event
    support: Support
    spelling: str = ""
    since: Version = ()
    on_error: str = ""
    deny_binds: bool = False
    exempt: str = ""
    transaction: str = ""
    order: str = ""
    way_out: str = ""
    reason: str = ""
    remedy: str = ""
    source: str = ""
    verified: Verified = Verified.UNVERIFIED

    def to_dict(self) -> dict[str, Any]:
        """Return the capability as JSON-able data."""
        return {
            "event": str(self.event),
            "support": str(self.support),
            "spelling": self.spelling,
            "since": ".".join(map(str, self.since)) or None,
            "on_error": self.on_error,
            "deny_binds": self.deny_binds,
            "exempt": self.exempt,
            "transaction": self.transaction,
            "order": self.order,
            "way_out": self.way_out,
            "reason": self.reason,
            "remedy": self.remedy,
            "source": self.source,
            "verified": str(self.verified),
        }


@dataclass(frozen=True, slots=True)
class Spelling:
    """The vendor's expression for a session fact, at some events, inside an item or not, since a version.

    ``sql`` must be usable as one operand: put anything else in parentheses.
    """

    sql: str
    events: frozenset[Event] = field(default=ALL_EVENTS)
    item: Item | None = None
    since: Version = ()
    note: str = ""
    source: str = ""
    verified: Verified = Verified.UNVERIFIED


def find_spelling(
    spellings: Mapping[Fact, tuple[Spelling, ...]],
    fact: Fact,
    event: Event,
    item: Item | None,
    version: Version,
) -> Spelling | None:
    """Return the first spelling of ``fact`` that fits the event, the item and the version, or None."""
    for candidate in spellings.get(fact, ()):
        fits_item = candidate.item is None or candidate.item is item
        if fits_item and event in candidate.events and candidate.since <= version:
            return candidate
    return None
