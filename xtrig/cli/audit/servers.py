"""Reading several databases in turn; a database that fails does not stop the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click
from sqlalchemy import Engine

from xtrig.audit.reading import Reading, open_reading
from xtrig.audit.records import Source
from xtrig.cli.exits import Exit
from xtrig.connect import Address, address_for
from xtrig.errors import DatabaseError
from xtrig.sqltext import one_line

Item = TypeVar("Item")


class Servers:
    """The databases of a command.

    ``sources`` are those that were read completely, ``failures`` the others, each with its error.
    """

    def __init__(self, urls: tuple[str, ...], schema: str) -> None:
        # All URLs are parsed before the first connection: reading may take an hour, and errors come first.
        self._addresses = [address_for(url) for url in urls] or [address_for(None)]
        self._schema = schema
        self.sources: list[Source] = []
        self.failures: list[tuple[Source, str]] = []

    def each(self, read: Callable[[Reading], Iterable[Item]]) -> Iterator[Item]:
        """Yield what ``read`` yields for each database."""
        for place, engine in self.places():
            with self.failing(place), open_reading(engine, self._schema) as reading:
                self._reached = reading.source
                yield from read(reading)
                self.sources.append(reading.source)

    def places(self) -> Iterator[tuple[Source, Engine]]:
        """Yield each database as far as its URL names it, with its engine."""
        return ((_place(address), address.engine()) for address in self._addresses)

    @contextmanager
    def failing(self, place: Source) -> Iterator[None]:
        """Print the error of a database to stderr and go on; with a single database, raise it."""
        self._reached = place
        try:
            yield
        except DatabaseError as error:
            if len(self._addresses) == 1:
                raise
            self.failures.append((self._reached, str(error)))
            click.echo(f"xtrig: {one_line(f'{place.server}, database {place.database}: {error}')}", err=True)

    def finish(self) -> None:
        """Leave with the exit code of a database error if there was one."""
        if self.failures:
            raise click.exceptions.Exit(Exit.DATABASE)


def _place(address: Address) -> Source:
    """Return a database as far as its address and the environment name it."""
    given = address.parameters
    service = f"service {given['service']}" if "service" in given else ""
    host = given.get("host") or given.get("hostaddr") or service or os.environ.get("PGHOST") or "the default host"
    port = given.get("port") or os.environ.get("PGPORT")
    database = given.get("dbname") or os.environ.get("PGDATABASE") or "by default"
    return Source("unknown vendor", f"{host}:{port}" if port else host, database)
