"""Logins and commands of which everything is kept that the client is told, and everything that they change."""

from __future__ import annotations

import os
import re
import select
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, PGconn, PollingStatus, abc

from xtrig.dialect.trial import Observed
from xtrig_pgfamily.driver.address import Address

SECONDS = 20.0
_WHY: Mapping[str, Literal["read-only", "not found", "constraint"]] = {
    "25006": "read-only",
    **dict.fromkeys(("42883", "42P01", "42704", "3F000"), "not found"),
    **dict.fromkeys(("23503", "23505", "23514", "23P01"), "constraint"),
}
"""Of a SQLSTATE: read_only_sql_transaction, undefined functions, tables, objects and schemas, and violations."""
_ERROR = re.compile(r'\tErrorResponse\t.*? C "([0-9A-Z]{5})"')
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?[+-]\d\d(:?\d\d)?| UTC)?")
_SESSION_ID = re.compile(r"\b[0-9a-f]{8}\.[0-9a-f]{2,8}\b")
_TOAST = re.compile(r"\b(pg_toast_)\d+")
_OIDS = 16384
"""Oids of what people make begin here; a number from there on may be one."""
_CHANGED = "SELECT name, setting FROM pg_catalog.pg_settings WHERE setting IS DISTINCT FROM reset_val"
_TEMPORARY = "SELECT relname FROM pg_catalog.pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'"


@dataclass
class Heard:
    """The notices that a session gets."""

    said: list[str] = field(default_factory=list)

    def __call__(self, result: abc.PGresult) -> None:
        """Take a notice."""
        fields = (DiagnosticField.MESSAGE_PRIMARY, DiagnosticField.MESSAGE_DETAIL, DiagnosticField.MESSAGE_HINT)
        texts = [(result.error_field(each) or b"").decode("utf-8", "replace") for each in fields]
        kind = (result.error_field(DiagnosticField.SEVERITY_NONLOCALIZED) or b"").decode()
        if "collation version" not in texts[0]:
            self.said.append(" | ".join([f"{kind}: {texts[0]}", *(each for each in texts[1:] if each)]))

    def take(self) -> tuple[str, ...]:
        """Return what was said since the last time."""
        said = tuple(self.said)
        self.said.clear()
        return said


class Refused(Exception):
    """A login that was refused: all that the client was told, and the SQLSTATE."""

    def __init__(self, message: str, sqlstate: str | None) -> None:
        super().__init__(message)
        self.message = message
        self.sqlstate = sqlstate


def log_in(address: Address, heard: Heard) -> psycopg.Connection[Any]:
    """Log in; raises :class:`Refused`.

    The SQLSTATE of a refused login is in no result of libpq, but in what libpq tells of the protocol.
    """
    with _protocol() as (descriptor, read):
        connection = PGconn.connect_start(address.conninfo().encode())
        connection.notice_handler = heard
        if descriptor is not None and connection.status != ConnStatus.BAD:
            connection.trace(descriptor)
        deadline = time.monotonic() + SECONDS
        while (state := connection.connect_poll()) != PollingStatus.OK:
            if state == PollingStatus.FAILED or connection.status == ConnStatus.BAD:
                message = connection.error_message.decode("utf-8", "replace")
                if descriptor is not None:
                    connection.untrace()  # which writes what it holds back
                found = _ERROR.findall(read())
                connection.finish()
                raise Refused(_of_trigger(message), found[-1] if found else None)
            wire = [connection.socket]
            reading, writing = (wire, []) if state == PollingStatus.READING else ([], wire)
            if not any(select.select(reading, writing, [], max(deadline - time.monotonic(), 0))):
                connection.finish()
                raise Refused(f"no answer in {SECONDS:.0f} s", None)
        if descriptor is not None:
            connection.untrace()
    session: psycopg.Connection[Any] = psycopg.Connection(connection)
    session.autocommit = True
    return session


