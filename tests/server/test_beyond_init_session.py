"""Where our init_session is better than the manual's on purpose, each shown on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import psycopg
import pytest

from tests.server.clock import Clocked
from tests.server.init_session import WORKERS, at, forget, init_session_sides, log_in
from tests.server.sides import Side, Sides, example, rendered, seed

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("clock")]

# In POSIX notation, which is what makes "UTC" an abbreviation with an offset of its own.
WESTERN = "-c TimeZone=UTC+5"
EASTERN = "-c TimeZone=UTC-5"
STATE = (
    "SELECT to_jsonb(t), obj_description(t.oid, 'pg_event_trigger') FROM pg_event_trigger AS t",
    "SELECT to_jsonb(p), obj_description(p.oid, 'pg_proc') FROM pg_proc AS p WHERE proname = 'init_session'",
    "SELECT c.oid, relname, relfilenode, relacl FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace",
    "SELECT oid, rolname FROM pg_roles",
)


@pytest.fixture(scope="module")
def sides(clocked: Clocked) -> Iterator[Sides]:
    with init_session_sides(clocked) as sides:
        for role in WORKERS:
            sides.seed.admin.execute(f"ALTER ROLE {role} LOGIN")
        yield sides


def state(side: Side) -> list[object]:
    return [sorted(side.admin.execute(query).fetchall(), key=str) for query in STATE]


@pytest.mark.parametrize(("role", "hour"), [("day_worker", 12), ("night_worker", 23)])
def test_the_worker_roles_themselves_can_log_in(role: str, hour: int, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(hour))
    for side in (sides.seed, sides.ours):
        side.admin.execute("DELETE FROM user_login_log")
    assert log_in(sides.seed, role).refused == f'role "{role}" is a member of role "{role}"'
    ours = log_in(sides.ours, role)
    assert (ours.refused, ours.rows) == (None, [(role, at(hour))])


@pytest.mark.parametrize("before", [None, "day_worker", "night_worker"])
def test_the_client_is_not_warned(before: str | None, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    said = {}
    for side in (sides.seed, sides.ours):
        forget(side, "alice", before)
        done = side.database.server.run("psql", "-U", "alice", "-d", side.database.name, "-Atc", "SELECT 'in'")
        assert done.stdout == "in\n"
        said[side.name] = done.stderr
    assert said["xtrig"] == ""
    if before != "night_worker":
        assert 'WARNING:  role "alice" has not been granted membership in role "night_worker"' in said["seed"]
    if before == "day_worker":
        assert 'NOTICE:  role "alice" has already been granted membership in role "day_worker"' in said["seed"]


def test_a_second_run_changes_nothing(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    forget(sides.ours, "alice")
    with sides.ours.database.connect("alice") as open_session:
        before = state(sides.ours)
        sides.ours.admin.execute(rendered(example("init_session")))
        assert state(sides.ours) == before
        assert open_session.execute("SELECT count(*) FROM session_storage").fetchone() == (0,)
    assert sides.ours.admin.execute('SELECT "user" FROM user_login_log').fetchall() == [("alice",)]
    assert log_in(sides.ours, "alice").refused is None


def test_a_second_run_of_the_seed_fails(sides: Sides) -> None:
    with pytest.raises(psycopg.errors.DuplicateTable):
        sides.seed.admin.execute(seed("init_session"))


@pytest.mark.parametrize(
    ("options", "moment", "theirs"),
    [
        (WESTERN, at(3), None),
        (EASTERN, at(3), None),
        (WESTERN, at(9, 30), "Login forbidden"),
        (EASTERN, at(22), "Login forbidden"),
    ],
)
def test_the_client_cannot_move_the_refused_hours(
    options: str, moment: datetime, theirs: str | None, sides: Sides, clocked: Clocked
) -> None:
    clocked.stand_at(moment)
    for side in (sides.seed, sides.ours):
        forget(side, "alice")
    assert log_in(sides.seed, "alice", options=options).refused == theirs
    assert log_in(sides.ours, "alice", options=options).refused == (None if theirs else "Login forbidden")


def test_the_client_cannot_move_the_working_day(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12, 30))
    forget(sides.seed, "alice")
    assert log_in(sides.seed, "alice", options=WESTERN).roles == ["night_worker"]
    forget(sides.ours, "alice")
    assert log_in(sides.ours, "alice", options=WESTERN).roles == ["day_worker"]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "UTC+12", "<UTC>-14", "-3", "utc"])
@pytest.mark.parametrize(
    ("moment", "refused"), [(at(1, 59, 59), False), (at(2), True), (at(4, 59), True), (at(5), False)]
)
def test_no_time_zone_moves_our_hours(
    zone: str, moment: datetime, refused: bool, sides: Sides, clocked: Clocked
) -> None:
    clocked.stand_at(moment)
    forget(sides.ours, "alice")
    expected = "Login forbidden" if refused else None
    assert log_in(sides.ours, "alice", options=f"-c TimeZone={zone}").refused == expected


def test_a_read_only_session_is_let_in_and_logged(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    for side in (sides.seed, sides.ours):
        forget(side, "alice")
    options = "-c default_transaction_read_only=on"
    assert (
        log_in(sides.seed, "alice", options=options).refused == "cannot execute REVOKE ROLE in a read-only transaction"
    )
    ours = log_in(sides.ours, "alice", options=options)
    assert (ours.refused, ours.rows) == (None, [])
    line = f'alice@{sides.ours.database.name} LOG:  xtrig {{"outcome" : "not written"'
    assert line in sides.ours.database.server.log_text()


def test_a_read_only_session_is_refused_at_the_refused_hours(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(3))
    for side in (sides.seed, sides.ours):
        login = log_in(side, "alice", options="-c default_transaction_read_only=on")
        assert login.refused == "Login forbidden"


def test_a_missing_role_is_found_before_the_logins_are(clocked: Clocked, sides: Sides) -> None:
    definition = example("init_session").replace("night_worker", "weekend_worker")
    with pytest.raises(psycopg.errors.RaiseException, match="role weekend_worker does not exist; create it first"):
        sides.ours.admin.execute(rendered(definition))
    sides.ours.admin.execute("ROLLBACK")
    clocked.stand_at(at(12))
    assert log_in(sides.ours, "alice").refused is None
