"""Several databases one after another: one that fails does not keep the others from being read."""

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

    ``sources`` are those that were read to the end, ``failures`` say what is wrong with the others.
    """

    def __init__(self, urls: tuple[str, ...], schema: str) -> None:
        # All are looked at before the first is asked: a slip in the last should not be told after an hour.
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
        """Yield what is known of each database beforehand, and its URL."""
        return ((place, url) for url, place in self._urls.items())

    @contextmanager
    def failing(self, place: Source) -> Iterator[None]:
        """Say on stderr what is wrong with a database, and go on; where there is only one, that is the end."""
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
    """Return what is known of a database that nobody has reached."""
    driver, wanted = find_driver(url)
    address = driver.address(wanted)
    return Source("unknown vendor", address.server, address.database)
