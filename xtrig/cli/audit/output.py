"""Records as CSV and JSON, written one by one: memory does not grow with their number."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from xtrig.audit.records import Ddl, Gap, Refusal, Session, Tampering
from xtrig.cli import output_head
from xtrig.sqltext import as_json

Record = Session | Refusal | Ddl | Gap | Tampering
Flat = dict[str, str | int | float | None]

KINDS: dict[type[Any], str] = {
    Session: "session",
    Refusal: "refused login",
    Ddl: "ddl command",
    Gap: "coverage gap",
    Tampering: "tamper finding",
}
"""The names of record types in the column ``record`` of a report."""
_NAMES = {kind: tuple(field.name for field in fields(kind) if field.name != "source") for kind in KINDS}
_SOURCE = ("vendor", "server", "source_database")
_BOUNDS = ("at_least_seconds", "at_most_seconds")
# With tabs, line breaks and full-width signs at the beginning: OWASP, "CSV Injection".
# A spreadsheet that splits at other marks than the comma, or at line breaks, begins a cell in the midst of a text.
_FORMULA = re.compile("(\\A(?=[\t\r\n])|(?:\\A|(?<=[;\uff1b|\t\r\n\v\f]))(?=\\s*[=+\\-@'\uff1d\uff0b\uff0d\uff20]))")


def flat(record: Record) -> Flat:
    """Return a record as a flat mapping; times are in UTC, in ISO 8601."""
    source = record.source
    row: Flat = {"vendor": source.vendor, "server": source.server, "source_database": source.database}
    for name in _NAMES[type(record)]:
        value = getattr(record, name)
        row[name] = value.isoformat() if isinstance(value, datetime) else value
    if isinstance(record, Session):
        least, most = record.duration_range
        row["at_least_seconds"] = least.total_seconds()
        row["at_most_seconds"] = None if most is None else most.total_seconds()
    return row


def labelled(record: Record) -> Flat:
    """Return a record as :func:`flat` does, after the name of its type."""
    return {"record": KINDS[type(record)], **flat(record)}


def columns(*kinds: type[Any], label: bool = False) -> tuple[str, ...]:
    """Return the columns of record types, each name once."""
    names = [name for kind in kinds for name in (*_NAMES[kind], *(_BOUNDS if kind is Session else ()))]
    return tuple(dict.fromkeys([*(["record"] if label else []), *_SOURCE, *names]))


def write_csv(rows: Iterable[Flat], header: tuple[str, ...], answered: Callable[[], bool], *, exact: bool) -> None:
    """Write rows to stdout, after a header if there is a row or if a database has ``answered``.

    Without ``exact``, spreadsheets take no text for a formula: see :func:`guarded`.
    """
    writer = csv.writer(_Lines())
    guard: Callable[[Any], Any] = (lambda value: value) if exact else guarded
    begun = False
    for row in rows:
        if not begun:
            writer.writerow(header)
            begun = True
        writer.writerow([guard(row.get(name)) for name in header])
    if not begun and answered():
        writer.writerow(header)


def write_json(rows: Iterable[Flat], answered: Callable[[], bool]) -> None:
    """Write rows to stdout as the records of one object; nothing if no row came and no database has ``answered``."""
    opening = json.dumps({**output_head("audit"), "records": []}).removesuffix("]}")
    begun = False
    for row in rows:
        sys.stdout.write(("," if begun else opening) + "\n" + as_json(row, indent=None))
        begun = True
    if begun:
        sys.stdout.write("\n]}\n")
    elif answered():
        sys.stdout.write(f"{opening}]}}\n")


def guarded(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula.

    A text that begins, perhaps after blanks, with ``=``, ``+``, ``-``, ``@`` or ``'``, or with a tab or a line
    break, gets a ``'`` in front; and so does what follows a semicolon, a bar, a tab or a line break in it. Removing
    one ``'`` from the beginning and after each of those marks restores every text.
    """
    return _FORMULA.sub("'", value) if isinstance(value, str) else value


class _Lines:
    """Ends lines with a line feed. The writer's own CR LF makes it quote a lone carriage return, so it stays."""

    def write(self, line: str) -> None:
        sys.stdout.write(line.removesuffix("\r\n") + "\n")
