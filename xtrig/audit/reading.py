"""Reading the records of a database, in one snapshot and in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, column, func, inspect, or_, quoted_name, select, table

from xtrig.audit.formats import utc
from xtrig.audit.kinds import DDL, GAPS, REFUSALS, SESSIONS, TAMPERINGS, Kind
from xtrig.audit.records import AuditData, Gap, Source
from xtrig.connect import find_driver, reached
from xtrig.deploy.target import Recognised, recognising
from xtrig.dialect import Dialect
from xtrig.dialect.driver import Session, Where, attempt
from xtrig.errors import DatabaseError, DriverError, UsageError, database_errors

SCHEMA = "audit"
DEFAULT_SPAN = timedelta(days=30)
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
"""What Python can count from in years and weeks, with room on both sides."""
_CHUNK = 1000
_NO_RIGHT = "42501"
_REFUSED = ("42", "28")
"""The classes of SQLSTATE for what is not there, and for what one may not have."""

Record = TypeVar("Record")
Columns = Mapping[str, ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: those of a period, from ``since`` on and before ``until``, and of some users.

    A bound of None is no bound, an empty ``users`` means all. ``is_open``: only sessions without a known end.
    """

    since: datetime | None = None
    until: datetime | None = None
    users: tuple[str, ...] = ()
    is_open: bool = False


class Reading:
    """A database whose records are being read. Errors are those of :func:`open_reading`."""

    def __init__(
        self,
        session: Session,
        schema: str,
        source: Source,
        dialect: Dialect | None,
        kept: Mapping[str, DriverError | None] | None = None,
    ) -> None:
        """Make it; ``kept`` is what :func:`_make_safe` returns."""
        self._session = session
        self._kept = kept
        self._connection: Connection = session.sqlalchemy
        self._schema = schema if dialect is None or dialect.has_schemas else None
        self._dialect = dialect
        self.source = source

    def _name(self, word: str) -> str:
        """Return a name as the catalogs have it; SQLAlchemy does not know in which case a reserved word is kept."""
        kept = word if self._dialect is None else self._dialect.folded(word)
        return word if kept == word else quoted_name(kept, quote=True)

    def _called(self, kind: Kind[Any]) -> str:
        """Return the name of a view, for people."""
        return kind.view if self._schema is None else f"{self._schema}.{kind.view}"

    def _elsewhere(self, what: str) -> str:
        return "" if self._schema is None else f"name {what} by --schema or a definition, or "

    def has(self, kind: Kind[Any]) -> bool:
        """Whether the view exists, readable or not; one that came after it was asked whose the views are does not."""
        if self._kept is not None:
            return kind.view in self._kept
        with self._errors("cannot read the catalogs"):
            return inspect(self._connection).has_table(self._name(kind.view), schema=self._schema)

    def records(self, kind: Kind[Record], wanted: Wanted, newest: int | None = None) -> Iterator[Record]:
        """Yield records by time, the oldest first; with ``newest``, that many, the newest first."""
        columns = self._columns(kind)
        if columns is None:
            return
        order = columns[kind.at or next(iter(columns))]
        named = (each.label(name) for name, each in columns.items())
        statement = self._select(kind, wanted, columns, *named)
        statement = statement.order_by(order if newest is None else order.desc()).limit(newest)
        statement = statement.execution_options(yield_per=_CHUNK)
        with (
            self._errors(f"cannot read {self._called(kind)}"),
            self._connection.execute(statement) as rows,  # closes the cursor if the caller stops early
        ):
            for row in rows.mappings():
                yield kind.make(self.source, row)  # type: ignore[arg-type]  # its keys may be columns, too

    def count(self, kind: Kind[Any], wanted: Wanted) -> int:
        """Return how many records there are."""
        columns = self._columns(kind)
        if columns is None:
            return 0
        with self._errors(f"cannot read {self._called(kind)}"):
            return int(self._connection.execute(self._select(kind, wanted, columns, func.count())).scalar_one())

    def data(self, wanted: Wanted, now: datetime) -> AuditData:
        """Return all records of a period for a report; :func:`bounded` fills in its bounds."""
        period = bounded(wanted, now)
        return AuditData(
            sources=(self.source,),
            sessions=tuple(self.records(SESSIONS, period)),
            refusals=tuple(self.records(REFUSALS, period)),
            ddl=tuple(self.records(DDL, period)),
            gaps=tuple(self.records(GAPS, period)),
            tamperings=tuple(self.records(TAMPERINGS, period)),
            since=period.since or now,
            until=period.until or now,
            generated_at=now,
        )

    def _select(self, kind: Kind[Any], wanted: Wanted, columns: Columns, *what: ColumnElement[Any]) -> Select[Any]:
        view = table(self._name(kind.view), schema=self._schema)
        return select(*what).select_from(view).where(*_conditions(kind, wanted, columns))

    def _columns(self, kind: Kind[Any]) -> Columns | None:
        """Return the columns by their names in records; None for an optional view that is missing."""
        if not self.has(kind):
            if kind.optional:
                return None
            raise DatabaseError(
                f"there is no {self._called(kind)} in database {self.source.database!r}; "
                f"{self._elsewhere('its schema')}make it: {kind.made_by}"
            )
        if self._kept is not None and (refusal := self._kept[kind.view]):
            raise DatabaseError(self._lack(kind, refusal))
        names = [{name: name for name in kind.columns}]
        if kind.also:
            names.append({name: kind.also.get(name, name) for name in kind.columns})
        errors = []
        for spelled in names:
            columns = {name: column(self._name(spelled[name]), type_) for name, type_ in kind.columns.items()}
            error = self._refusal(kind, columns)
            if error is None:
                return columns
            errors.append(error)
        raise DatabaseError(self._lack(kind, errors[0]))

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        with database_errors(doing), self._session.driver_errors():
            yield

    def _refusal(self, kind: Kind[Any], columns: Columns) -> DriverError | None:
        """Select no rows of a view; return the error if there is one."""
        with self._errors(f"cannot read {self._called(kind)}"):
            try:
                with self._session.savepoint():
                    self._connection.execute(self._select(kind, Wanted(), columns, *columns.values()).limit(0)).close()
            except DriverError as error:
                if (error.sqlstate or "")[:2] not in _REFUSED:
                    raise
                return error
        return None

    def _lack(self, kind: Kind[Any], error: DriverError) -> str:
        """Return why a view that exists cannot be read."""
        if missing := self._missing(kind):
            return (
                f"{self._called(kind)} is not what xtrig reads: it has no column {', '.join(missing)}; "
                f"{self._elsewhere('the schema of the audit')}make it anew: {kind.made_by}"
            )
        return (
            f"cannot read {self._called(kind)}: {error}; whoever reads needs the reader role of the "
            "definition, by default: GRANT audit_reader TO your_role"
        )

    def _missing(self, kind: Kind[Any]) -> list[str]:
        """Return the missing columns; none if this role may not read the definition of the view."""
        try:
            with self._session.savepoint():
                columns = inspect(self._connection).get_columns(self._name(kind.view), schema=self._schema)
        except DriverError:
            return []
        there = {each["name"] for each in columns}
        return [name for name in kind.columns if name not in there]


