"""From what a user says about a database to the driver that connects to it.

A database is named by ``--url``, else by the variable ``XTRIG_DATABASE_URL``, else by what a driver finds in its own
environment, such as the PG* variables. Each installed dialect brings the driver of its servers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import TypeVar

from xtrig.dialect import Dialect
from xtrig.dialect.driver import Address, Driver, Guard, Place, Where
from xtrig.errors import DatabaseError, PluginError, UsageError, database_errors
from xtrig.registry import dialect_names, get_dialect

VARIABLE = "XTRIG_DATABASE_URL"

READING = "cannot read the database"
"""What fails where a connection breaks, or cannot be used, before anything is changed."""

Opened = TypeVar("Opened")

__all__ = [
    "READING",
    "VARIABLE",
    "Where",
    "candidates",
    "database_errors",
    "find_driver",
    "guarded",
    "only_rendered",
    "open_place",
    "reached",
]


def find_driver(where: Where, dialect: str | None = None) -> tuple[Driver, Where]:
    """Return the driver that connects to ``where``, and what it connects to: with None what the variable names.

    ``dialect`` None takes the first installed one whose driver does. Raises :class:`~xtrig.errors.UsageError` if
    there is none, with what each driver says.
    """
    wanted = os.environ.get(VARIABLE) if where is None else where
    refusals: dict[str, bool] = {}
    for candidate in candidates(dialect):
        if candidate.platform is None:
            continue
        try:
            driver = candidate.platform.driver()
        except ImportError as error:
            refusals[f"dialect {candidate.name!r} has no driver here: {error}; install it"] = True
            continue
        refusal = driver.refusal(wanted)
        if refusal is None:
            return driver, wanted
        refusals[refusal] = driver.is_meant(wanted)
    if refusals:
        meant = [refusal for refusal, is_meant in refusals.items() if is_meant]
        raise UsageError("; or: ".join(meant or refusals))
    if dialect is not None:
        raise UsageError(only_rendered(dialect))
    raise UsageError("no installed dialect connects to a database; install one that does, see: xtrig dialects")


def only_rendered(dialect: str) -> str:
    """Return why nothing can be done with a database of ``dialect``, and what can be done instead."""
    return f"dialect {dialect!r} cannot be deployed by xtrig; render the script: xtrig render -d {dialect}"


def candidates(dialect: str | None) -> Iterator[Dialect]:
    """Yield the named dialect, or all installed ones without those whose plugin is broken."""
    for name in dialect_names() if dialect is None else (dialect,):
        try:
            yield get_dialect(name)
        except PluginError:
            if dialect is not None:
                raise


@contextmanager
def open_place(where: Where, dialect: str | None = None) -> Iterator[Place]:
    """Connect, and close again what was opened here; ``dialect`` is the one that is named, if any is.

    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, and
    :class:`~xtrig.errors.UsageError` for what no driver connects to.
    """
    driver, wanted = find_driver(where, dialect)
    with reached(driver.open(wanted), wanted) as place:
        yield place


@contextmanager
def reached(opening: AbstractContextManager[Opened], wanted: Where) -> Iterator[Opened]:
    """Open what a driver gives for ``wanted``; say how to name a database where none was named, and none is there."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(opening)
        except DatabaseError as error:
            if wanted is not None:
                raise
            raise DatabaseError(f"{error}; name the database with --url or {VARIABLE}") from None
        yield opened


@contextmanager
def guarded(address: Address, lock_timeout: float) -> Iterator[Guard]:
    """Hold the lock of deployments, in a session of its own; ``lock_timeout`` is in seconds.

    Raises :class:`~xtrig.errors.DatabaseError` if another deployment holds it.
    """
    with database_errors("cannot connect"):
        guard = address.guard()
    with closing(guard):
        guard.lock(lock_timeout)
        yield guard
