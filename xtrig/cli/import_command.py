"""``xtrig import``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xtrig.cli.exits import print_findings
from xtrig.cli.parameters import complete_dialect


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(allow_dash=True))
@click.option(
    "--from",
    "dialect",
    metavar="DIALECT",
    required=True,
    shell_complete=complete_dialect,
    help="The dialect that the script is written for.",
)
@click.option("-f", "--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="yaml or json.")
def command(file: str, dialect: str, form: str) -> None:
    """Turn an existing script of triggers into a definition.

    FILE is an SQL script, '-' is stdin. What is made of known steps and session facts becomes portable; a body
    that is not is kept as it is, for that dialect alone. Findings say, line by line, what does not carry over.

    \b
      xtrig import triggers.sql --from postgresql > xtrig.yaml
      xtrig import triggers.sql --from polardb | xtrig render - --dialect postgresql
    """
    from xtrig.importer import import_script, to_json, to_yaml

    name = "<stdin>" if file == "-" else file
    result = import_script(_read(file), dialect, name)
    print_findings(result.findings)
    click.echo(to_json(result) if form == "json" else to_yaml(result), nl=False)


def _read(file: str) -> bytes:
    from xtrig.errors import UsageError
    from xtrig.importer import MAX_BYTES

    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(file).open("rb") as script:
            return script.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}; check the name and its permissions") from None
