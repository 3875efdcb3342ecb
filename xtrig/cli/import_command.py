"""``xtrig import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xtrig.cli.exits import print_findings
from xtrig.cli.parameters import PASSWORD_HELP, URL_FORMS, dialect_option, form_option

if TYPE_CHECKING:
    from xtrig.importer import Assembled


@click.command("import")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(allow_dash=True))
@dialect_option("The dialect that the script is written for. A database says itself what it is.", "--from", "dialect")
@click.option(
    "--url",
    metavar="URL",
    help=f"Read the triggers of this database instead of a script: {URL_FORMS} {PASSWORD_HELP}",
)
@click.option(
    "--set",
    "set_name",
    metavar="NAME",
    help="The set of xtrig's to read from the database. Without it, the triggers that xtrig did not make, or if "
    "there are none the only set.",
)
@form_option("yaml", "json", help_text="yaml or json.")
@click.option(
    "--verify",
    "verifies",
    is_flag=True,
    help="Run the script and the definition in two databases of a server that is started for it, or of --url; let "
    "roles log in and run DDL commands; say what is not the same. The exit code is 2 if something is not.",
)
def command(
    file: str | None, dialect: str | None, url: str | None, set_name: str | None, form: str, *, verifies: bool
) -> None:
    """Turn existing triggers, of a script or of a database, into a definition.

    FILE is an SQL script, '-' is stdin. What is made of known steps and session facts becomes portable; a body
    that is not is kept as it is, for that dialect alone. Findings say, line by line, what does not carry over.

    From a database, a set that xtrig made comes back so that a plan with it is empty. Nothing is changed there.

    \b
      xtrig import triggers.sql --from postgresql > xtrig.yaml
      xtrig import triggers.sql --from polardb | xtrig render - --dialect postgresql
      xtrig import --url postgresql://postgres@localhost/mydb > xtrig.yaml
      xtrig import triggers.sql --from postgresql --verify > xtrig.yaml
    """
    from xtrig.importer import to_json, to_yaml

    if verifies and file is None:
        raise click.UsageError("--verify is for a script; what a database has, xtrig plan --adopt compares")
    result = _imported(file, dialect, url if file is None or not verifies else None, set_name)
    print_findings(result.findings)
    click.echo(to_json(result) if form == "json" else to_yaml(result), nl=False)
    if verifies:
        _verify(result, str(dialect), url)


def _verify(result: Assembled, dialect: str, url: str | None) -> None:
    from xtrig.cli.console import progress
    from xtrig.cli.exits import Exit, one_interrupt
    from xtrig.verify import verify

    with one_interrupt(), progress() as shown:
        found = verify(result, dialect, url=url, listener=shown)
    for line in (*found.announced, *found.differences):
        click.echo(line, err=True)
    same = f"{found.actions} actions, {len(found.differences)} differences, {len(found.announced)} that were announced"
    click.echo(f"verified: {same}", err=True)
    if found.differences:
        raise SystemExit(Exit.DIFFERS)


def _imported(file: str | None, dialect: str | None, url: str | None, set_name: str | None) -> Assembled:
    if file is not None and url is not None:
        raise click.UsageError("a script and --url; name one of the two")
    if url is not None:
        from xtrig.deploy.live import import_database

        return import_database(url, dialect=dialect, set_name=set_name)
    if file is None:
        raise click.UsageError("Missing argument 'FILE': a script; or name a database with --url")
    if dialect is None:
        raise click.UsageError("Missing option '--from': the dialect that the script is written for")
    if set_name is not None:
        raise click.UsageError("--set is for databases, named with --url; a script is read as a whole")
    from xtrig.importer import import_script

    return import_script(_read(file), dialect, "<stdin>" if file == "-" else file)


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