@contextmanager
def _protocol() -> Iterator[tuple[int | None, Callable[[], str]]]:
    """Give a file in memory for what libpq writes, and what reads it; None where the system has none."""
    if not hasattr(os, "memfd_create"):
        yield None, str
        return
    descriptor = os.memfd_create("xtrig")
    try:
        yield descriptor, lambda: os.pread(descriptor, 1 << 20, 0).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def _of_trigger(message: str) -> str:
    text = message.partition("failed: ")[2] or message
    return text.partition("\nCONTEXT:")[0].strip()


def told(error: psycopg.Error) -> tuple[str, str | None]:
    """Return all that a client is told of a refused command, and its SQLSTATE."""
    given = error.diag
    more = {"DETAIL": given.message_detail, "HINT": given.message_hint}
    texts = [f"{given.severity_nonlocalized}:  {given.message_primary}"]
    return "\n".join([*texts, *(f"{key}:  {text}" for key, text in more.items() if text)]), error.sqlstate


@dataclass(frozen=True, slots=True)
class Blurred:
    """Puts words in the place of what is never the same twice in one database and one session."""

    database: str
    numbers: Mapping[str, str]
    """Numbers, as text, that belong to a session: its process id, its port; each with a word."""

    def text(self, text: str) -> str:
        """Return a text with a word for each moment, database, process and port."""
        text = _SESSION_ID.sub("(session)", _MOMENT.sub("(moment)", text)).replace(self.database, "(database)")
        text = _TOAST.sub(r"\1(number)", text)
        for number, word in self.numbers.items():
            text = re.sub(rf"(?<![\w.]){number}(?![\w.])", word, text)
        return text

    def value(self, value: Any) -> Any:
        """Return a value of a row."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return list(map(self.value, value))
        if isinstance(value, dict):
            return {key: self.value(each) for key, each in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            return self.numbers.get(str(value)) or ("(number)" if value >= _OIDS else value)
        return value

    def observed(self, refusal: str, sqlstate: str | None, notices: Sequence[str], **more: Any) -> Observed:
        """Return what was observed."""
        return Observed(
            self.text(refusal),
            sqlstate,
            tuple(map(self.text, notices)),
            why=_WHY.get(sqlstate or ""),
            **more,
        )


def new_rows(before: Mapping[str, Any], after: Mapping[str, Any], blurred: Blurred) -> dict[str, tuple[str, ...]]:
    """Return the rows that each table has got, as text; a table that has none is left out."""
    found: dict[str, tuple[str, ...]] = {}
    for table, rows in after.items():
        had = Counter(map(repr, before.get(table, ())))
        made = Counter(map(repr, rows)) - had
        gone = had - Counter(map(repr, rows))
        texts = [_row(each, blurred) for each in rows if _taken(made, repr(each))]
        texts += [f"- {_row(each, blurred)}" for each in before.get(table, ()) if _taken(gone, repr(each))]
        if texts:
            found[table] = tuple(sorted(texts))
    return found


def _taken(counter: Counter[str], key: str) -> bool:
    if counter[key] <= 0:
        return False
    counter[key] -= 1
    return True


def _row(row: Mapping[str, Any], blurred: Blurred) -> str:
    return ", ".join(f"{column}={blurred.value(value)}" for column, value in sorted(row.items()))


def settings_of(session: psycopg.Connection[Any], parameters: Sequence[str], blurred: Blurred) -> dict[str, str]:
    """Return the parameters that are not as they were when the session began."""
    found = dict(session.execute(_CHANGED).fetchall())
    for parameter in parameters:
        row = session.execute("SELECT pg_catalog.current_setting(%s, true)", [parameter]).fetchone()
        if row and row[0]:
            found[parameter] = row[0]
    return {name: blurred.text(str(value)) for name, value in sorted(found.items())}


def temporary_tables(session: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Return what temporary tables the session has, in words."""
    return tuple(sorted(f"temporary table {name}" for (name,) in session.execute(_TEMPORARY).fetchall()))
