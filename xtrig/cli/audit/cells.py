"""What tables show of records: short, in UTC, and nothing that a terminal would obey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xtrig.audit.page.words import at_text
from xtrig.audit.records import Session, Source
from xtrig.cli.console import plain_table, visible

_SENTENCE = 500


def cell(text: str | None, most: int = 100) -> Text:
    """Return a text of somebody else's as one line, cut where it is longer than ``most``."""
    line = visible((text or "").replace("\n", "\\n"))
    return Text(line if len(line) <= most else line[: most - 1] + "…")


def sentence(text: str) -> Text:
    """Return the same of a text that has to be read to its end."""
    return cell(text, _SENTENCE)


def moment(at: datetime | None) -> Text:
    """Return a time in UTC to the second."""
    return Text(at_text(at) if at else "")


def client(address: str | None, port: int | None = None) -> Text:
    """Return where a client is."""
    if address is None:
        return Text("local")
    return cell(address if port is None else f"[{address}]:{port}" if ":" in address else f"{address}:{port}")


def ended(session: Session) -> Text:
    """Return when a session ended, as exactly as that is known."""
    if session.ended_by is None:
        return Text("open")
    if session.duration is not None:
        return moment(session.logoff_at)
    if session.detected_at is None:
        return Text("unknown")
    return Text.assemble("by ", moment(session.detected_at))


class Naming:
    """The columns that tell sources apart: none for one source, and the server too where vendors are alike."""

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
        """Return what stands in these columns."""
        shown = (cell(source.vendor), cell(f"{source.server} / {source.database}"))
        return shown[: len(self.columns)]


def print_sources(console: Console, sources: Sequence[Source]) -> None:
    """Print a line for each source."""
    for source in sources:
        console.print(cell(f"{source.vendor}, {source.server}, database {source.database}"))


def record_table(*headings: str, right: tuple[str, ...] = ()) -> Table:
    """Return a table whose times stay on one line."""
    table = plain_table(*headings, right=right)
    for column in table.columns:
        column.no_wrap = str(column.header).endswith("(UTC)")
    return table


def print_table(console: Console, table: Table, more: int, where: str) -> None:
    """Print a table, and how many rows it leaves out and ``where`` they are."""
    if table.row_count:
        console.print(table)
    if more > 0:
        console.print(Text(f"and {more:,} more; {where}"))
