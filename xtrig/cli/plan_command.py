"""``xtrig plan``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from xtrig.cli import print_output
from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import files_argument, form_option, load_definition, server_dialect_option
from xtrig.cli.streams import quiet_option


@click.command("plan")
@files_argument
@database_options()
@server_dialect_option
@click.option("--adopt", is_flag=True, help="Take over objects of the same names that xtrig did not make.")
@click.option("--prune", is_flag=True, help="Drop triggers and functions of the set that the definition has no more.")
@click.option("-o", "--out", metavar="PLAN", type=click.Path(dir_okay=False), help="Save the plan for: xtrig apply.")
@click.option("--sign", is_flag=True, help="Sign the saved plan with the key in XTRIG_PLAN_KEY.")
@form_option("text", "json", "markdown", help_text="text (the default), json, or markdown for a pull request.")
@quiet_option
def command(
    files: tuple[str, ...],
    on: Selection,
    dialect: str | None,
    adopt: bool,
    prune: bool,
    out: str | None,
    sign: bool,
    form: str,
) -> None:
    """Show what applying a definition would change in a database. Nothing is changed.

    The exit code is 0 if the database is as the definition says, 2 if it is not, and 1 if something stands
    against the changes.

    \b
      xtrig plan --url postgresql://postgres@localhost/mydb
      xtrig plan --url service=shop --database 'shop_*'
      xtrig plan --out plan.json && xtrig apply --plan plan.json
      xtrig plan --out plan.json --sign && xtrig apply --plan plan.json --verify
    """
    from xtrig.cli.exits import Exit, print_findings
    from xtrig.cli.many.outcomes import planned
    from xtrig.cli.many.run import run_many
    from xtrig.deploy import plan, save_plan
    from xtrig.deploy.planfile import signing_key
    from xtrig.errors import UsageError

    if sign and out is None:
        raise click.UsageError("--sign is about a saved plan; name its file with --out", click.get_current_context())
    if out is not None or form == "markdown":
        on.alone("--out" if out is not None else "--format markdown")
    key = signing_key() if sign else None
    if not on.is_one:
        run_many(
            "plan",
            on,
            partial(planned, dialect=dialect, adopt=adopt, prune=prune),
            form=form,
            dialect=dialect,
            files=files,
        )
    made = plan(load_definition(files), on.url, dialect=dialect, adopt=adopt, prune=prune)
    print_findings(made.warnings)
    for note in made.server.notes:
        click.echo(f"xtrig: note: {note}", err=True)
    if form == "json":
        print_output("plan", made.to_dict())
    elif form == "markdown":
        from xtrig.cli.plan_markdown import plan_markdown

        click.echo(plan_markdown(made), nl=False)
    else:
        click.echo(str(made), nl=False)
    if made.refusals:
        raise click.exceptions.Exit(Exit.FINDINGS)
    if out is not None:
        try:
            save_plan(made, Path(out), key=key)
        except OSError as error:
            raise UsageError(f"{out}: cannot be written: {error.strerror}; name another file") from None
    raise click.exceptions.Exit(Exit.OK if made.is_empty else Exit.DIFFERS)
