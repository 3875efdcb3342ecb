"""``xtrig try``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from xtrig.cli import print_json
from xtrig.cli.console import plain_table, report_console, visible
from xtrig.cli.parameters import (
    PASSWORD_HELP,
    URL_FORMS,
    dialect_option,
    files_argument,
    form_option,
    load_definition,
)

if TYPE_CHECKING:
    from xtrig.dialect.trial import Action, LoginTime, Report, Row


@click.command("try")
@files_argument
@dialect_option("What to try it as. Without it, the one that knows the server of --url, else postgresql.")
@click.option(
    "--url",
    metavar="URL",
    help="Try it on this server instead, in a database and with roles made for the trial and dropped afterwards: "
    f"{URL_FORMS} Needs a superuser, or on Firebird SYSDBA. {PASSWORD_HELP}",
)
@click.option(
    "--rounds",
    type=click.IntRange(0, 10_000),
    default=30,
    show_default=True,
    help="How many logins to time with the triggers, and as many without; 0 times none.",
)
@form_option("text", "json", help_text="text or json.")
def command(files: tuple[str, ...], dialect: str | None, url: str | None, rounds: int, form: str) -> None:
    """Run a definition on a real server and show what it did.

    Starts a PostgreSQL 18 of its own (from the extra xtrig[embedded]), or with --dialect firebird the engine of
    the wheel firebird-embedded, applies the definition, logs in as a superuser and as an ordinary role, runs DDL,
    logs off, and shows what each trigger recorded and refused, and how long a login took with and without them.
    Nothing stays behind.

    A refused login or command is a result: the exit code is 0 whenever the trial ran.

    \b
      xtrig try
      xtrig try audit.yaml --format json
      xtrig try audit.yaml --url postgresql://postgres@localhost/postgres
      xtrig try audit.yaml --dialect firebird
    """
    from xtrig.cli.console import progress
    from xtrig.cli.exits import one_interrupt, print_findings
    from xtrig.trial import try_out

    triggers = load_definition(files)
    with one_interrupt(), progress() as shown:
        report = try_out(triggers, dialect, url=url, rounds=rounds, listener=shown)
    print_findings(report.findings)
    if form == "json":
        print_json(report.to_dict())
    else:
        print_report(report)


ROWS_SHOWN = 20
WIDEST = 10_000


def print_report(report: Report) -> None:
    """Print the sections of a report, without empty ones."""
    console = report_console()
    roles = ", ".join(f"{name} ({kind})" for kind, name in report.roles.items())
    console.print(Text(f"{report.server}\ndatabase {report.database}; roles: {roles}"))
    _section(console, "What happened", _happened(report))
    _recorded(console, report)
    refused = [action for action in report.actions if action.error]
    if refused:
        _section(console, "Refused", _refused(refused))
    if any(action.log is None for action in report.actions):
        _section(console, "Log lines", Text("(not shown: the log of a server named with --url cannot be read)"))
    elif any(action.log for action in report.actions):
        _section(console, "Log lines", _log(report.actions))
    _section(console, "Login time", _login_time(report.login_time))


def _section(console: Console, title: str, content: Table | Text) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    console.print(content)


def _happened(report: Report) -> Table:
    table = plain_table("#", "action", "role", "outcome", "what the triggers did")
    for action in report.actions:
        outcome = Text("refused", style="red") if action.error else Text("ok", style="green")
        table.add_row(*_who(action), outcome, _cell("\n".join(_effects(action))))
    return table


def _effects(action: Action) -> list[str]:
    recorded = [f"{name}: {_count(len(rows))}" for name, rows in action.recorded.items()]
    return [*recorded, *action.effects, *([f"log: {_count(len(action.log), 'line')}"] if action.log else [])]


def _recorded(console: Console, report: Report) -> None:
    for name in report.tables:
        rows = report.rows(name)
        title = f"What was recorded: {name}, {_count(len(rows))}" + (" (#: seen after that action)" if rows else "")
        _section(console, title, _rows(console, rows[:ROWS_SHOWN]) if rows else Text("(nothing)"))
        if len(rows) > ROWS_SHOWN:
            console.print(Text(f"and {_count(len(rows) - ROWS_SHOWN)} more, which --format json shows"))


def _rows(console: Console, rows: list[tuple[Action, Row]]) -> Table:
    """Return the rows as a table, or as names and values if the table would be too wide."""
    columns = list(rows[0][1])
    table = plain_table("#", *columns)
    for action, row in rows:
        table.add_row(str(action.number), *(_cell(row.get(column)) for column in columns))
    if Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum <= console.width:
        return table
    table = plain_table("#", "row")
    for action, row in rows:
        pairs = (Text.assemble((f"{column}=", "dim"), _cell(row.get(column))) for column in columns)
        table.add_row(str(action.number), Text("  ").join(pairs))
    return table


def _refused(actions: Iterable[Action]) -> Table:
    table = plain_table("#", "action", "role", "the client's error")
    for action in actions:
        if action.error:
            state = f" (SQLSTATE {action.error.sqlstate})" if action.error.sqlstate else ""
            message, _, _ = action.error.message.partition("\nCONTEXT:")
            table.add_row(*_who(action), _cell(message + state))
    return table


def _log(actions: Iterable[Action]) -> Table:
    table = plain_table("#", "action", "role", "line in the server's log")
    for action in actions:
        for line in action.log or ():
            table.add_row(*_who(action), _cell(line))
    return table


def _login_time(measured: LoginTime | str) -> Text:
    if isinstance(measured, str):
        return Text(measured)
    return Text(
        f"{measured.with_triggers:.2f} ms with the triggers, {measured.without_triggers:.2f} ms without: "
        f"{measured.ratio:.2f} times as long\n"
        f"(medians of {_count(measured.rounds, 'login')} of each kind in turn, as {measured.role})"
    )


def _who(action: Action) -> tuple[Text, Text, Text]:
    return Text(str(action.number)), Text(action.name), _cell(action.role)


def _cell(value: Any) -> Text:  # a value of any column of the user's tables
    """Return a value as plain text without control characters."""
    if value is None:
        return Text("NULL", style="dim")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text(visible(text))


def _count(number: int, noun: str = "row") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
