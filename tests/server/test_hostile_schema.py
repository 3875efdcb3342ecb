"""A user who owns the schema, or the database, into which a superuser deploys: his triggers run with our rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.server.guarded import SESSION_AUDIT
from tests.server.sides import Side, emptied, refusal, rendered, roles, side

if TYPE_CHECKING:
    from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

TABLE = """
    CREATE TABLE {schema}.users_log (
        id integer, user_name text, database_name text, event text, client_ip text, tag text, instance_num integer
    );
"""
TRAP = """
    CREATE FUNCTION {schema}.trap() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
            ALTER ROLE mallory SUPERUSER;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER trap BEFORE INSERT ON {schema}.users_log FOR EACH ROW EXECUTE FUNCTION {schema}.trap();
"""
REPLACE = "DROP TABLE {schema}.users_log;" + TABLE + TRAP


@pytest.fixture(scope="module")
def place(server18: EmbeddedServer) -> Iterator[Side]:
    with side(server18, "hostile") as place:
        yield place


@contextmanager
def owned(place: Side, grant: str) -> Iterator[Side]:
    """Lend the database with a right of mallory's in it."""
    name = place.database.name
    with roles(place.database.server, mallory="LOGIN"), emptied(place):
        place.admin.execute(grant.format(database=name))
        try:
            yield place
        finally:
            place.admin.execute(f"ALTER DATABASE {name} OWNER TO postgres")
            place.admin.execute(f"REVOKE ALL ON DATABASE {name} FROM mallory")


def as_mallory(place: Side, sql: str) -> None:
    with place.database.connect("mallory") as mallory:
        mallory.execute(sql)


@pytest.mark.parametrize(
    ("grant", "schema", "before", "after"),
    [
        ("GRANT CREATE ON DATABASE {database} TO mallory", "audit", "CREATE SCHEMA {schema};" + TABLE + TRAP, ""),
        ("GRANT CREATE ON DATABASE {database} TO mallory", "audit", "CREATE SCHEMA {schema}", REPLACE),
        (
            "ALTER DATABASE {database} OWNER TO mallory; ALTER SCHEMA public OWNER TO pg_database_owner",
            "public",
            "",
            REPLACE,
        ),
    ],
    ids=["table and schema are his", "schema is his", "database is his"],
)
def test_who_owns_the_schema_does_not_become_superuser(
    grant: str, schema: str, before: str, after: str, place: Side
) -> None:
    script = rendered(SESSION_AUDIT.replace("schema: audit", f"schema: {schema}"))
    with owned(place, grant) as hostile:
        as_mallory(hostile, before.format(schema=schema))
        refusal(lambda: hostile.admin.execute(script))  # which would be the end of it
        hostile.admin.execute("ROLLBACK")
        with suppress(psycopg.Error):
            as_mallory(hostile, after.format(schema=schema))
        hostile.database.connect("mallory").close()
        query = "SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'"
        assert hostile.admin.execute(query).fetchall() == [(False,)]
