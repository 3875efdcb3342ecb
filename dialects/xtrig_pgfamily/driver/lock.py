"""The lock of deployments: two at a time exclude each other, and an ordinary role can hold up neither.

It is a lock on a view of the catalogs that only superusers, and members of pg_maintain, may take, in a mode that is
in the way of no reader. Whoever has no right to it, as a privileged role of a service, takes the advisory lock alone.
That is taken in any case, since it outlives a transaction, and former versions of xtrig have no other; every role may
take it, so who holds it is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xtrig.errors import DatabaseError, DriverError
from xtrig.plugin import literal, one_line

if TYPE_CHECKING:
    from xtrig.dialect.driver import Row
    from xtrig_pgfamily.driver.session import Session

_KEY = int.from_bytes(b"xtrig")
_KEYS = f"{_KEY >> 32}, {_KEY & 0x7FFFFFFF}"
"""The key of the advisory lock; with the two-key form other people's keys are less likely to be the same."""

VIEW = "LOCK TABLE pg_catalog.pg_cursors IN SHARE UPDATE EXCLUSIVE MODE"
"""A view without a table below it, which LOCK would lock as well; and ANALYZE, by which the owner of a database could
lock a catalog, does not work on views."""
ADVISORY = f"SELECT pg_advisory_xact_lock({_KEYS})"
"""What former versions take; waits."""
_TRY = f"SELECT pg_try_advisory_lock({_KEYS}) AS done"
_TRY_IN_TRANSACTION = f"SELECT pg_try_advisory_xact_lock({_KEYS}) AS done"

_LOCKS = """
FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
    -- A prepared transaction has no process: it outlives its session, and the server.
    LEFT JOIN pg_locks AS own ON l.pid IS NULL AND own.pid IS NULL AND own.locktype = 'transactionid'
        AND own.virtualtransaction = l.virtualtransaction
    LEFT JOIN pg_prepared_xacts AS p ON p.transaction = own.transactionid
    LEFT JOIN pg_roles AS r ON r.rolname = coalesce(a.usename, p.owner)
""".strip()
_HOLDERS = f"""
SELECT a.pid, r.rolname::text AS role, gid, date_trunc('second', coalesce(xact_start, backend_start, prepared))::text
        AS since,
    a.state, a.query, coalesce(rolsuper OR rolcreaterole OR rolname = session_user
        OR EXISTS (SELECT FROM pg_event_trigger WHERE evtowner = r.oid), true) AS may_deploy
{_LOCKS}
WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.locktype = 'advisory' AND l.classid = {_KEY >> 32} AND l.objid = {_KEY & 0x7FFFFFFF} AND l.objsubid = 2
        OR l.locktype = 'relation' AND l.relation = 'pg_catalog.pg_cursors'::regclass
            AND l.mode = 'ShareUpdateExclusiveLock')
ORDER BY a.pid
""".strip()

IN_THE_WAY = f"""
SELECT DISTINCT a.pid, r.rolname::text AS role, gid, a.state, a.query,
    date_trunc('second', coalesce(xact_start, prepared))::text AS since
{_LOCKS}
WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() AND coalesce(xact_start, prepared) IS NOT NULL AND (
    l.locktype = 'object' AND l.classid = 'pg_database'::regclass
        AND l.objid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (a.state IS NOT NULL OR a.query <> '' OR gid IS NOT NULL)
    OR l.locktype = 'transactionid'
        AND l.transactionid = (SELECT xmax FROM pg_database WHERE datname = current_database())
    OR l.locktype = 'relation' AND l.relation >= 16384
        AND coalesce(xact_start, prepared) < clock_timestamp() - interval '1 second'
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
ORDER BY since LIMIT 3
""".strip()
"""Who holds what a deployment waits for: the database itself, its row in pg_database, or a table for longer than a
healthy transaction takes."""

_PAUSE = 0.1


def take(session: Session, timeout: float) -> bool:
    """Take the lock for the session, in a transaction that is left open; return whether that is of the view.

    The session commits by itself. It asks again and again and does not queue: a guard that lets the lock go between
    two of its transactions has it again at once. Raises :class:`~xtrig.errors.DatabaseError` with who holds it.
    """
    end = time.monotonic() + timeout
    while True:
        has_view, holders = _attempt(session)
        if not holders:
            return has_view
        if time.monotonic() > end:
            raise DatabaseError(_refused(holders))
        time.sleep(_PAUSE)


def take_in_transaction(session: Session) -> None:
    """Take the lock until the transaction of the caller's ends; waits as long as lock_timeout says."""
    try:
        with session.sqlalchemy.begin_nested():
            session.execute(VIEW)
        has_view = True
    except DriverError as error:
        if error.is_locked:
            raise
        has_view = False
    if session.row(_TRY_IN_TRANSACTION)["done"] or (has_view and not _deploying(session.rows(_HOLDERS))):
        return
    session.execute(ADVISORY)


def _attempt(session: Session) -> tuple[bool, Sequence[Row]]:
    """Return whether the lock of the view is held, and who keeps the lock from being taken."""
    begin_with_view = take_view(session)
    if begin_with_view is None:
        return False, session.rows(_HOLDERS) or [{}]
    if session.row(_TRY)["done"]:
        return begin_with_view, ()
    holders = session.rows(_HOLDERS)
    if begin_with_view and not _deploying(holders):
        return True, ()
    session.execute("ROLLBACK")
    return False, holders or [{}]


def take_view(session: Session) -> bool | None:
    """Begin a transaction with the lock of the view; return None if another has it, False without the right to it."""
    session.execute("START TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE")
    try:
        session.execute(f"{VIEW} NOWAIT")
    except DriverError as error:
        if session.is_broken:
            raise
        session.execute("ROLLBACK")
        return None if error.is_locked else False
    return True


def _deploying(holders: Sequence[Row]) -> list[Row]:
    """Return those who may be deploying: an ordinary role cannot."""
    return [each for each in holders if each["may_deploy"]]


def _refused(holders: Sequence[Row]) -> str:
    if any(each.get("may_deploy", True) for each in holders):
        said = "another deployment to this database is under way, or was cut off and is being taken back"
    else:
        said = "a role that deploys nothing holds the lock of deployments"
    who = "; ".join(described(each) for each in holders if each)
    return f"{said}{f' ({who})' if who else ''}; wait for it or end it, then try again"


def described(holder: Row) -> str:
    """Return who holds a lock, since when, and how to end it."""
    if holder.get("pid") is None:
        gid = holder.get("gid")
        if gid is None:
            return "a prepared transaction holds it: see pg_prepared_xacts"
        return (
            f"a prepared transaction of {one_line(str(holder['role']))!r} holds it since {holder['since']}; to end it: "
            f"ROLLBACK PREPARED {one_line(literal(str(gid)))}"
        )
    doing = one_line(" ".join(str(holder["query"] or "").split()))[:80]
    doing = f"{holder['state'] or 'state unknown'}: {doing}" if doing else str(holder["state"] or "state unknown")
    return (
        f"session {holder['pid']} of {one_line(str(holder['role']))!r} holds it since {holder['since']} ({doing}); to "
        f"end it: SELECT pg_terminate_backend({holder['pid']})"
    )
