"""What a dialect can do, as data: events and session facts, each with how it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from xtrig.dialect.evidence import Claim, Evidence, Verified, Version
from xtrig.facts import ALL_EVENTS, Event, Fact, Item


class Support(StrEnum):
    """How a dialect can offer an event."""

    NATIVE = "native"
    EMULATED = "emulated"
    """Only when asked for with ``if_unsupported: infer``, since it means something a little different."""
    REFUSED = "refused"


UNSAID = Claim("")
UNBOUND = Claim(False)

CELLS = ("on_error", "deny_binds", "exempt", "transaction", "order", "way_out")
"""The attributes of a capability that are claims of their own."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What one event is on a dialect, from version ``since`` on (an empty version: every one).

    ``evidence`` is for ``support``, for ``spelling`` (the vendor's clause) and for ``reason``, which with
    ``remedy`` is what a refusal says; both are needed unless the support is native. Everything else is a
    claim with evidence of its own: what an unhandled error in the function does, whether a ``deny`` keeps
    the session or command out, who is exempt, in which transaction the function runs, in which order
    triggers fire, and the way in when one is broken.
    """

    event: Event
    support: Support
    spelling: str = ""
    since: Version = ()
    evidence: Evidence = field(default_factory=Evidence)
    on_error: Claim[str] = UNSAID
    deny_binds: Claim[bool] = UNBOUND
    exempt: Claim[str] = UNSAID
    transaction: Claim[str] = UNSAID
    order: Claim[str] = UNSAID
    way_out: Claim[str] = UNSAID
    reason: str = ""
    remedy: str = ""

    @property
    def source(self) -> str:
        """What the support is known from."""
        return self.evidence.source

    @property
    def verified(self) -> Verified:
        """How the support is known."""
        return self.evidence.verified

    @property
    def cells(self) -> dict[str, Claim[Any]]:
        """Every claim by the name of its attribute."""
        return {name: getattr(self, name) for name in CELLS}

    def at(self, version: Version) -> Capability:
        """Return the capability with what is known of each claim on one version."""
        return replace(
            self,
            evidence=self.evidence.at(version),
            on_error=self.on_error.at(version),
            deny_binds=self.deny_binds.at(version),
            exempt=self.exempt.at(version),
            transaction=self.transaction.at(version),
            order=self.order.at(version),
            way_out=self.way_out.at(version),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the capability as JSON-able data."""
        return {
            "event": str(self.event),
            "since": ".".join(map(str, self.since)) or None,
            "support": {"value": str(self.support), **self.evidence.to_dict()},
            "spelling": self.spelling,
            **{name: claim.to_dict() for name, claim in self.cells.items()},
            "reason": self.reason,
            "remedy": self.remedy,
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
    evidence: Evidence = field(default_factory=Evidence)
    null: str = ""
    """When the fact is NULL, as an adverbial such as ``on a unix socket``; empty: never."""

    @property
    def remark(self) -> str:
        """The note, and when the fact is NULL."""
        return "; ".join(filter(None, (self.note, self.null and f"NULL {self.null}")))

    @property
    def source(self) -> str:
        """What it is known from."""
        return self.evidence.source

    @property
    def verified(self) -> Verified:
        """How it is known, on the first of the versions that the evidence is about."""
        return self.evidence.verified

    def at(self, version: Version) -> Spelling:
        """Return the spelling with what is known of it on one version."""
        return replace(self, evidence=self.evidence.at(version))


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


_TYPE_PARTS = re.compile(r"([^(\[]+)(?:\(([^)]*)\))?(.*)", re.DOTALL)
_TYPE_SYNONYMS = {
    "bool": "boolean",
    "char": "character",
    "character varying": "varchar",
    "decimal": "numeric",
    "double precision": "float8",
    "float": "float8",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "real": "float4",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}
"""The types that have two names, by the one that a dialect does not declare."""


def translated_type(types: Mapping[str, str], wanted: str) -> str | None:
    """Return the vendor's type for ``wanted``, or None where it has none.

    ``types`` is :attr:`xtrig.dialect.Dialect.column_types`. An array is a type of its own, such as ``text[]``.
    """
    parts = _TYPE_PARTS.fullmatch(wanted)
    assert parts is not None, "the model refuses what is no type"  # noqa: S101
    base, size, rest = parts.groups()
    words = " ".join((base + rest).lower().split())
    known = types.get(_TYPE_SYNONYMS.get(words, words) + ("" if size is None else "()"))
    return known and known.replace("{}", size or "")
