"""A database owner gives its sessions a search_path of his own; a superuser who deploys there runs none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine

import xtrig
from tests.server.conftest import Database
from xtrig.audit import read
from xtrig.deploy.live import import_database
from xtrig.doctor import examine

pytestmark = pytest.mark.server

AUDIT = xtrig.load_text(
    "xtrig: 1\nschema: hostile\ntables: {log: {columns: {who: text}}}\ntriggers:\n"
    '  note: {event: logon, steps: [{insert: log, values: {who: "${login_user}"}}]}\n'
)
# Each has the name and the arguments of a function that is asked for somewhere, or could be.
TRAPS = (
    "version()",
    "current_schema()",
    "pg_is_in_recovery()",
    "pg_backend_pid()",
    "inet_client_addr()",
    "clock_timestamp()",
    "current_setting(text)",
    "current_setting(text, boolean)",
    "set_config(text, text, boolean)",
    "obj_description(oid, name)",
    "to_regtype(text)",
    "quote_ident(text)",
    "pg_advisory_lock(integer, integer)",
    "has_parameter_privilege(text, text)",
)
TRAP = """
CREATE FUNCTION evil.{} RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER) THEN
        EXECUTE 'ALTER ROLE mallory SUPERUSER';
    END IF;
    RETURN NULL;
END $$
"""


@pytest.fixture
def trapped(login_database: Database) -> Iterator[Database]:
    with login_database.server.connect() as admin:
        admin.execute("CREATE ROLE mallory LOGIN")
        admin.execute(f"ALTER DATABASE {login_database.name} OWNER TO mallory")
    with login_database.connect("mallory") as mallory:
        mallory.execute("CREATE SCHEMA evil")
        for trap in TRAPS:
            mallory.execute(TRAP.format(trap).encode())
        mallory.execute(
            "CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM evil.version(); RETURN true; END $$"
        )
        mallory.execute("CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = text, RIGHTARG = text)")
        mallory.execute(f"ALTER DATABASE {login_database.name} SET search_path = evil, pg_catalog")
    try:
        yield login_database
    finally:
        with login_database.server.connect() as admin:
            admin.execute(f"ALTER DATABASE {login_database.name} OWNER TO postgres")
            admin.execute(f"DROP DATABASE {login_database.name} WITH (FORCE)")
            admin.execute("DROP ROLE mallory")


def is_superuser(database: Database) -> bool:
    with database.server.connect() as admin:
        return admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'").fetchone() == (True,)


def test_the_trap_works(trapped: Database) -> None:
    with trapped.connect() as careless:
        careless.execute("SELECT version()")
    assert is_superuser(trapped)


WAYS: dict[str, Callable[[str], object]] = {
    "plan": lambda url: xtrig.plan(AUDIT, url),
    "status": lambda url: xtrig.status(AUDIT, url),
    "apply and drop": lambda url: (xtrig.apply(AUDIT, url), xtrig.drop(AUDIT, url, with_data=True)),
    "apply without a canary": lambda url: xtrig.apply(AUDIT, url, canary=None),
    "doctor": examine,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_superuser_who_deploys_runs_none_of_it(way: str, trapped: Database) -> None:
    WAYS[way](trapped.url)
    assert not is_superuser(trapped)


def test_nor_does_one_who_imports_or_reads(trapped: Database) -> None:
    with pytest.raises(xtrig.XtrigError, match="no event trigger"):
        import_database(trapped.url)
    with pytest.raises(xtrig.XtrigError, match="sessions"):
        read(trapped.url)
    assert not is_superuser(trapped)


def test_nor_does_an_engine_of_the_callers_beyond_what_it_asks_itself(trapped: Database) -> None:
    engine = create_engine(trapped.url, connect_args={"options": "-c search_path=pg_catalog"})
    engine.connect().close()  # SQLAlchemy's own first questions
    engine.dispose()
    xtrig.plan(AUDIT, engine)
    xtrig.status(AUDIT, engine)
    engine.dispose()
    assert not is_superuser(trapped)
