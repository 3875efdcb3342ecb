"""The manual's rewrite policy and ours: the same three rules, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.server.clock import Clocked
from tests.server.init_session import at
from tests.server.sides import Side, Sides, example, refusal, roles, side_by_side

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("clock")]

UTC = "-c TimeZone=UTC"
NEVER = "you're not allowed to rewrite the table foo"
TOO_BIG = "rewrites only allowed for table with less than 100 pages"
TOO_LATE = "rewrites only allowed between 1am and 6am"
TABLES = """
    CREATE TABLE public.foo (a integer);
    CREATE TABLE public.small (a integer);
    CREATE TABLE public.big (a integer, filler text);
    CREATE TABLE public.sized (a integer);
    ALTER TABLE public.foo OWNER TO carol;
    ALTER TABLE public.small OWNER TO carol;
    ALTER TABLE public.big OWNER TO carol;
    ALTER TABLE public.sized OWNER TO carol;
    INSERT INTO public.small VALUES (1);
    INSERT INTO public.big SELECT n, repeat('x', 400) FROM generate_series(1, 4000) AS n;
    ANALYZE public.big;
"""


@pytest.fixture(scope="module")
def sides(clocked: Clocked) -> Iterator[Sides]:
    def prepare(side: Side) -> None:
        side.admin.execute(TABLES)

    with (
        roles(clocked.server, carol="LOGIN"),
        side_by_side(clocked.server, "no_rewrite", example("no_rewrite"), prepare) as sides,
    ):
        yield sides


def rewrite(session: psycopg.Connection[Any], table: str) -> None:
    # The expression makes it a rewrite even where the type stays.
    session.execute(f"ALTER TABLE public.{table} ALTER COLUMN a TYPE bigint USING a + 0")


def attempt(side: Side, table: str, user: str = "carol", options: str = UTC) -> str | None:
    """Rewrite a table; return the refusal without the schema, which the seed's message leaves out."""
    with side.database.connect(user, options=options) as session:
        said = refusal(lambda: rewrite(session, table))
    return said.replace("public.", "") if said else None


@pytest.mark.parametrize("user", ["carol", "postgres"])
def test_every_hour_gives_the_seeds_answers(user: str, sides: Sides, clocked: Clocked) -> None:
    for hour in range(24):
        clocked.stand_at(at(hour, 30))
        theirs = {table: attempt(sides.seed, table, user) for table in ("foo", "big", "small")}
        ours = {table: attempt(sides.ours, table, user) for table in theirs}
        assert ours == theirs
        assert theirs == {"foo": NEVER, "big": TOO_BIG, "small": None if 1 <= hour <= 6 else TOO_LATE}


@pytest.mark.parametrize(
    ("moment", "refused"), [(at(0, 59, 59), True), (at(1), False), (at(6, 59, 59), False), (at(7), True)]
)
def test_the_window_has_the_seeds_edges(moment: datetime, refused: bool, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(moment)
    for side in (sides.seed, sides.ours):
        assert attempt(side, "small") == (TOO_LATE if refused else None)


@pytest.mark.parametrize(("pages", "refused"), [(0, None), (99, None), (100, None), (101, TOO_BIG)])
def test_the_limit_is_the_seeds(pages: int, refused: str | None, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(3))
    for side in (sides.seed, sides.ours):
        side.admin.execute("UPDATE pg_class SET relpages = %s WHERE relname = 'sized'", (pages,))
        assert attempt(side, "sized") == refused


def test_the_big_table_really_has_so_many_pages(sides: Sides) -> None:
    for side in (sides.seed, sides.ours):
        query = "SELECT relpages, pg_relation_size(oid) / 8192 FROM pg_class WHERE relname = 'big'"
        assert [pages > 100 for pages in side.admin.execute(query).fetchone() or ()] == [True, True]


def test_a_refused_rewrite_leaves_the_table_as_it_was(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    for side in (sides.seed, sides.ours):
        query = "SELECT relfilenode, atttypid::regtype::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        query += " WHERE relname = 'foo' AND attname = 'a'"
        before = side.admin.execute(query).fetchall()
        assert attempt(side, "foo") == NEVER
        assert side.admin.execute(query).fetchall() == before


@pytest.mark.parametrize(
    "command",
    [
        "VACUUM FULL public.foo",  # the gap that the manual names
        "CREATE INDEX foo_a ON public.foo (a); CLUSTER public.foo USING foo_a; DROP INDEX foo_a",
        "ALTER TABLE public.foo ADD COLUMN b text; ALTER TABLE public.foo DROP COLUMN b",
        "TRUNCATE public.foo",
    ],
)
def test_what_the_seed_lets_pass_passes(command: str, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    for side in (sides.seed, sides.ours):
        for statement in command.split("; "):
            side.admin.execute(statement)


def test_our_refusals_are_privilege_errors_and_the_seeds_are_not(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(12))
    for side, sqlstate in ((sides.seed, "P0001"), (sides.ours, "42501")):
        for table in ("foo", "big", "small"):
            with side.database.connect("carol", options=UTC) as session, pytest.raises(psycopg.Error) as caught:
                rewrite(session, table)
            assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(("zone", "moment", "theirs"), [("UTC-3", at(0), None), ("UTC+5", at(3), TOO_LATE)])
def test_the_client_cannot_move_our_window(
    zone: str, moment: datetime, theirs: str | None, sides: Sides, clocked: Clocked
) -> None:
    clocked.stand_at(moment)
    options = f"-c TimeZone={zone}"
    assert attempt(sides.seed, "small", options=options) == theirs
    assert attempt(sides.ours, "small", options=options) == (None if theirs else TOO_LATE)


def test_without_the_table_foo_the_seed_refuses_all_rewrites_and_ours_none(sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(3))
    for side, refused in ((sides.seed, 'relation "foo" does not exist'), (sides.ours, None)):
        side.admin.execute("ALTER TABLE public.foo RENAME TO bar")
        try:
            assert attempt(side, "small") == refused
        finally:
            side.admin.execute("ALTER TABLE public.bar RENAME TO foo")


@pytest.mark.parametrize(
    "setting",
    [
        "search_path=public",
        "search_path=pg_temp",
        "quote_all_identifiers=on",
    ],
)
def test_no_setting_of_the_client_opens_the_table_foo(setting: str, sides: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(3))
    assert attempt(sides.seed, "foo", options=f"-c {setting}") in (NEVER, NEVER.replace("foo", '"foo"'))
    assert attempt(sides.ours, "foo", options=f"-c {setting}") == NEVER
