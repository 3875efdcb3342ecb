"""The commands that list records of one kind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from rich.text import Text

from xtrig.audit.kinds import Kind
from xtrig.audit.reading import Reading
from xtrig.audit.records import Ddl, Refusal, Session
from xtrig.cli.audit.cells import Naming, print_sources, print_table, record_table
from xtrig.cli.audit.options import Request
from xtrig.cli.audit.output import columns, flat, write_csv, write_json
from xtrig.cli.audit.servers import Servers
from xtrig.cli.console import report_console

Item = TypeVar("Item", Session, Refusal, Ddl)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """How records of a kind are listed: ``columns`` and ``row`` are those of the table."""

    kind: Kind[Item]
    record: type[Item]
    at: Callable[[Item], datetime]
    columns: tuple[str, ...]
    row: Callable[[Item], tuple[Text, ...]]
    nothing: str

    def show(self, asked: Request) -> None:
        """Print the records that are asked for, and leave with an exit code if a database could not be read."""
        servers = Servers(asked.urls, asked.schema)
        if asked.form == "table":
            self._table(servers, asked)
        else:
            rows = (flat(each) for each in servers.each(lambda reading: self._all(reading, asked)))
            if asked.form == "csv":
                write_csv(rows, columns(self.record), lambda: bool(servers.sources), exact=asked.exact)
            else:
                write_json(rows, lambda: bool(servers.sources))
        sys.stdout.flush()
        servers.finish()

    def _all(self, reading: Reading, asked: Request) -> Iterator[Item]:
        return reading.records(self.kind, asked.wanted)

    def _table(self, servers: Servers, asked: Request) -> None:
        def newest(reading: Reading) -> Iterator[tuple[int, list[Item]]]:
            found = list(reading.records(self.kind, asked.wanted, newest=asked.limit))
            yield reading.count(self.kind, asked.wanted), found

        read = list(servers.each(newest))
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
