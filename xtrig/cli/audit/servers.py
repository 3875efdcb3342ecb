"""Reading several databases; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import click

from xtrig.audit.reading import Reading, open_reading
from xtrig.audit.records import Source
from xtrig.cli.exits import Exit
from xtrig.cli.many.targets import Target
from xtrig.dialect.driver import Where
from xtrig.errors import DatabaseError, XtrigError
from xtrig.sqltext import one_line

Item = TypeVar("Item")


class Servers:
    """The databases of a command.

    ``sources`` are those that were read completely, ``failures`` the others, each with its error. ``jobs`` are
    worked on at the same time.
    """

    def __init__(self, targets: Sequence[Target], schema: str, jobs: int = 1) -> None:
        self._targets = targets
        self._schema = schema
        self._jobs = jobs
        self.sources: list[Source] = []
        self.failures: list[tuple[Source, str]] = []

    def each(self, read: Callable[[Reading], Iterable[Item]]) -> Iterator[Item]:
        """Yield what ``read`` yields for each database, one after the other, so that no more is held than a row."""
        for place, target in self._places():
            with self._failing(place), open_reading(reached(target), self._schema) as reading:
                self._reached = reading.source
                yield from read(reading)
                self.sources.append(reading.source)

    def whole(self, read: Callable[[Reading], Item]) -> Iterator[Item]:
        """Yield what ``read`` returns for each database, in their order, several read at the same time."""
        known: dict[int, Source] = {}

        def look(target: Target) -> Item:
            with open_reading(reached(target), self._schema) as reading:
                known[id(target)] = reading.source
                return read(reading)

        for answer in self.gathered(look, known):
            self.sources.append(self._reached)
            yield answer

    def gathered(self, look: Callable[[Target], Item], known: Mapping[int, Source] | None = None) -> Iterator[Item]:
        """Yield what ``look`` returns for each database, in their order, several looked at at the same time.

        ``known`` has the sources of those that were reached, by the id of the target.
        """

        def one(target: Target) -> Item | XtrigError:
            try:
                return look(target)
            except XtrigError as error:
                return error

        with ThreadPoolExecutor(self._jobs) as pool:
            # A single one is worked on here, where Ctrl-C ends it at once.
            answers = pool.map(one, self._targets) if len(self._targets) > 1 else map(one, self._targets)
            for (place, target), answer in zip(self._places(), answers, strict=True):
                with self._failing((known or {}).get(id(target), place)):
                    if isinstance(answer, XtrigError):
                        raise answer
                    yield answer

    def _places(self) -> Iterator[tuple[Source, Target]]:
        """Yield each database as far as its URL names it."""
        return ((Source("unknown vendor", each.server, each.database), each) for each in self._targets)

    @contextmanager
    def _failing(self, place: Source) -> Iterator[None]:
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
