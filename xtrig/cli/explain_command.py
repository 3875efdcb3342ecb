"""``xtrig explain``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xtrig.cli import print_json
from xtrig.cli.console import Lines, report_console
from xtrig.cli.parameters import dialect_option, form_option, load_definition, loadable_dialects, version_option
from xtrig.explain import Explanation, Section
from xtrig.explain.refusal import finding_line
from xtrig.explain.sentences import Heading, Sentence, Sources, printable

_SUFFIXES = (".yaml", ".yml", ".json")


@click.command("explain")
@click.argument("words", metavar="[TRIGGER] [FILE]...", nargs=-1)
@dialect_option(
    "Explain it on this dialect; may be given several times. Without it: on all that are installed.",
    "-d",
    "--dialect",
    "dialects",
    multiple=True,
)
@version_option
@form_option("text", "markdown", "json", help_text="text (the default), markdown or json.")
def command(words: tuple[str, ...], dialects: tuple[str, ...], target_version: str | None, form: str) -> None:
    """Say in words what a trigger does on each dialect, for those who answer for it.

    When it fires and when it does not, what it does, what it records and what it does not, what a failure does,
    what each policy does; and for each sentence how it is known. Without TRIGGER: all of the definition.

    A first word that ends in .yaml, .yml or .json, holds a slash or is '-' is a FILE. A trigger that a dialect
    refuses is explained by the refusal; the exit code is 0 for that, too.

    \b
      xtrig explain logon_audit
      xtrig explain logon_audit audit.yaml --dialect postgresql --target-version 17
      xtrig explain audit.yaml --format markdown > audit.md
    """
    from xtrig import __version__
    from xtrig.explain import explain

    if target_version is not None and len(set(dialects)) != 1:
        raise click.UsageError("--target-version goes with exactly one --dialect", click.get_current_context())
    trigger, files = _sorted(words)
    triggers = load_definition(files)
    names = dialects or [dialect.name for dialect in loadable_dialects()]
    explanations = explain(triggers, *trigger, dialects=names, target_version=target_version)
    if triggers.sessions is not None and not trigger:
        Lines().note("sessions: is no trigger of the definition, so it is not explained; see docs/session-audit.md")
    if form == "json":
        data = {
            "xtrig": __version__,
            "definition": explanations[0].definition.to_dict() if explanations else None,
            "explanations": [each.to_dict() for each in explanations],
        }
        print_json(data)
    elif form == "markdown":
        from xtrig.explain.markdown import as_markdown

        click.echo(as_markdown(explanations, __version__), nl=False)
    else:
        print_explanations(explanations, __version__)


def _sorted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the name of the trigger, if one is given, and the files."""
    if not words or _is_file(words[0]):
        return (), words
    return words[:1], words[1:]


def _is_file(word: str) -> bool:
    from xtrig.load.references import is_reference

    return word == "-" or "/" in word or Path(word).suffix in _SUFFIXES or is_reference(word)


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
            console.print(_side_by_side(same, sources))
        else:
            for each in same:
                _print_one(console, each, sources)
        console.print(_text("sources", "bold"))
        for number, kind, source in sources:
            console.print(Padding(_text(f"{number}. {kind}: {source}"), (0, 0, 0, 2)))


def _side_by_side(same: Sequence[Explanation], sources: Sources) -> Table:
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
