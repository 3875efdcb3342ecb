"""``xtrig doctor``."""

from __future__ import annotations

import click

from xtrig.cli.parameters import complete_dialect


@click.command("doctor")
@click.option(
    "--url",
    metavar="URL",
    help="The database: postgresql://user@host/dbname, or a connection string of libpq such as 'service=name'. "
    "The default is XTRIG_DATABASE_URL, then the PG* variables. "
    "Keep the password in ~/.pgpass or PGPASSWORD: others can see a command line.",
)
@click.option(
    "-d",
    "--dialect",
    metavar="DIALECT",
    shell_complete=complete_dialect,
    help="What the server is. The default is to ask it.",
)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text or json.")
def command(url: str | None, dialect: str | None, form: str) -> None:
    """Say what makes logon triggers unsafe on a server, and how to get in when nobody can.

    Looks at one database and its server, and changes nothing. Print it before you deploy: the commands at its end
    are for the day when a trigger refuses everybody. An ordinary role may ask too, and is told what it cannot see.

    The exit code is 1 if there is an error or a warning.

    \b
      xtrig doctor --url postgresql://postgres@localhost/shop
      xtrig doctor --format json
    """
    from xtrig.cli.exits import Exit
    from xtrig.doctor import examine

    diagnosis = examine(url, dialect)
    if form == "json":
        import json

        click.echo(json.dumps(diagnosis.to_dict(), indent=2, ensure_ascii=False))
    else:
        from xtrig.cli.doctor_text import print_diagnosis

        print_diagnosis(diagnosis)
    if not diagnosis.is_safe:
        raise click.exceptions.Exit(Exit.FINDINGS)
