"""``xtrig try``."""

from __future__ import annotations

import click

from xtrig.cli import print_json
from xtrig.cli.parameters import PASSWORD_HELP, URL_FORMS, files_argument, form_option, load_definition


@click.command("try")
@files_argument
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
@form_option("text", "json", help_text="text or json.")
def command(files: tuple[str, ...], url: str | None, rounds: int, form: str) -> None:
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
        report = try_out(triggers, url=url, rounds=rounds, listener=shown)
    print_findings(report.findings)
    if form == "json":
        print_json(report.to_dict())
    else:
        from xtrig.cli.try_text import print_report

        print_report(report)
