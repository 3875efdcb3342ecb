"""The kinds of records, each a view or table with the same columns on every vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, get_args

from sqlalchemy import DateTime, Integer, Text
from sqlalchemy.types import TypeEngine

from xtrig.audit.formats import utc
from xtrig.audit.records import Ddl, EndedBy, Gap, Refusal, Session, Source, Tampering
from xtrig.errors import DatabaseError

Record = TypeVar("Record", covariant=True)
Row = Mapping[str, Any]

_TYPES: Mapping[str, TypeEngine[Any]] = {"": Text(), "i": Integer(), "t": DateTime(timezone=True)}
_ENDS = get_args(EndedBy)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Record]):
    """One view: its name, its columns, and the record made of a row.

    ``at`` is the column of a record's time; None: records have none and are read for every period. ``ends``
    is the column of its end, for records that last. An ``optional`` view may be missing: then there are no records.
    ``also`` are other names of columns, used all or none. ``made_by`` is how to create the view.
    """

    view: str
    columns: Mapping[str, TypeEngine[Any]]
    make: Callable[[Source, Row], Record]
    at: str | None
    ends: str | None = None
    optional: bool = False
    also: Mapping[str, str] = field(default_factory=dict)
    made_by: str = "xtrig init --preset session-audit, then xtrig apply"


def _columns(words: str) -> dict[str, TypeEngine[Any]]:
    """Return columns with their types: ``name`` is text, ``name:i`` an integer, ``name:t`` a time."""
    parts = (word.partition(":") for word in words.split())
    return {name: _TYPES[kind] for name, _, kind in parts}


def _session(source: Source, row: Row) -> Session:
    ended_by = row["ended_by"]
    return Session(
        source=source,
        session_id=row["session_id"] or "",
        login_user=row["login_user"] or "",
        database=row["database_name"] or "",
        client_ip=row["client_ip"],
        client_port=row["client_port"],
        application=row["application"],
        auth_method=row["auth_method"],
        backend_pid=row["backend_pid"] or 0,
        instance=row["instance"],
        logon_at=_time(row, "logon_at"),
        logoff_at=_maybe(row["logoff_at"]),
        # A value of a later version: the session has ended at least.
        ended_by=ended_by if ended_by is None or ended_by in _ENDS else "unknown",
        last_seen_at=_maybe(row["last_seen_at"]),
        detected_at=_maybe(row["detected_at"]),
        recorded_by=row["source"] or "",
    )


def _refusal(source: Source, row: Row) -> Refusal:
    return Refusal(
        source,
        _time(row, "at"),
        row["login_user"] or "",
        row["database_name"] or "",
        row["client_ip"],
        row["message"] or "",
        session_id=row["session_id"],
        application=row["application"],
        sqlstate=row["sqlstate"],
    )


def _ddl(source: Source, row: Row) -> Ddl:
    tag = row["command_tag"] or ""
    return Ddl(source, _time(row, "at"), row["login_user"] or "", tag, row["object_type"], row["object_identity"])


def _gap(source: Source, row: Row) -> Gap:
    return Gap(source, _time(row, "since"), _maybe(row["until"]), row["reason"] or "")


def _tampering(source: Source, row: Row) -> Tampering:
    return Tampering(source, row["subject"] or "", row["message"] or "", _maybe(row["at"]))


def _maybe(at: datetime | None) -> datetime | None:
    return None if at is None else utc(at)


def _time(row: Row, column: str) -> datetime:
    at: datetime | None = row[column]
    if at is None:
        raise DatabaseError(f"a record has no time in {column!r}, which no xtrig wrote; see: xtrig audit verify")
    return utc(at)


SESSIONS = Kind(
    "sessions",
    _columns(
        "session_id login_user database_name client_ip client_port:i application auth_method backend_pid:i instance "
        "logon_at:t logoff_at:t ended_by last_seen_at:t detected_at:t source"
    ),
    _session,
    at="logon_at",
)
REFUSALS = Kind(
    "refused_logins",
    _columns("at:t session_id login_user database_name client_ip application sqlstate message"),
    _refusal,
    at="at",
)
DDL = Kind(
    "ddl_log",
    _columns("at:t login_user command_tag object_type object_identity"),
    _ddl,
    at="at",
    optional=True,
    also={"at": "recorded_at", "login_user": "user_name"},  # the names of the preset ddl-audit
    made_by="xtrig init --preset ddl-audit, then xtrig apply",
)
GAPS = Kind("coverage_gaps", _columns("since:t until:t reason"), _gap, at="since", ends="until")
TAMPERINGS = Kind("tamper_findings", _columns("subject message at:t"), _tampering, at=None, optional=True)
