"""The tables of the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xtrig.plugin import Statement, literal
from xtrig_pgfamily.objects import Grant, Table, TableColumn
from xtrig_pgfamily.objects.table import NEEDED
from xtrig_pgfamily.sessions.names import Names


@dataclass(frozen=True, slots=True)
class _Table:
    """``columns`` and ``constraints`` are SQL, a line each; ``needed`` are the columns that are NOT NULL."""

    name: str
    purpose: str
    columns: tuple[tuple[str, str], ...]
    needed: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    after: str = ""
    more: tuple[str, ...] = ()
    shown_constraints: tuple[str, ...] = ()
    """``constraints`` as pg_get_constraintdef() has them."""
    indexes: tuple[str, ...] = ()
    """What pg_get_indexdef() has behind USING, of the indexes that ``more`` makes."""
    grants: tuple[tuple[str, str], ...] = ()
    """Role (``writer`` or ``reader``) to privilege."""


# No index, key, default, identity, partition or constraint: each costs a login 4 to 15 %.
_INBOX = _Table(
    "session_inbox",
    "Sessions that are open, or ended and not yet put away: what a login writes to",
    (
        ("login_user", "name"),
        ("client_addr", "inet"),
        ("client_port", "integer"),
        ("application", "text"),
        ("authn", "text"),
        ("backend_pid", "integer"),
        ("started_at", "timestamptz"),
        ("synchronous_commit", "text"),
        ("backend_start", "timestamptz"),
        ("session_id", "text"),
        ("ended_at", "timestamptz"),
        ("ended_by", "text"),
        ("last_seen_at", "timestamptz"),
        ("detected_at", "timestamptz"),
        ("source", "text"),
        # The name at login: the database may be renamed or copied before the row is put away.
        ("database_name", "text"),
    ),
    # Truncation takes ACCESS EXCLUSIVE, which blocks the INSERT of logins.
    after=" WITH (\n    vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, "
    "autovacuum_vacuum_threshold = 1000,\n    autovacuum_vacuum_insert_threshold = -1\n)",
    grants=(("writer", "INSERT"),),
)
# recorded_at only grows, so a past partition gets no more rows and can be sealed.
_LOG = _Table(
    "session_log",
    "Sessions that have ended; only ever inserted to, and dropped by partition",
    (
        ("recorded_at", "timestamptz"),
        ("session_id", "text"),
        ("instance", "text"),
        ("database_name", "name"),
        ("login_user", "name"),
        ("client_addr", "inet"),
        ("client_port", "integer"),
        ("application", "text"),
        ("auth_method", "text"),
        ("auth_identity", "text"),
        ("backend_pid", "integer"),
        ("started_at", "timestamptz"),
        ("ended_at", "timestamptz"),
        ("ended_by", "text"),
        ("last_seen_at", "timestamptz"),
        ("detected_at", "timestamptz"),
        ("source", "text"),
    ),
    needed=("recorded_at", "instance", "database_name", "ended_by", "source"),
    constraints=("CHECK (ended_by IN ('logoff', 'inferred', 'server log', 'unknown'))",),
    shown_constraints=(
        "CHECK ((ended_by = ANY (ARRAY['logoff'::text, 'inferred'::text, 'server log'::text, 'unknown'::text])))",
    ),
    after=" PARTITION BY RANGE (recorded_at)",
    indexes=("btree (((login_user)::text), started_at)", "btree (started_at)"),
    more=(
        # The expression of the view; an index of the plain column would not be used.
        "CREATE INDEX IF NOT EXISTS session_log_user ON @schema@.session_log ((login_user::text), started_at)",
        "CREATE INDEX IF NOT EXISTS session_log_start ON @schema@.session_log (started_at)",
    ),
)
_REFUSED = _Table(
    "refused_login",
    "Refused logins, from the server log: a refusal takes its own row back",
    (
        ("at", "timestamptz"),
        ("session_id", "text"),
        ("login_user", "text"),
        ("database_name", "text"),
        ("client_ip", "text"),
        ("application", "text"),
        ("sqlstate", "text"),
        ("message", "text"),
    ),
    needed=("at",),
    indexes=("btree (at)",),
    more=("CREATE INDEX IF NOT EXISTS refused_login_at ON @schema@.refused_login (at)",),
)
# One row, which is locked by the one session that looks for ended ones. Any user can take an advisory lock.
_STATE = _Table(
    "session_state",
    "When it is time to look for sessions that have ended",
    (
        ("reap_due", "timestamptz"),
        ("complete_at", "timestamptz"),
        ("timeline", "text"),
        ("next_block", "bigint"),
        ("installed_at", "timestamptz"),
        ("kept", "jsonb"),
    ),
    needed=("reap_due", "complete_at", "timeline", "next_block", "installed_at"),
    after=" WITH (\n    fillfactor = 10, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0, "
    "autovacuum_vacuum_threshold = 200\n)",
    more=(
        "INSERT INTO @schema@.session_state SELECT now(), now(), '', 0, now()\n"
        "WHERE NOT EXISTS (SELECT FROM @schema@.session_state)",
    ),
    # On the whole table: a column privilege costs 2 % of a login.
    grants=(("writer", "SELECT"),),
)
_POSITION = _Table(
    "log_position",
    "How far each file of the server log has been read",
    (("file", "text"), ("head", "bytea"), ("done", "bigint"), ("is_read", "boolean")),
    needed=("file", "head", "done"),
    constraints=("PRIMARY KEY (file)",),
    shown_constraints=("PRIMARY KEY (file)",),
)
_SEAL = _Table(
    "seal",
    "A seal for each batch of rows that was put away, chained without gaps",
    (
        ("n", "bigint"),
        ("kind", "text"),
        ("recorded_at", "timestamptz"),
        ("detail", "text"),
        ("rows", "bigint"),
        ("digest", "bytea"),
    ),
    needed=("n", "kind", "recorded_at", "rows", "digest"),
    constraints=("PRIMARY KEY (n)", "CHECK (kind IN ('batch', 'dropped'))"),
    shown_constraints=("PRIMARY KEY (n)", "CHECK ((kind = ANY (ARRAY['batch'::text, 'dropped'::text])))"),
    grants=(("reader", "SELECT"),),
)
_COVERAGE = _Table(
    "coverage",
    "Whether logins were recorded, each time somebody looked",
    (("since", "timestamptz"), ("until", "timestamptz"), ("reason", "text")),
    needed=("since", "until"),
)
_TABLES = (_INBOX, _LOG, _REFUSED, _STATE, _POSITION, _SEAL, _COVERAGE)


def tables(names: Names) -> Iterator[Table]:
    """Yield the tables."""
    for table in _TABLES:
        yield _made(names, table)


def shown() -> str:
    """Return the rows of VALUES with each table's name, columns, constraints, indexes and storage parameters.

    They are spelt as the catalogs have them.
    """
    return ", ".join(
        f"({literal(each.name)}, {_array(column for column, _ in each.columns)}, "
        f"{_array(each.shown_constraints)}, {_array(each.indexes)}, {_array(_parameters(each.after))})"
        for each in _TABLES
    )


def _parameters(storage: str) -> list[str]:
    """Return the parameters of WITH as pg_class has them."""
    given = storage.partition(" WITH (")[2].rpartition(")")[0]
    return [each.strip().replace(" = ", "=") for each in given.split(",") if each.strip()]


def _array(words: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(map(literal, words))}]::text[]"


def _made(names: Names, table: _Table) -> Table:
    made = Table(
        path=names.path(table.name),
        columns=tuple(_column(table, column, kind) for column, kind in table.columns),
        constraints=table.constraints,
        storage=table.after,
        after=tuple(Statement(names.filled(sql), "") for sql in table.more),
        grants=tuple(sorted(Grant(names.role(role), privilege) for role, privilege in table.grants)),
        states_grants=True,
        owner=names.sessions.owner,
        purpose=f"Table {names.called(table.name)}: {table.purpose}",
    )
    return made.marked(names.set_name)


def _column(table: _Table, column: str, kind: str) -> TableColumn:
    is_needed, is_key = column in table.needed, f"PRIMARY KEY ({column})" in table.constraints
    return TableColumn(column, kind, is_needed, kind + (NEEDED if is_needed else ""), is_key=is_key)
