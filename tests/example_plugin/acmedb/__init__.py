"""AcmeDB, an invented database: what the vendor would ship. The dialect for xtrig is the package beside it.

It is small enough for one module, because SQLite keeps its data: rows, transactions and locks are real. Its own are

- triggers at AFTER LOGON, BEFORE LOGOFF and AFTER DDL, which hold their bodies themselves, and run in the connection;
- commands that make or drop something: each commits what is open, and then itself;
- names of 31 bytes, in backticks, compared without regard to case; there are neither schemas nor comments, neither
  roles nor rights;
- types such as INT64 and LONGTEXT, AUTONUMBER for a primary key, CONCAT() to put texts together.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from acmedb.body import Body, tokens

VERSION = "5.2"
LONGEST_NAME = 31

_CATALOGS = (
    "CREATE TABLE ACME_TRIGGERS (NAME TEXT COLLATE NOCASE PRIMARY KEY, EVENT TEXT, OPTIONS TEXT, BODY TEXT)",
    "CREATE TABLE ACME_LOG (WRITTEN_AT TEXT DEFAULT CURRENT_TIMESTAMP, MESSAGE TEXT)",
    "CREATE TABLE ACME_DATABASE (IDENTITY TEXT)",
    "CREATE VIEW ACME_SERVER AS SELECT IDENTITY, SESSION_INFO('version') AS ACME_VERSION, "
    "SESSION_INFO('database') AS DATABASE_NAME, SESSION_INFO('login') AS LOGIN FROM ACME_DATABASE",
    "CREATE VIEW ACME_TABLES AS SELECT name AS NAME FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'ACME%'",
    "CREATE VIEW ACME_COLUMNS AS SELECT t.NAME AS TABLE_NAME, c.cid AS PLACE, c.name AS NAME, "
    "CASE c.type WHEN 'INTEGER' THEN 'AUTONUMBER' ELSE c.type END AS TYPE, c.\"notnull\" AS IS_REQUIRED, "
    "c.dflt_value AS FILLED_WITH, c.pk AS KEY_PLACE FROM ACME_TABLES AS t JOIN pragma_table_info(t.NAME) AS c",
)
_TRIGGER = re.compile(
    r"CREATE OR REPLACE TRIGGER (`(?:[^`]|``)*`) (AFTER LOGON|BEFORE LOGOFF|AFTER DDL)\s+"
    r"(?:WITH \(([^)]*)\)\s+)?AS\s+(.*)",
    re.DOTALL,
)
_COMMANDS = ("CREATE", "DROP", "ALTER")


class AcmeError(Exception):
    """What the database refuses, in one line."""


class RefusedError(AcmeError):
    """What a trigger refuses with REFUSE, which ON_ERROR does not hide."""


def create(file: Path) -> None:
    """Make an empty database in a new file."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = wal")  # who reads does not wait for who writes
    for statement in _CATALOGS:
        connection.execute(statement)
    connection.execute("INSERT INTO ACME_DATABASE VALUES (?)", (secrets.token_hex(8),))
    connection.commit()
    connection.close()


