"""A seed's own SQL and xtrig's rendering of the example that follows it, on one server in two databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

import xtrig
from tests.server.conftest import Database, fresh_database
from xtrig_pgfamily.embedded.server import EmbeddedServer

SEEDS = Path(__file__).with_name("seeds")
EXAMPLES = Path(__file__).parents[2] / "examples"
# A session leaves the statistics after it has dropped its temporary tables.
END_SESSIONS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SCHEMAS = """
    SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
"""


@dataclass(frozen=True)
class Side:
    """A database with triggers, and a superuser's session in it that is older than they are."""

    name: str
    database: Database
    admin: psycopg.Connection[Any]


@dataclass(frozen=True)
class Sides:
    """The same policy twice."""

    seed: Side
    ours: Side


def seed(name: str) -> str:
    """Return a seed's SQL."""
    return (SEEDS / f"{name}.sql").read_text("utf-8")


def example(name: str) -> str:
    """Return the definition of an example."""
    return (EXAMPLES / f"{name}.yaml").read_text("utf-8")


def rendered(definition: str, **options: Any) -> str:
    """Return the script that xtrig makes of a definition."""
    return str(xtrig.render(xtrig.load_text(definition), **options))


@contextmanager
def side(server: EmbeddedServer, name: str, *scripts: str) -> Iterator[Side]:
    """Make a database and run scripts in it."""
    with fresh_database(server) as database, database.connect() as admin:
        for script in scripts:
            admin.execute(script)
        yield Side(name, database, admin)


@contextmanager
def emptied(place: Side) -> Iterator[Side]:
    """Lend a database, and drop everything in it afterwards: some twenty times quicker than a new one."""
    try:
        yield place
    finally:
        place.admin.execute("ROLLBACK")
        place.admin.execute("SET event_triggers = off")
        place.admin.execute(END_SESSIONS)
        schemas = ", ".join(row[0] for row in place.admin.execute(SCHEMAS))
        place.admin.execute(f"DROP SCHEMA {schemas} CASCADE")
        place.admin.execute("CREATE SCHEMA public")
        place.admin.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        place.admin.execute("RESET event_triggers")


@contextmanager
def side_by_side(
    server: EmbeddedServer, name: str, definition: str, prepare: Callable[[Side], None] | None = None
) -> Iterator[Sides]:
    """Set up the seed `name` and an example; `prepare` makes what both need beforehand."""
    with ExitStack() as stack:
        sides = Sides(stack.enter_context(side(server, "seed")), stack.enter_context(side(server, "xtrig")))
        for each, script in ((sides.seed, seed(name)), (sides.ours, rendered(definition))):
            if prepare is not None:
                prepare(each)
            each.admin.execute(script)
        yield sides


@contextmanager
def roles(server: EmbeddedServer, *made_elsewhere: str, **attributes: str) -> Iterator[None]:
    """Create roles with their attributes; drop them afterwards, and those that the seed will have made."""
    with server.connect() as admin:
        for role, attribute in attributes.items():
            admin.execute(f"CREATE ROLE {role} {attribute}")
    try:
        yield
    finally:
        with server.connect() as admin:
            admin.execute(f"DROP ROLE IF EXISTS {', '.join((*made_elsewhere, *attributes))}")


def refusal(attempt: Callable[[], Any]) -> str | None:
    """Return what the server said to a login or a command that it refused, or None."""
    try:
        attempt()
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error).partition("FATAL:  ")[2].partition("\n")[0]
        if not said:  # not the server's words
            raise
        return said
    return None