def _conditions(kind: Kind[Any], wanted: Wanted, columns: Columns) -> Iterator[ColumnElement[bool]]:
    if kind.at is not None:
        if wanted.since is not None:
            ends = columns[kind.ends] if kind.ends else None
            begins_late = columns[kind.at] >= wanted.since
            yield begins_late if ends is None else or_(ends.is_(None), ends > wanted.since)
        if wanted.until is not None:
            yield columns[kind.at] < wanted.until
    if wanted.users and "login_user" in columns:
        yield columns["login_user"].in_(wanted.users)
    if wanted.is_open and "ended_by" in columns:
        yield columns["ended_by"].is_(None)


def bounded(wanted: Wanted, now: datetime) -> Wanted:
    """Return the same with both bounds; the defaults are now, and 30 days before the end.

    Raises :class:`~xtrig.errors.UsageError` for a period that ends before it begins, or is out of all reach.
    """
    for given in (wanted.since, wanted.until):
        if given is not None and not _FIRST_YEAR <= given.year <= _LAST_YEAR:
            raise UsageError(f"the year {given.year} is too far away; name one from {_FIRST_YEAR} to {_LAST_YEAR}")
    until = now if wanted.until is None else utc(wanted.until)
    since = until - DEFAULT_SPAN if wanted.since is None else utc(wanted.since)
    if until < since:
        raise UsageError(f"the period ends at {until:%Y-%m-%d %H:%M:%S}, before it begins at {since:%Y-%m-%d %H:%M:%S}")
    return replace(wanted, since=since, until=until)


