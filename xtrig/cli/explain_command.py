"""``xtrig explain``."""

from __future__ import annotations

from pathlib import Path

import click

from xtrig.cli import print_json
from xtrig.cli.parameters import dialect_option, form_option, load_definition, loadable_dialects, version_option

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
    """Say in words what a trigger comes to on each dialect, for those who answer for it.

    When it fires and when it does not, what it does, what it records and what it does not, what a failure does,
    what each policy comes to; and for each sentence how it is known. Without TRIGGER: all of the definition.

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
        from xtrig.cli.explain_text import print_explanations

        print_explanations(explanations, __version__)


def _sorted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the name of the trigger, if one is given, and the files."""
    if not words or _is_file(words[0]):
        return (), words
    return words[:1], words[1:]


def _is_file(word: str) -> bool:
    return word == "-" or "/" in word or Path(word).suffix in _SUFFIXES
