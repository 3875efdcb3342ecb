"""``xtrig drop``."""

from __future__ import annotations

from functools import partial

import click

from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import (
    bound_options,
    files_argument,
    load_definition,
    server_dialect_option,
    text_or_json_option,
)
from xtrig.cli.streams import ask, may_ask, quiet_option, yes_option


@click.command("drop")
@files_argument
@database_options(changes=True)
@server_dialect_option
@click.option("--with-data", is_flag=True, help="Drop the tables and what they recorded, too.")
@bound_options
@click.option("--dry-run", is_flag=True, help="Show the statements, stage by stage, and change nothing.")
@text_or_json_option
@yes_option
@quiet_option
def command(
    files: tuple[str, ...],
    on: Selection,
    dialect: str | None,
    with_data: bool,
    lock_timeout: float,
    undo_after: float,
    dry_run: bool,
    form: str,
    yes: bool,
) -> None:
    """Take away all that a definition made in a database.

    Only what carries xtrig's mark for this set goes. Tables stay, with what they recorded, unless --with-data is
    given. Standbys go on letting people in. On a terminal what would go is shown, and asked about.

    \b
      xtrig drop --url postgresql://postgres@localhost/mydb --dry-run
    """
    from xtrig.cli.console import Lines
    from xtrig.cli.deploy_text import print_report, print_stages
    from xtrig.cli.exits import one_interrupt
    from xtrig.cli.many.outcomes import dropped
    from xtrig.cli.many.run import run_many
    from xtrig.cli.many.targets import defined
    from xtrig.deploy import Bounds, DeploymentError, ProofError, drop, removal
    from xtrig.sqltext import one_line

    bounds = Bounds(lock_timeout, undo_after)
    if dry_run:
        on.alone("--dry-run")
    if not on.is_one:
        targets = defined(files, on.targets(dialect))
        if not yes and may_ask():
            names = ", ".join(one_line(each.name) for each in targets)
            ask(f"Drop the set from {len(targets)} databases: {names}?")
        # Two databases that drop one role at the same time would be in each other's way.
        drops_roles = with_data and any(each.triggers is not None and each.triggers.sessions for each in targets)
        work = partial(dropped, dialect=dialect, with_data=with_data, bounds=bounds)
        run_many("drop", on, work, form=form, targets=targets, is_serial=drops_roles, tells=True)
    triggers, url = load_definition(files), on.url
    if dry_run:
        print_stages(removal(triggers, url, dialect=dialect, with_data=with_data).stages, form)
        return
    if not yes and may_ask():
        planned = removal(triggers, url, dialect=dialect, with_data=with_data)
        if planned.gone:
            click.echo("\n".join(f"- drop {one_line(name)}" for name in planned.gone), err=True)
            ask(f"Drop this from {one_line(planned.server.title)}, database {one_line(planned.server.database)}?")
    with one_interrupt():
        try:
            report = drop(triggers, url, dialect=dialect, with_data=with_data, bounds=bounds, listener=Lines())
        except (ProofError, DeploymentError) as error:
            print_report(error.report, form)
            raise
    print_report(report, form, "the set has nothing in this database")
