"""Where a set is deployed, however the caller says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from xtrig.connect import database_errors, find_driver
from xtrig.dialect.driver import Address, Guard, Place, Where

__all__ = ["Where", "guarded", "open_place"]


@contextmanager
def open_place(where: Where, dialect: str | None = None) -> Iterator[Place]:
    """Connect, and close again what was opened here; ``dialect`` is the one that is named, if any is.

    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, and
    :class:`~xtrig.errors.UsageError` for what no driver connects to.
    """
    driver, wanted = find_driver(where, dialect)
    with driver.open(wanted) as place:
        yield place


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
