"""A report as tables: who, how often, what was refused and changed, and how far that can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from xtrig.audit.page.counting import Counts, Presence, count
from xtrig.audit.page.words import at_text, counted, span
from xtrig.audit.records import AuditData, Ddl, Source
from xtrig.cli.audit.cells import Naming, cell, client, moment, print_sources, print_table, record_table, sentence
from xtrig.cli.console import report_console

_WHERE = "--limit shows more, csv and json have all"
_NUMBERS = ("sessions", "times", "addresses", "commands")


def print_summary(data: AuditData, read: Sequence[Source], limit: int) -> None:
    """Print a report; ``read`` are the sources that answered."""
    console, counts, naming = report_console(), count(data), Naming(data.sources)
    print_sources(console, read)
    console.print(Text(f"from {at_text(data.since)} until {at_text(data.until)} UTC\n\n{_numbers(data, counts)}"))
    _tamperings(console, data, naming, limit)
    _gaps(console, data, naming, limit)
    _users(console, counts, naming, limit)
    _refused(console, counts, naming, limit)
    _ddl(console, data.ddl, naming, limit)


def _numbers(data: AuditData, counts: Counts) -> str:
    still = counts.ends[None]
    return (
        f"{counted(len(data.sessions), 'session')} of {counted(counts.users, 'user')}, {still:,} without a known end; "
        f"{counted(len(data.refusals), 'refused login')}; {counted(len(data.ddl), 'DDL command')}"
    )


def _tamperings(console: Console, data: AuditData, naming: Naming, limit: int) -> None:
    rows = [
        (*naming.cells(each.source), cell(each.subject), moment(each.at), sentence(each.message))
        for each in data.tamperings
    ]
    headings = (*naming.columns, "where", "written (UTC)", "what is wrong")
    _section(console, "Signs of tampering", headings, rows, limit, style="bold red")


def _gaps(console: Console, data: AuditData, naming: Naming, limit: int) -> None:
    rows = [
        (*naming.cells(each.source), moment(each.since), moment(each.until) or Text("still"), sentence(each.reason))
        for each in data.gaps
    ]
    headings = (*naming.columns, "from (UTC)", "until (UTC)", "why nothing was recorded")
    _section(console, "Gaps in coverage", headings, rows, limit, style="bold yellow")


def _users(console: Console, counts: Counts, naming: Naming, limit: int) -> None:
    most = sorted(counts.accounts.items(), key=lambda each: (-each[1].sessions, each[0][1]))
    rows = [
        (
            *naming.cells(source),
            cell(user),
            Text(f"{seen.sessions:,}"),
            Text(f"{len(seen.others):,}"),
            moment(seen.first),
            moment(seen.last),
            Text(_time(seen)),
        )
        for (source, user), seen in most
    ]
    headings = (*naming.columns, "user", "sessions", "addresses", "first (UTC)", "last seen (UTC)", "logged in for")
    _section(console, "Users", headings, rows, limit)


def _time(seen: Presence) -> str:
    if seen.exact:
        return span(seen.time)
    return f"at least {span(seen.time)}" if seen.time else "unknown"


def _refused(console: Console, counts: Counts, naming: Naming, limit: int) -> None:
    most = sorted(counts.attempts.items(), key=lambda each: -each[1].number)
    rows = [
        (
            *naming.cells(source),
            cell(user),
            client(address),
            Text(f"{seen.number:,}"),
            moment(seen.first),
            moment(seen.last),
            sentence(why),
        )
        for (source, user, _, address, why), seen in most
    ]
    headings = (*naming.columns, "user", "client", "times", "first (UTC)", "last (UTC)", "reason")
    _section(console, "Refused logins", headings, rows, limit)


def _ddl(console: Console, ddl: Iterable[Ddl], naming: Naming, limit: int) -> None:
    numbers = Counter((each.source, each.login_user, each.command_tag) for each in ddl)
    rows = [
        (*naming.cells(source), cell(user), cell(tag), Text(f"{number:,}"))
        for (source, user, tag), number in numbers.most_common()
    ]
    _section(console, "DDL commands", (*naming.columns, "user", "command", "commands"), rows, limit)


def _section(
    console: Console,
    title: str,
    headings: tuple[str, ...],
    rows: Sequence[tuple[Text, ...]],
    limit: int,
    style: str = "bold",
) -> None:
    if not rows:
        return
    table = record_table(*headings, right=_NUMBERS)
    for row in rows[:limit]:
        table.add_row(*row)
    console.print(Text(f"\n{title}", style=style))
    print_table(console, table, len(rows) - limit, _WHERE)
