"""Explanations as a Markdown document: a table of the dialects side by side, then each in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from xtrig.dialect import Verified
from xtrig.explain.refusal import finding_line
from xtrig.explain.sentences import Explanation, Section, Sentence, Sources, printable

_ACTIVE = "\\`*_[]<>#|~$&"
LEGEND = (
    "Behind each sentence stands how it is known: `server` was seen on a real server by the test that is named, "
    "`documented` is said by the vendor's documentation, `unverified` is neither. A file and a line: the definition "
    "says so itself."
)


def as_markdown(explanations: Sequence[Explanation], xtrig_version: str) -> str:
    """Return explanations of one definition as a document."""
    if not explanations:
        return ""
    definition = explanations[0].definition
    files = ", ".join(definition.files) or "made in Python"
    lines = [
        "# What the triggers come to",
        "",
        f"- Definition: {escaped(files)}, format {definition.format}",
        f"- Digest of what it says: `{definition.digest}`",
        f"- Explained by xtrig {escaped(xtrig_version)}",
        "",
        LEGEND,
    ]
    for trigger, group in groupby(explanations, key=lambda each: each.trigger):
        same = list(group)
        lines += ["", f"## Trigger {escaped(trigger)}, at {escaped(str(same[0].event))}", "", *_side_by_side(same)]
        for each in same:
            lines += ["", *_one(each)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text on one line, with Markdown's special characters escaped."""
    return "".join(f"\\{char}" if char in _ACTIVE else char for char in printable(text))


def code(text: str) -> str:
    """Return text as a code span; it may contain backticks."""
    text = printable(text)
    fence = fence_for(text, "`")
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def fence_for(text: str, fence: str = "```") -> str:
    """Return as many backticks as ``fence`` has, or more where the text holds so many."""
    while fence in text:
        fence += "`"
    return fence


def _side_by_side(same: Sequence[Explanation]) -> Iterator[str]:
    yield "| | " + " | ".join(escaped(f"{each.dialect} {each.version}") for each in same) + " |"
    yield "|---" * (len(same) + 1) + "|"
    rows = {
        "support": [str(each.support) for each in same],
        "clause": [each.spelling or "none" for each in same],
        "sentences seen on a server": [str(each.counts()["server"]) for each in same],
        "documented": [str(each.counts()["documented"]) for each in same],
        "unverified": [str(each.counts()["unverified"]) for each in same],
        "findings": [", ".join(dict.fromkeys(finding.code for finding in each.findings)) or "none" for each in same],
    }
    for title, cells in rows.items():
        yield f"| {title} | {' | '.join(map(escaped, cells))} |"


def _one(explanation: Explanation) -> Iterator[str]:
    sources = Sources()
    yield f"### {escaped(explanation.trigger)} on {escaped(explanation.title)} {escaped(explanation.version)}"
    for section in explanation.sections:
        yield ""
        yield from _section(section, sources)
    if explanation.findings:
        yield from ("", "**Findings**", "")
        yield from (f"- {escaped(finding_line(finding))}" for finding in explanation.findings)
    if lines := [_source(*each) for each in sources]:
        yield from ("", "**Sources**", "", *lines)


def _source(number: int, kind: str, source: str) -> str:
    return f"{number}. {kind}: {code(source) if kind == Verified.SERVER else escaped(source)}"


def _section(section: Section, sources: Sources) -> Iterator[str]:
    yield f"**{str(section.heading).capitalize()}**"
    yield ""
    for sentence in section.sentences:
        sql = f" {code(sentence.sql)}" if sentence.sql else ""
        yield f"{'  ' * sentence.depth}- {escaped(sentence.text)}{sql} *({_marked(sentence, sources)})*"


def _marked(sentence: Sentence, sources: Sources) -> str:
    return code(sentence.source) if sentence.verified is None else escaped(sources.mark(sentence))
