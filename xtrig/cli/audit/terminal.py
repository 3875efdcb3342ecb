"""Records as tables on a terminal: lists of one kind of record, and the summary of a report."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xtrig.audit.counting import Counts, Presence, count
from xtrig.audit.formats import at_text, counted, span
from xtrig.audit.kinds import Kind
from xtrig.audit.reading import Reading
from xtrig.audit.records import AuditData, Ddl, Refusal, Session, Source
from xtrig.cli.audit.options import Request
from xtrig.cli.audit.output import columns, flat, write_csv, write_json
from xtrig.cli.audit.servers import Servers
from xtrig.cli.console import plain_table, report_console, visible

_SENTENCE = 500


def cell(text: str | None, most: int = 100) -> Text:
    """Return text from a server as one line of at most ``most`` characters, without control characters."""
    line = visible((text or "").replace("\n", "\\n"))
    return Text(line if len(line) <= most else line[: most - 1] + "…")


def sentence(text: str) -> Text:
    """Return a message as :func:`cell` does, with more room."""
    return cell(text, _SENTENCE)


def moment(at: datetime | None) -> Text:
    """Return a time in UTC to the second."""
    return Text(at_text(at) if at else "")


def client(address: str | None, port: int | None = None) -> Text:
    """Return the address of a client."""
    if address is None:
        return Text("local")
    return cell(address if port is None else f"[{address}]:{port}" if ":" in address else f"{address}:{port}")


def ended(session: Session) -> Text:
    """Return when a session ended, or the time by which it had ended."""
    if session.ended_by is None:
        return Text("open")
    if session.duration is not None:
        return moment(session.logoff_at)
    if session.detected_at is None:
        return Text("unknown")
    return Text.assemble("by ", moment(session.detected_at))


class Naming:
    """The columns that identify the source of a row: none for one source; the server, too, if vendors repeat."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(dict.fromkeys(sources))
        self._alike = len({source.vendor for source in self._sources}) < len(self._sources)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the headings."""
        if len(self._sources) < 2:
            return ()
        return ("vendor", "server") if self._alike else ("vendor",)

    def cells(self, source: Source) -> tuple[Text, ...]:
        """Return the cells of these columns."""
        shown = (cell(source.vendor), cell(f"{source.server} / {source.database}"))
        return shown[: len(self.columns)]


def print_sources(console: Console, sources: Sequence[Source]) -> None:
    """Print a line for each source."""
    for source in sources:
        console.print(cell(f"{source.vendor}, {source.server}, database {source.database}"))


def record_table(*headings: str, right: tuple[str, ...] = ()) -> Table:
    """Return a table in which columns of times are not wrapped."""
    table = plain_table(*headings, right=right)
    for column in table.columns:
        column.no_wrap = str(column.header).endswith("(UTC)")
    return table


def print_table(console: Console, table: Table, more: int, where: str) -> None:
    """Print a table, then the number of rows left out and ``where`` to find them."""
    if table.row_count:
        console.print(table)
    if more > 0:
        console.print(Text(f"and {more:,} more; {where}"))


Item = TypeVar("Item", Session, Refusal, Ddl)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A list of records of one kind; ``columns`` and ``row`` define its table, ``nothing`` is printed for none."""

    kind: Kind[Item]
    record: type[Item]
    at: Callable[[Item], datetime]
    columns: tuple[str, ...]
    row: Callable[[Item], tuple[Text, ...]]
    nothing: str

    def show(self, asked: Request) -> None:
        """Print the records, and exit with a code for a database error if a database could not be read."""
        servers = Servers(asked.targets, asked.schema, asked.jobs)
        if asked.form == "table":
            self._table(servers, asked)
        else:
            rows = (flat(each) for each in servers.each(lambda reading: reading.records(self.kind, asked.wanted)))
            if asked.form == "csv":
                write_csv(rows, columns(self.record), lambda: bool(servers.sources), exact=asked.exact)
            else:
                write_json(rows, lambda: bool(servers.sources))
        sys.stdout.flush()
        servers.finish()

    def _table(self, servers: Servers, asked: Request) -> None:
        def newest(reading: Reading) -> tuple[int, list[Item]]:
            found = list(reading.records(self.kind, asked.wanted, newest=asked.limit))
            return reading.count(self.kind, asked.wanted), found

        read = list(servers.whole(newest))
        if not read:
            return
        total = sum(number for number, _ in read)
        found: list[Any] = sorted((item for _, items in read for item in items), key=self.at, reverse=True)
        naming, console = Naming(servers.sources), report_console()
        table = record_table(*naming.columns, *self.columns)
        for item in found[: asked.limit]:
            table.add_row(*naming.cells(item.source), *self.row(item))
        print_sources(console, servers.sources)
        console.print()
        if not total:
            console.print(Text(self.nothing))
        print_table(console, table, total - min(total, asked.limit), "--limit shows more, csv and json have all")


_WHERE = "--limit shows more, csv and json have all"
_NUMBERS = ("sessions", "times", "addresses", "commands")


def print_summary(data: AuditData, read: Sequence[Source], limit: int) -> None:
    """Print the summary of a report; ``read`` are the sources that were read."""
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
