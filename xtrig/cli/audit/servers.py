"""Reading several databases in turn; a database that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from xtrig.audit.reading import Reading, open_reading
from xtrig.audit.records import Source
from xtrig.cli.exits import Exit
from xtrig.connect import find_driver
from xtrig.errors import DatabaseError
from xtrig.sqltext import one_line

Item = TypeVar("Item")


class Servers:
    """The databases of a command.

    ``sources`` are those that were read completely, ``failures`` the others, each with its error.
    """

    def __init__(self, urls: tuple[str, ...], schema: str) -> None:
        # All URLs are parsed before the first connection: reading may take an hour, and errors come first.
        self._urls = {url: _place(url) for url in urls or (None,)}
        self._schema = schema
        self.sources: list[Source] = []
        self.failures: list[tuple[Source, str]] = []

    def each(self, read: Callable[[Reading], Iterable[Item]]) -> Iterator[Item]:
        """Yield what ``read`` yields for each database."""
        for place, url in self.places():
            with self.failing(place), open_reading(url, self._schema) as reading:
                self._reached = reading.source
                yield from read(reading)
                self.sources.append(reading.source)

    def places(self) -> Iterator[tuple[Source, str | None]]:
        """Yield each database as far as its URL names it, with the URL."""
        return ((place, url) for url, place in self._urls.items())

    @contextmanager
    def failing(self, place: Source) -> Iterator[None]:
        """Print the error of a database to stderr and go on; with a single database, raise it."""
        self._reached = place
        try:
            yield
        except DatabaseError as error:
            if len(self._urls) == 1:
                raise
            self.failures.append((self._reached, str(error)))
            click.echo(f"xtrig: {one_line(f'{place.server}, database {place.database}: {error}')}", err=True)

    def finish(self) -> None:
        """Leave with the exit code of a database error if there was one."""
        if self.failures:
            raise click.exceptions.Exit(Exit.DATABASE)


def _place(url: str | None) -> Source:
    """Return a database as far as its URL and the environment name it."""
    driver, wanted = find_driver(url)
    address = driver.address(wanted)
    return Source("unknown vendor", address.server, address.database)
