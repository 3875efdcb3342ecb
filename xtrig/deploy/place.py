"""Where a set is deployed, however the caller says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xtrig.connect import find_driver
from xtrig.dialect.driver import Place, Where

__all__ = ["Where", "open_place"]


@contextmanager
def open_place(where: Where, dialect: str | None = None) -> Iterator[Place]:
    """Connect, and close again what was opened here; ``dialect`` is the one that is named, if any is.

    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, and
    :class:`~xtrig.errors.UsageError` for what no driver connects to.
    """
    driver, wanted = find_driver(where, dialect)
    with driver.open(wanted) as place:
        yield place