@contextmanager
def open_reading(where: Where, schema: str = SCHEMA) -> Iterator[Reading]:
    """Connect for reading. A connection made here reads one snapshot (REPEATABLE READ, read only).

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL and the PG* variables.
    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached, if a view is missing and if the
    role may not read it, and :class:`~xtrig.errors.UsageError` for a URL that is none.
    """
    if not schema or "\0" in schema:
        raise UsageError(f"{schema!r} cannot be the name of a schema; name another, or leave it out")
    driver, wanted = find_driver(where)
    with reached(driver.snapshot(wanted), wanted) as session:
        with database_errors("cannot ask the server what it is"):
            source, known = origin_of(session)
            kept = None if known is None else _make_safe(session, schema, known)
        yield Reading(session, schema, source, known.dialect if known is not None else None, kept)


def _make_safe(session: Session, schema: str, known: Recognised) -> Mapping[str, DriverError | None] | None:
    """Raise :class:`~xtrig.errors.DatabaseError` where a view could run somebody's code as the reader; read as less.

    Asked before anything of the schema is selected from: a function in a view has the rights of who reads it, and
    a read-only transaction forbids it little. Returns the views that are there, which nobody can replace until the
    transaction ends, each with what stands against reading it; None where views cannot be kept so.
    """
    views = [kind.view for kind in (SESSIONS, REFUSALS, DDL, GAPS, TAMPERINGS)]
    kept = _keep(session, schema, views, known)
    asked = known.platform.distrusted(schema, views, known.dialect.parse_version(known.version))
    try:
        with attempt(session):
            problems = session.rows(asked) if asked else []
    except DriverError as error:
        if error.sqlstate != _NO_RIGHT:  # to the catalogs: then the reader is no superuser
            raise
        problems = []
    if problems:
        raise DatabaseError(f"nothing was read from schema {schema!r}: {problems[0]['problem']}")
    lower = known.platform.least_privileged(schema, views)
    if lower:
        session.rows(lower)
    return kept


def _keep(
    session: Session, schema: str, views: Sequence[str], known: Recognised
) -> Mapping[str, DriverError | None] | None:
    kept: dict[str, DriverError | None] = {}
    for view in views:
        statement = known.platform.keep(schema, view)
        if not statement:
            return None
        with session.driver_errors():
            is_there = inspect(session.sqlalchemy).has_table(view, schema=schema)
        if not is_there:
            continue
        kept[view] = None
        try:
            with attempt(session):
                session.execute(statement)
        except DriverError as error:
            kept[view] = error
    return kept


def read(
    where: Where = None,
    *,
    schema: str = SCHEMA,
    since: datetime | None = None,
    until: datetime | None = None,
    users: Sequence[str] = (),
) -> AuditData:
    """Return all records of a database for a report; :func:`xtrig.audit.merge` makes one of several databases.

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL and the PG* variables. ``schema`` is
    that of the definition. The period is from ``since`` (default: 30 days before its end) on and before ``until``
    (default: now); times without a zone are in UTC. ``users`` are the login users to report on, by default all.

    Raises :class:`~xtrig.errors.DatabaseError` if the database cannot be reached or read, with what to do, and
    :class:`~xtrig.errors.UsageError` for a period that ends before it begins.
    """
    now = datetime.now(UTC)
    period = bounded(Wanted(since, until, tuple(users)), now)
    with open_reading(where, schema) as reading:
        return reading.data(period, now)


def unread(source: Source, wanted: Wanted, now: datetime, why: str) -> AuditData:
    """Return the data of a database that could not be read: one gap, as long as the period."""
    period = bounded(wanted, now)
    since, until = period.since or now, period.until or now
    gap = Gap(source, since, until, f"could not be read: {why}")
    return AuditData((source,), (), (), (), (gap,), (), since, until, now)


def origin_of(session: Session) -> tuple[Source, Recognised | None]:
    """Return the source of a connection, as the installed dialects recognise it, and one of these dialects.

    A server that no dialect recognises can be read, too: the views are the same on every vendor.
    """
    address = session.address
    with session.reading():
        found = recognising(session, None)
    if len(found) != 1:
        protocol = session.sqlalchemy.dialect.name
        unknown = Source(f"unknown vendor ({protocol} protocol)", address.server, address.database)
        return unknown, found[0] if found else None
    server = found[0].server
    return Source(server.title, address.server, server.database), found[0]
