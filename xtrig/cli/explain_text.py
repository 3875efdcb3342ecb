"""Explanations on a terminal: the dialects side by side if it is wide enough, else one after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xtrig.cli.console import report_console
from xtrig.explain import Explanation, Section
from xtrig.explain.refusal import finding_line
from xtrig.explain.sentences import Heading, Sentence, Sources, printable

COLUMN = 60
"""The least width at which a dialect gets a column of its own."""


def print_explanations(explanations: Sequence[Explanation], xtrig_version: str) -> None:
    """Print explanations of one definition, trigger by trigger."""
    console = report_console()
    if explanations:
        definition = explanations[0].definition
        files = ", ".join(definition.files) or "made in Python"
        console.print(_text(f"definition: {files}, format {definition.format}, {definition.digest}"))
        console.print(_text(f"explained by xtrig {xtrig_version}"))
    for _, group in groupby(explanations, key=lambda each: each.trigger):
        same = list(group)
        sources = Sources()
        console.print()
        console.print(_text(f"trigger {same[0].trigger}, at {same[0].event}", "bold"))
        if len(same) > 1 and console.width >= COLUMN * len(same):
            console.print(_columns(same, sources))
        else:
            for each in same:
                _print_one(console, each, sources)
        console.print(_text("sources", "bold"))
        for number, kind, source in sources:
            console.print(Padding(_text(f"{number}. {kind}: {source}"), (0, 0, 0, 2)))


def _columns(same: Sequence[Explanation], sources: Sources) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_lines=False)
    for each in same:
        table.add_column(_text(_title(each)), ratio=1, overflow="fold")
    table.add_row(*(_text(_summary(each)) for each in same))
    for heading in Heading:
        found = [next((part for part in each.sections if part.heading is heading), None) for each in same]
        if any(found):
            table.add_section()
            table.add_row(*(_cell(section, sources) for section in found))
    if any(each.findings for each in same):
        table.add_section()
        table.add_row(*(_findings(each) for each in same))
    return table


def _print_one(console: Console, explanation: Explanation, sources: Sources) -> None:
    console.print()
    console.print(_text(_title(explanation), "bold"))
    console.print(Padding(_text(_summary(explanation)), (0, 0, 0, 2)))
    for section in explanation.sections:
        console.print(Padding(_cell(section, sources), (0, 0, 0, 2)))
    if explanation.findings:
        console.print(Padding(_findings(explanation), (0, 0, 0, 2)))


def _title(explanation: Explanation) -> str:
    return f"{explanation.title} {explanation.version}"


def _summary(explanation: Explanation) -> str:
    counts = ", ".join(f"{number} {kind}" for kind, number in explanation.counts().items())
    return f"{explanation.support}{f', {explanation.spelling}' if explanation.spelling else ''}; {counts}"


def _cell(section: Section | None, sources: Sources) -> Table | str:
    if section is None:
        return ""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(overflow="fold")
    table.add_row(_text(str(section.heading), "bold"))
    for sentence in section.sentences:
        table.add_row(_sentence(sentence, sources))
    return table


def _sentence(sentence: Sentence, sources: Sources) -> Padding:
    sql = f" {sentence.sql}" if sentence.sql else ""
    text = Text.assemble(
        printable(f"- {sentence.text}{sql} "), (printable(f"[{sources.mark(sentence)}]"), "dim"), overflow="fold"
    )
    return Padding(text, (0, 0, 0, 2 * sentence.depth))


def _findings(explanation: Explanation) -> Text:
    lines = ["findings", *(f"- {finding_line(finding)}" for finding in explanation.findings)]
    return Text("\n".join(map(printable, lines)), overflow="fold") if explanation.findings else Text()


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style, overflow="fold")
