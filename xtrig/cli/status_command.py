"""``xtrig status``."""

from __future__ import annotations

from functools import partial

import click

from xtrig.cli import print_output
from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import files_argument, load_definition, server_dialect_option, text_or_json_option
from xtrig.cli.streams import quiet_option


@click.command("status")
@files_argument
@database_options()
@server_dialect_option
@text_or_json_option
@quiet_option
def command(files: tuple[str, ...], on: Selection, dialect: str | None, form: str) -> None:
    """Say whether a database is as the definition says. For cron and CI.

    The exit code is 0 if it is, and 2 if anything differs: missing, outdated, disabled, foreign, tampered with,
    of another owner, or left over. Any role that may log in can ask. Cron mails what a command prints:
    with --quiet that is something only if the exit code is not 0.

    \b
      xtrig status --url service=audit --quiet
      xtrig status --targets databases.yaml --quiet
    """
    from xtrig.cli.exits import Exit
    from xtrig.cli.many.outcomes import looked_at
    from xtrig.cli.many.run import run_many
    from xtrig.deploy import status

    if not on.is_one:
        run_many("status", on, partial(looked_at, dialect=dialect), form=form, dialect=dialect, files=files)
    found = status(load_definition(files), on.url, dialect=dialect)
    if form == "json":
        print_output("status", found.to_dict())
    else:
        from xtrig.cli.deploy_text import print_status

        print_status(found)
    raise click.exceptions.Exit(Exit.OK if found.is_in_sync else Exit.DIFFERS)
