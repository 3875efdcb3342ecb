"""A user who may create objects in some schema, and what he gets out of each function that runs as superuser.

The attacks succeed against the manual's SQL, or against ours once its search_path is unpinned: so it is the
pinned search_path that stops them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.server.clock import NOON, Clocked
from tests.server.init_session import WORKERS, at
from tests.server.sides import Side, emptied, example, refusal, rendered, roles, seed, side

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("clock")]

PINNED = "    SET search_path = pg_catalog, pg_temp\n"
EVIL_FIRST = "-c search_path=evil,pg_catalog"
PREPARE = """
    CREATE SCHEMA evil;
    GRANT USAGE, CREATE ON SCHEMA evil TO mallory;
    CREATE SCHEMA vault;
    CREATE TABLE vault.session_storage (secret text);
    CREATE TABLE public.big (a integer);
    ALTER TABLE public.big OWNER TO mallory;
    UPDATE pg_class SET relpages = 5000 WHERE oid = 'public.big'::regclass;
"""
TAKE_OVER = """
    CREATE FUNCTION evil.take_over() RETURNS integer LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user) THEN
            ALTER ROLE mallory SUPERUSER;
        END IF;
        RETURN 0;
    END $$;
"""
FUNCTION_OF_A_NEARER_TYPE = """
    CREATE FUNCTION evil.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM evil.take_over();
        RETURN pg_catalog.quote_ident($1::text);
    END $$;
"""
FUNCTION_OF_THE_SAME_NAME = """
    CREATE FUNCTION evil.pg_is_in_recovery() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM evil.take_over();
        RETURN false;
    END $$;
"""
OPERATOR = """
    CREATE FUNCTION evil.ge(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM evil.take_over();
        RETURN pg_catalog.int4ge($1, $2);
    END $$;
    CREATE OPERATOR evil.>= (FUNCTION = evil.ge, LEFTARG = integer, RIGHTARG = integer);
"""
CATALOG = """
    CREATE VIEW evil.pg_auth_members AS
    SELECT m.* FROM pg_catalog.pg_auth_members AS m WHERE evil.take_over() OPERATOR(pg_catalog.=) 0;
"""
# A temporary pg_class in which no table has pages, and which does as its creator wants when it is read.
TEMPORARY_CATALOG = """
    CREATE TEMPORARY VIEW pg_class AS SELECT c.oid, evil.take_over() AS relpages FROM pg_catalog.pg_class AS c;
"""
INIT_SESSION = {
    "seed": seed("init_session"),
    "ours": rendered(example("init_session")),
    "unpinned": rendered(example("init_session")).replace(PINNED, ""),
}
NO_REWRITE = {
    "seed": seed("no_rewrite"),
    "ours": rendered(example("no_rewrite")),
    "definer": seed("no_rewrite").replace("plpgsql AS", "plpgsql SECURITY DEFINER AS"),
    # Where pg_temp is not named, PostgreSQL looks for tables there first.
    "half pinned": rendered(example("no_rewrite")).replace(PINNED, "    SET search_path = pg_catalog\n"),
}


@pytest.fixture(scope="module")
def place(clocked: Clocked) -> Iterator[Side]:
    clocked.stand_at(NOON)
    with side(clocked.server, "attacked") as place:
        yield place


@contextmanager
def under_attack(place: Side, script: str) -> Iterator[Side]:
    with roles(place.database.server, *WORKERS, mallory="LOGIN"), emptied(place):
        if "CREATE ROLE" not in script:
            for worker in WORKERS:
                place.admin.execute(f"CREATE ROLE {worker}")
        for sql in (PREPARE, script, "CREATE TABLE public.foo ()"):
            place.admin.execute(sql)
        yield place


def is_superuser(attacked: Side) -> bool:
    row = attacked.admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'").fetchone()
    assert row is not None
    return bool(row[0])


def attack(attacked: Side, *objects: str) -> str | None:
    """Make the objects as the ordinary user that he is, and log in with them in front of the catalog."""
    with attacked.database.connect("mallory") as mallory:
        for sql in (TAKE_OVER, *objects):
            mallory.execute(sql)
    assert not is_superuser(attacked)
    return refusal(lambda: attacked.database.connect("mallory", options=EVIL_FIRST).close())


@pytest.mark.parametrize(
    ("objects", "taken"),
    [
        (FUNCTION_OF_A_NEARER_TYPE, {"seed"}),
        (FUNCTION_OF_THE_SAME_NAME, {"seed", "unpinned"}),
        (OPERATOR, {"seed", "unpinned"}),
        (CATALOG, {"unpinned"}),
    ],
    ids=["function of a nearer type", "function of the same name", "operator", "catalog table"],
)
@pytest.mark.parametrize("script", INIT_SESSION)
def test_a_login_gives_superuser_away_only_without_our_search_path(
    script: str, objects: str, taken: set[str], place: Side, clocked: Clocked
) -> None:
    clocked.stand_at(NOON)
    with under_attack(place, INIT_SESSION[script]) as attacked:
        assert attack(attacked, objects) is None
        assert is_superuser(attacked) is (script in taken)


def test_all_attacks_at_once_leave_our_login_as_it_was(place: Side, clocked: Clocked) -> None:
    clocked.stand_at(NOON)
    with under_attack(place, INIT_SESSION["ours"]) as attacked:
        objects = (FUNCTION_OF_A_NEARER_TYPE, FUNCTION_OF_THE_SAME_NAME, OPERATOR, CATALOG)
        assert attack(attacked, *objects) is None
        assert not is_superuser(attacked)
        rows = attacked.admin.execute('SELECT "user" FROM user_login_log').fetchall()
        assert rows == [("mallory",), ("mallory",)]


@pytest.mark.parametrize(("script", "owner"), [("seed", "mallory"), ("ours", "postgres")])
def test_a_login_gives_away_another_table_of_that_name_only_with_the_seed(
    script: str, owner: str, place: Side, clocked: Clocked
) -> None:
    clocked.stand_at(NOON)
    with under_attack(place, INIT_SESSION[script]) as attacked:
        attacked.database.connect("mallory", options="-c search_path=vault,pg_temp").close()
        query = "SELECT tableowner FROM pg_tables WHERE schemaname = 'vault'"
        assert attacked.admin.execute(query).fetchall() == [(owner,)]


@pytest.mark.parametrize(
    ("script", "allowed", "taken"),
    [("seed", True, False), ("definer", True, True), ("half pinned", True, True), ("ours", False, False)],
)
def test_a_temporary_table_in_front_of_the_catalog_deceives_all_but_ours(
    script: str, allowed: bool, taken: bool, place: Side, clocked: Clocked
) -> None:
    clocked.stand_at(at(3))
    with under_attack(place, NO_REWRITE[script]) as attacked:
        with attacked.database.connect("mallory", options="-c TimeZone=UTC") as mallory:
            rewrite = "ALTER TABLE public.big ALTER COLUMN a TYPE bigint"
            limit = "rewrites only allowed for table with less than 100 pages"
            with pytest.raises(psycopg.Error, match=limit):
                mallory.execute(rewrite)
            mallory.execute(TAKE_OVER)
            mallory.execute(TEMPORARY_CATALOG)
            assert refusal(lambda: mallory.execute(rewrite)) == (None if allowed else limit)
        assert is_superuser(attacked) is taken


def test_every_function_of_every_example_is_pinned() -> None:
    for name in ("ddl_audit", "init_session", "no_ddl", "no_rewrite", "session_audit"):
        script = rendered(example(name))
        assert script.count("CREATE OR REPLACE FUNCTION") == script.count(PINNED) > 0
