"""What a login into the two sides of init_session leaves behind, at any hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.server.clock import NOON, Clocked
from tests.server.sides import Side, Sides, example, refusal, roles, side_by_side

WORKERS = ("day_worker", "night_worker")

MEMBERSHIPS = """
    SELECT m.roleid::regrole::text, m.grantor::regrole::text, m.admin_option, m.inherit_option, m.set_option
    FROM pg_auth_members AS m
    WHERE m.member = %s::regrole AND m.roleid::regrole::text IN ('day_worker', 'night_worker')
"""
SESSION_TABLES = """
    SELECT c.relname, c.relowner::regrole::text, c.relpersistence, c.relkind,
           array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = pg_my_temp_schema()
    GROUP BY c.oid
"""


@dataclass(frozen=True)
class Login:
    """What came of a login."""

    refused: str | None
    memberships: list[tuple[Any, ...]]
    tables: list[tuple[Any, ...]]
    rows: list[tuple[Any, ...]]

    @property
    def roles(self) -> list[str]:
        """The roles that the user is a member of."""
        return [membership[0] for membership in self.memberships]


@contextmanager
def init_session_sides(clocked: Clocked) -> Iterator[Sides]:
    """Set up both sides, an ordinary role `alice` and a superuser `boss`, at noon."""
    clocked.stand_at(NOON)
    server = clocked.server
    with (
        roles(server, *WORKERS, alice="LOGIN", boss="LOGIN SUPERUSER"),
        side_by_side(server, "init_session", example("init_session")) as sides,
    ):
        yield sides


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a time of the day, UTC."""
    return NOON.replace(hour=hour, minute=minute, second=second, tzinfo=UTC)


def forget(side: Side, user: str, before: str | None = None) -> None:
    """Take a user's memberships and log rows away; give him the role `before` instead."""
    for role in WORKERS:
        side.admin.execute(f"REVOKE {role} FROM {user} CASCADE")
    if before is not None:
        side.admin.execute(f"GRANT {before} TO {user}")
    side.admin.execute("DELETE FROM public.user_login_log")


def log_in(side: Side, user: str, *, options: str = "") -> Login:
    """Log in as a user and tell what that did; memberships belong to the cluster, so one side at a time."""
    tables: list[tuple[Any, ...]] = []

    def attempt() -> None:
        with side.database.connect(user, options=options) as session:
            tables.extend(session.execute(SESSION_TABLES).fetchall())

    refused = refusal(attempt)
    memberships = side.admin.execute(MEMBERSHIPS, (user,)).fetchall()
    rows = side.admin.execute('SELECT "user", session_start FROM public.user_login_log').fetchall()
    return Login(refused, memberships, tables, rows)
