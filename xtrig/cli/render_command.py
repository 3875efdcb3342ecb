"""``xtrig render``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xtrig.cli import print_json
from xtrig.cli.exits import Exit, print_findings
from xtrig.cli.parameters import (
    dialect_option,
    files_argument,
    form_option,
    load_definition,
    loadable_dialects,
    version_option,
)

if TYPE_CHECKING:
    from xtrig.findings import Finding
    from xtrig.script import Script


@click.command("render")
@files_argument
@dialect_option("See: xtrig dialects. all: every installed one, with --out.", default="postgresql", show_default=True)
@version_option
@click.option("--drop", is_flag=True, help="Print the script that removes what render creates. It keeps the tables.")
@click.option("--with-data", is_flag=True, help="With --drop: drop the tables and what they recorded, too.")
@form_option("sql", "json", help_text="sql (the default) or json.")
@click.option("-o", "--out", metavar="FOLDER", help="Write DIALECT.sql into this folder, and print no SQL.")
def command(
    files: tuple[str, ...],
    dialect: str,
    target_version: str | None,
    drop: bool,
    with_data: bool,
    form: str,
    out: str | None,
) -> int:
    """Print the SQL of a definition for one dialect.

    FILE is a YAML or JSON definition; several make one set, '-' is stdin. Without one, xtrig.yaml in this
    folder or the nearest one above it is used.

    \b
      xtrig render --dialect polardb
      xtrig render audit.yaml --target-version 17 | psql -v ON_ERROR_STOP=1 mydb
      xtrig render audit.yaml --drop
      xtrig render audit.yaml --dialect all --out sql
    """
    from xtrig.errors import UsageError
    from xtrig.render import render

    if with_data and not drop:
        raise click.UsageError("--with-data goes with --drop", click.get_current_context())
    made = partial(render, load_definition(files), target_version=target_version, drop=drop, with_data=with_data)
    if out is not None:
        if form == "json":
            raise UsageError("--out writes SQL; leave out --format json, or print it for one dialect")
        return _write(Path(out), [each.name for each in loadable_dialects()] if dialect == "all" else [dialect], made)
    if dialect == "all":
        raise UsageError("--dialect all writes a file for each dialect; say where: --out FOLDER")
    script = made(dialect)
    print_findings(script.warnings)
    if form == "json":
        print_json(script.to_dict())
    else:
        click.echo(str(script), nl=False)
    return Exit.OK


def _write(folder: Path, dialects: Iterable[str], made: Callable[[str], Script]) -> int:
    """Write a script for each dialect that can have it; say of the others why not."""
    from xtrig.errors import RefusedError, UsageError
    from xtrig.sqltext import one_line

    code = Exit.OK
    for dialect in dialects:
        path = folder / f"{dialect}.sql"
        try:
            script = made(dialect)
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(str(script), "utf-8")
        except RefusedError as error:
            print_findings([_of(dialect, finding) for finding in error.findings])
            code = Exit.FINDINGS
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}; name another folder") from None
        else:
            print_findings([_of(dialect, finding) for finding in script.warnings])
            click.echo(one_line(f"wrote {path}"), err=True)
    return code


def _of(dialect: str, finding: Finding) -> Finding:
    return replace(finding, subject=f"{dialect}: {finding.subject}")
