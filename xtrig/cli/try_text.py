"""A trial's report as tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from xtrig.cli.console import plain_table, report_console, visible
from xtrig.trial import Action, LoginTime, Report, Row

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
            table.add_row(*_who(action), _cell(_brief(action.error.message) + state))
    return table


def _brief(message: str) -> str:
    """Return the message of an error without its CONTEXT lines."""
    return message.partition("\nCONTEXT:")[0]


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
