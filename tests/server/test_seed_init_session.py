"""The manual's login example and ours: the same logins at every hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.server.clock import Clocked
from tests.server.init_session import at, forget, init_session_sides, log_in
from tests.server.sides import Sides

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("clock")]

HOURS = [at(hour, 30) for hour in range(24)]
EDGES_OF_REFUSAL = [at(1, 59, 59), at(2), at(4, 59, 59), at(5)]
EDGES_OF_DAY = [at(7, 59, 59), at(8), at(20, 59, 59), at(21)]
MOMENTS = [*HOURS, *EDGES_OF_REFUSAL, *EDGES_OF_DAY]


@pytest.fixture(scope="module")
def sides(clocked: Clocked) -> Iterator[Sides]:
    with init_session_sides(clocked) as sides:
        yield sides


@pytest.mark.parametrize("user", ["alice", "boss"])
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment:%H:%M:%S}")
def test_every_login_is_the_seeds(moment: datetime, user: str, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(moment)
    for before in (None, "day_worker", "night_worker"):
        forget(sides.seed, user, before)
        theirs = log_in(sides.seed, user)
        forget(sides.ours, user, before)
        assert log_in(sides.ours, user) == theirs
        if 2 <= moment.hour <= 4:
            assert theirs.refused == "Login forbidden"
            assert (theirs.roles, theirs.tables, theirs.rows) == ([before] if before else [], [], [])
        else:
            assert theirs.refused is None
            assert theirs.roles == ["day_worker" if 8 <= moment.hour <= 20 else "night_worker"]
            assert theirs.tables == [("session_storage", user, "t", "r", ["x double precision", "y integer"])]
            assert theirs.rows == [(user, moment)]


def test_the_log_tables_are_the_same(sides: Sides) -> None:
    columns = """
        SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef FROM pg_attribute
        WHERE attrelid = 'public.user_login_log'::regclass AND attnum > 0 ORDER BY attnum
    """
    found = [side.admin.execute(columns).fetchall() for side in (sides.seed, sides.ours)]
    assert found[0] == found[1]
    assert [column[0] for column in found[0]] == ["user", "session_start"]


def test_the_triggers_are_the_same(sides: Sides) -> None:
    triggers = """
        SELECT evtname, evtevent, evtenabled, evttags, evtfoid::regproc::text, evtowner::regrole::text, prosecdef
        FROM pg_event_trigger JOIN pg_proc ON pg_proc.oid = evtfoid
    """
    found = [side.admin.execute(triggers).fetchall() for side in (sides.seed, sides.ours)]
    assert found[0] == found[1]
    assert found[0] == [("init_session", "login", "A", None, "init_session", "postgres", True)]


def test_two_sessions_of_one_role_have_a_table_each(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(9))
    for side in (sides.seed, sides.ours):
        forget(side, "alice")
        with side.database.connect("alice") as one, side.database.connect("alice") as other:
            one.execute("INSERT INTO session_storage VALUES (1.5, 2)")
            assert one.execute("SELECT x, y FROM session_storage").fetchall() == [(1.5, 2)]
            assert other.execute("SELECT x, y FROM session_storage").fetchall() == []
        assert side.admin.execute('SELECT DISTINCT "user" FROM user_login_log').fetchall() == [("alice",)]


def test_a_role_passed_on_refuses_the_login_on_both(sides: Sides, clocked: Clocked) -> None:
    for side in (sides.seed, sides.ours):
        clocked.stand_at(at(9))
        forget(side, "alice")
        side.admin.execute("GRANT day_worker TO alice WITH ADMIN OPTION")
        with side.database.connect("alice") as alice:
            alice.execute("GRANT day_worker TO boss")
        clocked.stand_at(at(22))
        assert log_in(side, "alice").refused == "dependent privileges exist"
    forget(sides.ours, "alice")
