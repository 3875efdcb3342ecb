"""The session facts that a trigger uses: what they mean, and the vendor's expression."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.explain.sentences import Heading, Section, Sentence, Subject, known
from xtrig.facts import FACTS, Fact, Item
from xtrig.resolve import uses


def facts_section(subject: Subject) -> Section:
    """Return every fact that the steps use, in the order of the list of facts."""
    used = {(fact, use.item) for use in uses(subject.trigger.function) for fact in use.template.facts}
    items = (None, *Item)
    ordered = sorted(used, key=lambda each: (list(Fact).index(each[0]), items.index(each[1])))
    sentences = dict.fromkeys(sentence for fact, item in ordered for sentence in _fact(subject, fact, item))
    return Section(Heading.FACTS, tuple(sentences))


def _fact(subject: Subject, fact: Fact, item: Item | None) -> Iterator[Sentence]:
    if fact is Fact.EVENT:
        yield Sentence(f"${{event}}: The portable name of the event, {subject.trigger.event}.", "xtrig")
        return
    spelling = subject.dialect.written(fact, subject.trigger, item, subject.version)
    if spelling is None:  # a dialect refuses a fact that it lacks before anything is explained
        return
    meaning = FACTS[fact].meaning.rstrip(".")
    note = f" Here: {spelling.note}." if spelling.note and spelling.note not in meaning else ""
    yield known(f"${{{fact}}}: {meaning}.{note} It is written", spelling.evidence, spelling.sql)
