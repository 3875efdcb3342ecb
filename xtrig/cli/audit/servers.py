"""Reading several databases in turn; a database that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from xtrig.audit.reading import Reading, open_reading
from xtrig.audit.records import Source
from xtrig.cli.exits import Exit
from xtrig.cli.many.targets import Target
from xtrig.dialect.driver import Where
from xtrig.errors import DatabaseError
from xtrig.sqltext import one_line

Item = TypeVar("Item")


class Servers:
    """The databases of a command.

    ``sources`` are those that were read completely, ``failures`` the others, each with its error.
    """

    def __init__(self, targets: Sequence[Target], schema: str) -> None:
        self._targets = targets
        self._schema = schema
        self.sources: list[Source] = []
        self.failures: list[tuple[Source, str]] = []

    def each(self, read: Callable[[Reading], Iterable[Item]]) -> Iterator[Item]:
        """Yield what ``read`` yields for each database."""
        for place, target in self.places():
            with self.failing(place), open_reading(reached(target), self._schema) as reading:
                self._reached = reading.source
                yield from read(reading)
                self.sources.append(reading.source)

    def places(self) -> Iterator[tuple[Source, Target]]:
        """Yield each database as far as its URL names it."""
        return ((Source("unknown vendor", each.server, each.database), each) for each in self._targets)

    @contextmanager
    def failing(self, place: Source) -> Iterator[None]:
        """Print the error of a database to stderr and go on; with a single database, raise it."""
        self._reached = place
        try:
            yield
        except DatabaseError as error:
            if len(self._targets) == 1:
                raise
            self.failures.append((self._reached, str(error)))
            click.echo(f"xtrig: {one_line(f'{place.server}, database {place.database}: {error}')}", err=True)

    def finish(self) -> None:
        """Leave with the exit code of a database error if there was one."""
        if self.failures:
            raise click.exceptions.Exit(Exit.DATABASE)


def reached(target: Target) -> Where:
    """Return where a database is. Raises the error of a server that could not say which databases it has."""
    if target.error is not None:
        raise target.error
    return target.where