class Connection:
    """One session, from the triggers at its logon to those at its logoff.

    ``wait`` is how many seconds a statement waits for a lock; ``triggers=False`` meets no trigger. Raises
    :class:`AcmeError` where there is no such database, and where a trigger refuses the login.
    """

    def __init__(self, file: Path, user: str, program: str = "", *, wait: float = 5.0, triggers: bool = True) -> None:
        if not file.exists():
            raise AcmeError(f"there is no database {file}")
        self._meets_triggers = triggers
        self._event = self._command = ""
        self._wait = wait
        self._session = secrets.token_hex(4)
        with _errors():
            self._sqlite = sqlite3.connect(file, timeout=wait, isolation_level=None)
            self._sqlite.create_function("CONCAT", -1, lambda *parts: "".join(str(p) for p in parts if p is not None))
            self._sqlite.create_function("SESSION_INFO", 1, lambda key: self._info(key, file, user, program))
            self._sqlite.execute("SELECT SESSION_INFO('login') FROM ACME_DATABASE")
        try:
            self._fire("AFTER LOGON")
        except AcmeError:
            self._sqlite.close()
            raise

    @property
    def is_in_transaction(self) -> bool:
        """Whether something is not committed yet."""
        return self._sqlite.in_transaction

    def wait_for_locks(self, seconds: float) -> None:
        """Let the statements that follow wait ``seconds`` at most."""
        self._wait = seconds
        self._sqlite.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def execute(self, sql: str) -> list[dict[str, Any]]:
        """Execute one statement and return its rows."""
        words = [each.upper() for each in tokens(sql) if not each.isspace()]
        with _errors():
            if words[:2] == ["EXECUTE", "BLOCK"]:
                self._run(Body(sql.partition("AS")[2]))
            elif words and words[0] in _COMMANDS:
                self._change(sql, words)
            else:
                cursor = self._sqlite.execute(sql)
                names = [each[0] for each in cursor.description or ()]
                return [dict(zip(names, row, strict=True)) for row in cursor]
        return []

    def close(self) -> None:
        """Log off. What is not committed is rolled back."""
        with suppress(sqlite3.Error):
            if self.is_in_transaction:
                self._sqlite.execute("ROLLBACK")
            self._fire("BEFORE LOGOFF")
        self._sqlite.close()

    def _info(self, key: str, file: Path, user: str, program: str) -> str | None:
        said = {"login": user, "program": program, "database": file.name, "version": VERSION, "session": self._session}
        return {**said, "node": "1", "address": "local", "event": self._event, "command": self._command}.get(key)

    def _change(self, sql: str, words: list[str]) -> None:
        """Execute a command that makes or drops something: before it and after it is a commit."""
        for each in tokens(sql):
            if each.startswith("`") and len(each[1:-1].replace("``", "`").encode()) > LONGEST_NAME:
                raise AcmeError(f"the name {each} has more than {LONGEST_NAME} bytes")
        goes_on = self.is_in_transaction
        if goes_on:
            self._sqlite.execute("COMMIT")
        if "TRIGGER" in words[:4]:
            self._change_trigger(sql)
        elif words[:4] == ["DROP", "TABLE", "IF", "EMPTY"]:
            table = sql.split(maxsplit=4)[4]
            if self._sqlite.execute(
                "SELECT 1 FROM ACME_TABLES WHERE NAME = ? COLLATE NOCASE", (_name(table),)
            ).fetchone() and not (self._sqlite.execute(f"SELECT 1 FROM {table}").fetchone()):
                self._sqlite.execute(f"DROP TABLE {table}")
        else:
            self._sqlite.execute("".join("INTEGER PRIMARY KEY" if t == "AUTONUMBER" else t for t in tokens(sql)))
        self._command = " ".join(words[:2])
        self._fire("AFTER DDL")
        self._command = ""
        if goes_on:
            self._sqlite.execute("BEGIN")

    def _change_trigger(self, sql: str) -> None:
        if sql.startswith("DROP TRIGGER IF EXISTS "):
            name = _name(sql.removeprefix("DROP TRIGGER IF EXISTS "))
            self._sqlite.execute("DELETE FROM ACME_TRIGGERS WHERE NAME = ?", (name,))
            return
        match = _TRIGGER.fullmatch(sql)
        if match is None:
            raise AcmeError(f"this is no trigger: {sql[:60]}")
        Body(match[4])
        row = (_name(match[1]), match[2], match[3] or "", match[4])
        self._sqlite.execute("REPLACE INTO ACME_TRIGGERS VALUES (?, ?, ?, ?)", row)

    def _fire(self, event: str) -> None:
        """Run the triggers of an event, by name, each as a transaction. Only at logon may an error refuse."""
        if not self._meets_triggers or self._event:
            return
        triggers = self._sqlite.execute(
            "SELECT OPTIONS, BODY FROM ACME_TRIGGERS WHERE EVENT = ? ORDER BY NAME", (event,)
        ).fetchall()
        self._event = event
        try:
            for options, body in triggers:
                try:
                    with _errors(), self._bounded(_options(options)):
                        self._run(Body(body))
                except AcmeError as error:
                    goes_on = _options(options).get("ON_ERROR") == "CONTINUE" and not isinstance(error, RefusedError)
                    if event == "AFTER LOGON" and not goes_on:
                        raise
                    with suppress(sqlite3.Error):
                        self._sqlite.execute("INSERT INTO ACME_LOG (MESSAGE) VALUES (?)", (str(error),))
        finally:
            self._event = ""

    @contextmanager
    def _bounded(self, options: dict[str, str]) -> Iterator[None]:
        """Run a transaction with the bounds of a trigger: of its whole time, and of waiting for a lock."""
        end = time.monotonic() + int(options.get("TIMEOUT", 3_600_000)) / 1000
        self._sqlite.set_progress_handler(lambda: time.monotonic() > end, 1000)
        self._sqlite.execute(f"PRAGMA busy_timeout = {options.get('LOCK_TIMEOUT', int(self._wait * 1000))}")
        self._sqlite.execute("BEGIN")
        try:
            yield
            self._sqlite.execute("COMMIT")
        except BaseException:
            if self.is_in_transaction:  # a statement that ran out of time has taken it along
                self._sqlite.execute("ROLLBACK")
            raise
        finally:
            self._sqlite.set_progress_handler(None, 0)
            self.wait_for_locks(self._wait)

    def _run(self, body: Body) -> None:
        body.run(self._execute, lambda condition: bool(self._value(condition)))

    def _execute(self, statement: str) -> None:
        if statement.upper().startswith("WRITE LOG "):
            message = self._value(statement[len("WRITE LOG ") :])
            self._sqlite.execute("INSERT INTO ACME_LOG (MESSAGE) VALUES (?)", (message,))
        elif statement.upper().startswith("REFUSE "):
            raise RefusedError(str(self._value(statement[len("REFUSE ") :])))
        else:
            self._sqlite.execute(statement)

    def _value(self, expression: str) -> Any:
        return self._sqlite.execute(f"SELECT {expression}").fetchone()[0]


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise AcmeError(" ".join(str(error).split())) from None


def _name(quoted: str) -> str:
    return quoted.strip()[1:-1].replace("``", "`")


def _options(text: str) -> dict[str, str]:
    pairs = (each.split("=") for each in text.split(",") if each.strip())
    return {key.strip(): value.strip() for key, value in pairs}
