"""The records of an audit: sessions, refused logins, DDL commands, gaps in coverage, signs of tampering.

Texts come from users and servers and may contain anything. Times are timezone-aware; readers give UTC, and reports
show UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Literal

EndedBy = Literal["logoff", "server log", "inferred", "unknown"]
NOTHING = timedelta(0)

_all = chain.from_iterable


@dataclass(frozen=True, slots=True)
class Source:
    """A database whose records were read.

    ``vendor`` is the product with its version (``PostgreSQL 18.4``), ``server`` the host and port or the name that
    the reader was given, ``database`` the database of the records.
    """

    vendor: str
    server: str
    database: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that a login trigger recorded.

    - ``source``: where it was recorded.
    - ``session_id``: what identifies it within the source.
    - ``login_user``: the user who logged in, before any ``SET ROLE``.
    - ``database``: the database that the session is connected to.
    - ``client_ip``, ``client_port``: the client's end of the connection; None over a local socket.
    - ``application``: the name that the client chose for itself; None if it chose none.
    - ``auth_method``: how the user was authenticated; None where the vendor does not say.
    - ``backend_pid``: the server process; process ids are used again.
    - ``instance``: the node of a cluster; None where there is one node.
    - ``logon_at``: when the login trigger ran.
    - ``logoff_at``: when the session ended; None while it is open, and if it is not known.
    - ``ended_by``: how the end is known; None while no end is known and the session counts as open. ``logoff`` is the
      trigger, ``server log`` the server's own log, ``inferred`` that the session was found gone later, ``unknown``
      that it ended and nothing says when.
    - ``last_seen_at``: the last time that the session was seen alive; None if it was never looked for.
    - ``detected_at``: when it was found gone, for an end that is ``inferred`` or ``unknown``.
    - ``recorded_by``: ``login trigger``, or ``server log`` for a session that left no row of its own.
    """

    source: Source
    session_id: str
    login_user: str
    database: str
    client_ip: str | None
    client_port: int | None
    application: str | None
    auth_method: str | None
    backend_pid: int
    instance: str | None
    logon_at: datetime
    logoff_at: datetime | None = None
    ended_by: EndedBy | None = None
    last_seen_at: datetime | None = None
    detected_at: datetime | None = None
    recorded_by: str = "login trigger"

    @property
    def duration(self) -> timedelta | None:
        """Return how long it lasted, if that is known exactly: never for an open session or an inferred end.

        It is zero if the clock was set back while the session lasted.
        """
        if self.logoff_at is None or self.ended_by not in ("logoff", "server log"):
            return None
        return max(NOTHING, self.logoff_at - self.logon_at)

    @property
    def duration_range(self) -> tuple[timedelta, timedelta | None]:
        """Return how long it lasted at least and at most; None where there is no upper bound.

        Both are the duration where that is known exactly. An inferred end lies between ``last_seen_at`` and
        ``detected_at``. An open session lasted at least until it was last seen.
        """
        exact = self.duration
        if exact is not None:
            return exact, exact
        least = max(NOTHING, self.last_seen_at - self.logon_at) if self.last_seen_at else NOTHING
        gone_at = self.detected_at or self.logoff_at
        if self.ended_by is None or gone_at is None:
            return least, None
        return least, max(least, gone_at - self.logon_at)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A login that was refused.

    ``at`` is when; ``login_user`` and ``database`` are what the client asked for, which need not exist;
    ``client_ip`` is None over a local socket; ``reason`` is the server's or the trigger's message, ``sqlstate`` its
    code, ``application`` what the client called itself. A value that was not recorded is None.
    """

    source: Source
    at: datetime
    login_user: str
    database: str
    client_ip: str | None
    reason: str
    session_id: str | None = None
    application: str | None = None
    sqlstate: str | None = None


@dataclass(frozen=True, slots=True)
class Ddl:
    """A DDL command that a trigger recorded.

    ``at`` is when; ``login_user`` the user who had logged in; ``command_tag`` the kind of command
    (``CREATE TABLE``); ``object_type`` and ``object_identity`` the object, None where the vendor does not say.
    """

    source: Source
    at: datetime
    login_user: str
    command_tag: str
    object_type: str | None
    object_identity: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a source recorded nothing: from ``since`` until ``until``.

    ``until`` is None while it goes on; ``reason`` says why nothing was recorded.
    """

    source: Source
    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Tampering:
    """A sign of tampering found by verification: ``subject`` is what was verified, ``message`` what is wrong.

    ``at`` is when the records in question were written, where that is known.
    """

    source: Source
    subject: str
    message: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditData:
    """All that was read for one report.

    ``sources`` are all databases that were read, those without records too. ``since`` and ``until`` bound the
    period, which contains ``since`` and not ``until``; ``sessions`` are those that logged on in it.
    ``generated_at`` is when the records were read.

    Raises :class:`ValueError` for a period that ends before it begins, and for bounds without a time zone.
    """

    sources: tuple[Source, ...]
    sessions: tuple[Session, ...]
    refusals: tuple[Refusal, ...]
    ddl: tuple[Ddl, ...]
    gaps: tuple[Gap, ...]
    tamperings: tuple[Tampering, ...]
    since: datetime
    until: datetime
    generated_at: datetime

    def __post_init__(self) -> None:
        for name in ("since", "until", "generated_at"):
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name} has no time zone")
        if self.until < self.since:
            raise ValueError(f"the period ends at {self.until}, before it begins at {self.since}")


def merge(*data: AuditData) -> AuditData:
    """Return the records of several readings as one, in the order of time.

    The period reaches from the first beginning to the last end. Where a source was read for a part of it only, the
    rest becomes a gap. Records are not compared: a record that was read twice is there twice.

    Raises :class:`ValueError` if there is nothing to merge.
    """
    if not data:
        raise ValueError("there is nothing to merge")
    since, until = min(each.since for each in data), max(each.until for each in data)
    sources = tuple(dict.fromkeys(_all(each.sources for each in data)))
    unread = _all(_unread(source, data, since, until) for source in sources)
    return AuditData(
        sources=sources,
        sessions=tuple(sorted(_all(each.sessions for each in data), key=attrgetter("logon_at"))),
        refusals=tuple(sorted(_all(each.refusals for each in data), key=attrgetter("at"))),
        ddl=tuple(sorted(_all(each.ddl for each in data), key=attrgetter("at"))),
        gaps=tuple(sorted(chain(_all(each.gaps for each in data), unread), key=attrgetter("since"))),
        tamperings=tuple(_all(each.tamperings for each in data)),
        since=since,
        until=until,
        generated_at=max(each.generated_at for each in data),
    )


def _unread(source: Source, data: Iterable[AuditData], since: datetime, until: datetime) -> Iterator[Gap]:
    """Yield the parts of the merged period for which a source was not read."""
    reached = since
    for begin, end in sorted((each.since, each.until) for each in data if source in each.sources):
        if begin > reached:
            yield Gap(source, reached, begin, "not read for this time")
        reached = max(reached, end)
    if reached < until:
        yield Gap(source, reached, until, "not read for this time")
