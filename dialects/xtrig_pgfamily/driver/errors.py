"""What psycopg and SQLAlchemy raise, as one class and in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from xtrig.dialect.driver import CaughtError
from xtrig.errors import DriverError
from xtrig.errors import database_errors as said_of

_LOCKED = ("55P03", "40P01")
"""lock_not_available, deadlock_detected."""
_NEEDED = "2BP01"
"""dependent_objects_still_exist."""
_READ_ONLY = "a step before has made the transaction read-only, so that nothing is written"
_LOG_LINE = "xtrig "
_INTERNAL = "XX000"
_RAISE = "exec_stmt_raise"
"""The function of the server's source that executes RAISE of PL/pgSQL: in no language is an error's text like it."""
_CONCURRENTLY = "concurrently updated"
"""What a command on a catalog gets where another's change of the same row is committed meanwhile (17.9, 18.4)."""


@contextmanager
def driver_errors(is_broken: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Raise what driver and engine raise as :class:`~xtrig.errors.DriverError`."""
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        cause = getattr(error, "orig", None) or error
        state = _sqlstate(cause)
        said = reason(error)
        locked = state in _LOCKED or (state == _INTERNAL and _CONCURRENTLY in said)
        diagnosis = cause.diag if isinstance(cause, psycopg.Error) else None
        raised = diagnosis is not None and diagnosis.source_function == _RAISE
        place = ((diagnosis and diagnosis.context) or "").rpartition("\n")[2]
        raise DriverError(
            said,
            sqlstate=state,
            is_broken=is_broken(),
            is_locked=locked,
            is_raised=raised,
            is_needed=state == _NEEDED,
            place=place,
        ) from None
    except UnicodeError:
        said = "the server sent text that is not UTF-8, as a database with encoding SQL_ASCII may hold"
        raise DriverError(said, is_broken=is_broken()) from None


@contextmanager
def database_errors(doing: str) -> Iterator[None]:
    """Turn the errors of driver and engine into :class:`~xtrig.errors.DatabaseError`: ``doing: reason``."""
    with said_of(doing), driver_errors():
        yield


def reason(error: Exception) -> str:
    """Return in one line what the server or the driver said, with its SQLSTATE where there is one."""
    cause = getattr(error, "orig", None) or error
    primary, *more = _said(cause)
    if not primary:
        return " ".join(str(cause).split())
    said = "; ".join(" ".join(part.split()) for part in (primary, *more) if part)
    return f"{said} (SQLSTATE {_sqlstate(cause)})"


def _sqlstate(cause: BaseException) -> str | None:
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)  # psycopg and asyncpg; psycopg2


def _said(cause: BaseException) -> tuple[str | None, ...]:
    """Return message, detail and hint of the server; the first is None for an error of the driver's own."""
    diag = getattr(cause, "diag", None)  # psycopg and psycopg2
    if diag is not None:
        return diag.message_primary, diag.message_detail, diag.message_hint
    server = cause.__cause__  # asyncpg's error, below what SQLAlchemy makes of it
    return tuple(getattr(server, name, None) for name in ("message", "detail", "hint"))


def caught_error(line: str) -> CaughtError | None:
    """Return what a line for the server log tells, if it is one of an error that a function of xtrig's has caught."""
    if not line.startswith(_LOG_LINE):
        return None
    try:
        told = json.loads(line.removeprefix(_LOG_LINE))
    except ValueError:  # a line of somebody else's that begins alike
        return None
    if not isinstance(told, dict):
        return None
    if told.get("outcome") == "not written":
        # A deployment writes, so that a step before has made the transaction read-only.
        return CaughtError(str(told.get("function")), _READ_ONLY, policy="standby: skip")
    if told.get("outcome") not in ("error", "not recorded", "no right"):
        return None
    said = f"{' '.join(str(told.get('error')).split())} (SQLSTATE {told.get('sqlstate')})"
    is_locked = told.get("sqlstate") in _LOCKED
    path = tuple(told.get("step") or ())
    return CaughtError(str(told.get("function")), said, path, is_locked, lacks_right=told["outcome"] == "no right")


def login_answer(error: psycopg.Error) -> str:
    """Return what the server said to a login, without the driver's words on where it had tried to connect."""
    text = str(error)
    return text[max(text.find("FATAL:"), 0) :]


def refusal(error: psycopg.Error) -> str:
    """Return :func:`login_answer` in one line, without the place in the trigger."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "no answer in time"
    text = re.sub(r"\nLINE \d+: .*\n *\^", "", login_answer(error))
    said = re.split(r"\n(?:QUERY|CONTEXT):", text)[0]
    return " ".join(said.split()).removeprefix("FATAL: ")
