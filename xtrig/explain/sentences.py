"""The parts of an explanation: sentences, each with how it is known, in sections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from xtrig.dialect import Capability, Dialect, Evidence, Support, Verified, Version
from xtrig.facts import Event
from xtrig.findings import Finding, Path
from xtrig.model import TriggerSet
from xtrig.resolve import ResolvedSet, ResolvedTrigger


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition that was explained.

    ``digest`` is that of the content: layout and comments do not change it.
    """

    files: tuple[str, ...]
    format: int
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {"files": list(self.files), "format": self.format, "digest": self.digest}


def defined(triggers: TriggerSet) -> Definition:
    """Return what identifies a set; a set made in Python has no files."""
    paths = [("triggers", name) for name in triggers.triggers] + [("functions", name) for name in triggers.functions]
    places = [triggers.locate(path) for path in [*paths, *(("tables", name) for name in triggers.tables)]]
    files = dict.fromkeys(place.file for place in places if place)
    said = triggers.model_dump_json(by_alias=True, exclude_defaults=True)
    return Definition(tuple(files), triggers.xtrig, f"sha256:{hashlib.sha256(said.encode()).hexdigest()}")


class Heading(StrEnum):
    """The headings of sections, in the order in which they are printed."""

    REFUSED = "refused"
    FIRES = "fires"
    SILENT = "does not fire"
    STEPS = "does, in order"
    RECORDED = "records"
    UNRECORDED = "does not record"
    FAILURE = "when it fails"
    POLICIES = "policies"
    FACTS = "session facts"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement. ``verified`` is None for a statement of the definition itself: then ``source`` is its line.

    ``sql`` is an expression that ends the sentence; ``depth`` is the level of nesting, from 0.
    """

    text: str
    source: str = ""
    verified: Verified | None = None
    depth: int = 0
    sql: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        verified = str(self.verified) if self.verified else "definition"
        return {
            "text": self.text,
            "sql": self.sql or None,
            "verified": verified,
            "source": self.source,
            "depth": self.depth,
        }


def known(text: str, evidence: Evidence, sql: str = "") -> Sentence:
    """Return a sentence about the vendor."""
    return Sentence(text, evidence.source, evidence.verified, sql=sql)


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under a heading."""

    heading: Heading
    sentences: tuple[Sentence, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {"heading": str(self.heading), "sentences": [each.to_dict() for each in self.sentences]}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is explained: one trigger of a set on one version of a dialect."""

    definition: TriggerSet
    triggers: ResolvedSet
    trigger: ResolvedTrigger
    dialect: Dialect
    version: Version
    capability: Capability

    def say(self, text: str, path: Path, depth: int = 0, sql: str = "") -> Sentence:
        """Return a statement of the definition at ``path``."""
        return Sentence(text, str(self.definition.locate(path) or "the definition"), None, depth, sql)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one trigger does on one version of a dialect.

    ``support`` is ``refused`` where nothing is rendered; then ``sections`` has the reason. ``spelling`` is the
    vendor's clause, ``place`` the trigger's line in its file. ``findings`` are those that do not refuse it.
    """

    trigger: str
    """The name of the trigger."""
    event: Event
    """When it fires."""
    dialect: str
    """The name of the dialect."""
    title: str
    """The dialect's product."""
    version: str
    """The version of the server."""
    support: Support
    """Whether, and how, the event is there."""
    spelling: str
    """The vendor's clause."""
    definition: Definition
    """What the definition says of it."""
    place: str
    """File and line."""
    findings: tuple[Finding, ...] = ()
    """Those that do not refuse it."""
    sections: tuple[Section, ...] = field(default=())
    """The sentences, by topic; of a trigger that is refused the reason."""

    @property
    def sentences(self) -> Iterator[Sentence]:
        """Every sentence, in order."""
        for section in self.sections:
            yield from section.sentences

    def counts(self) -> dict[str, int]:
        """Return the number of sentences about the vendor by how they are known."""
        return {str(kind): sum(each.verified is kind for each in self.sentences) for kind in Verified}

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON-able data."""
        return {
            "trigger": self.trigger,
            "event": str(self.event),
            "dialect": self.dialect,
            "title": self.title,
            "version": self.version,
            "support": str(self.support),
            "spelling": self.spelling,
            "place": self.place,
            "counts": self.counts(),
            "findings": [{**each.to_dict(), "waiver": each.waiver} for each in self.findings],
            "sections": [section.to_dict() for section in self.sections],
        }


class Sources:
    """Sources by number, in the order in which they are first named."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}

    def mark(self, sentence: Sentence) -> str:
        """Return how a sentence is known: its line in the definition, or the kind and number of its source."""
        if sentence.verified is None:
            return sentence.source
        key = (str(sentence.verified), sentence.source)
        return f"{sentence.verified} {self._numbers.setdefault(key, len(self._numbers) + 1)}"

    def __iter__(self) -> Iterator[tuple[int, str, str]]:
        """Yield number, kind and source."""
        for (kind, source), number in self._numbers.items():
            yield number, kind, source


def printable(text: str) -> str:
    """Return text on one line, with control characters written as Python escapes."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
