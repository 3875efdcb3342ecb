"""``xtrig try``."""

from __future__ import annotations

import click

from xtrig.cli.parameters import PASSWORD_HELP, URL_FORMS, complete_dialect, files_argument, load_definition


@click.command("try")
@files_argument
@click.option(
    "-d",
    "--dialect",
    metavar="DIALECT",
    shell_complete=complete_dialect,
    default="postgresql",
    show_default=True,
    help="What to try it as.",
)
@click.option(
    "--url",
    metavar="URL",
    help="Try it on this server instead, in a database and with roles made for the trial and dropped afterwards: "
    f"{URL_FORMS} Needs a superuser. {PASSWORD_HELP}",
)
@click.option(
    "--rounds",
    type=click.IntRange(0, 10_000),
    default=30,
    show_default=True,
    help="How many logins to time with the triggers, and as many without; 0 times none.",
)
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text or json.")
def command(files: tuple[str, ...], dialect: str, url: str | None, rounds: int, form: str) -> None:
    """Run a definition on a real server and show what it did.

    Starts a PostgreSQL 18 of its own (from the extra xtrig[embedded]), applies the definition, logs in as a
    superuser and as an ordinary role, runs DDL, logs off, and shows what each trigger recorded and refused,
    and how long a login took with and without them. Nothing stays behind.

    A refused login or command is a result: the exit code is 0 whenever the trial ran.

    \b
      xtrig try
      xtrig try audit.yaml --format json
      xtrig try audit.yaml --url postgresql://postgres@localhost/postgres
    """
    from xtrig.cli.console import progress
    from xtrig.cli.exits import one_interrupt, print_findings
    from xtrig.trial import try_out

    triggers = load_definition(files)
    with one_interrupt(), progress() as shown:
        report = try_out(triggers, dialect, url=url, rounds=rounds, listener=shown)
    print_findings(report.findings)
    if form == "json":
        import json

        click.echo(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
    else:
        from xtrig.cli.try_text import print_report

        print_report(report)
