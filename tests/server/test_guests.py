"""Verbs on what belongs to the caller: connections, transactions and sessions are left as they were found."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, create_mock_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

import xtrig
from tests.server.deployed import AUDIT, NO_DROP, QUICK, Here
from xtrig import aio
from xtrig.audit import read
from xtrig.audit.verifying import verify
from xtrig.deploy import Bounds, RefusedPlanError, disable, enable, removal
from xtrig.deploy.live import import_database
from xtrig.doctor import examine
from xtrig.errors import DatabaseError, UsageError, XtrigError

pytestmark = [pytest.mark.server]

ASKED = count(1)
TRIGGERS = xtrig.load_text(AUDIT)
BAD = xtrig.load_text(AUDIT.replace("tables:\n", "tables:\n  other: {columns: {a: no_such_type}}\n"))
DRIVERS = ("psycopg", "psycopg2", "asyncpg", "psycopg_async")

READING: dict[str, Callable[[Any], object]] = {
    "plan": lambda where: xtrig.plan(TRIGGERS, where),
    "status": lambda where: xtrig.status(TRIGGERS, where),
    "removal": lambda where: removal(TRIGGERS, where),
    "doctor": examine,
    "import": import_database,
    "audit": read,
    "verify": lambda where: verify(TRIGGERS, where),
}
REFUSED: dict[str, Callable[[Any], object]] = {
    "apply that fails": lambda where: xtrig.apply(BAD, where, canary=None),
    "apply that is refused": lambda where: xtrig.apply(
        xtrig.load_text(AUDIT.replace("name: first", "name: other")), where, canary=None
    ),
    "apply with nothing to do": lambda where: xtrig.apply(TRIGGERS, where, canary=None),
    "apply with a canary": lambda where: xtrig.apply(TRIGGERS, where),
}
VERBS = {**READING, **REFUSED}


def switched(where: Any) -> None:
    """Disable what is deployed, and enable it again."""
    disable(TRIGGERS, where)
    enable(TRIGGERS, where, canary=None)


CHANGING: dict[str, Callable[[Any], object]] = {
    "disable and enable": switched,
    "drop": lambda where: xtrig.drop(TRIGGERS, where),
    "apply": lambda where: xtrig.apply(TRIGGERS, where, canary=None),
    "apply another": lambda where: xtrig.apply(xtrig.load_text(NO_DROP), where, canary=None),
    "drop with data": lambda where: xtrig.drop(TRIGGERS, where, with_data=True),
}
"""What is committed, and so leaves objects, but nothing in the session."""

STATE = {
    "settings": "SELECT name, setting FROM pg_settings ORDER BY 1",
    "own settings": "SELECT current_setting('xtrig.kept', true), current_user::text, session_user::text, "
    "current_schemas(true)::text",
    "locks": "SELECT locktype, relation::regclass::text, mode, granted FROM pg_locks WHERE pid = pg_backend_pid() "
    "AND locktype <> 'virtualxid' AND relation IS DISTINCT FROM 'pg_locks'::regclass ORDER BY 1, 2, 3",
    "cursors": "SELECT name FROM pg_cursors WHERE statement NOT LIKE '%pg_cursors%' ORDER BY 1",
    "channels": "SELECT pg_listening_channels()",
    "temporary": "SELECT relname::text FROM pg_class WHERE relpersistence = 't' ORDER BY 1",
    "prepared": "SELECT name, statement FROM pg_prepared_statements WHERE statement NOT LIKE '%-- state %' ORDER BY 1",
    "written": "SELECT txid_current_if_assigned()",
}
SETUP = (
    "CREATE TEMP TABLE kept_rows (a integer)",
    "LISTEN kept_channel",
    "PREPARE kept_statement AS SELECT 1",
    "SET search_path = public, pg_temp",
    "SET xtrig.kept = 'a%b'",
    "SET work_mem = '3MB'",
    "SET quote_all_identifiers = on",
    "SET statement_timeout = '29s'",
)


def driver_of(connection: Connection) -> Any:
    return connection.connection.driver_connection


def state(connection: Connection) -> dict[str, Any]:
    """Return what a session holds. No two queries are of the same text: psycopg would come to prepare them."""
    gc.collect(1)  # asyncpg closes a statement once no object holds it: one of those just now
    return {
        "options": dict(connection.get_execution_options()),
        "autocommit": getattr(connection.connection.dbapi_connection, "autocommit", None),
        "threshold": getattr(driver_of(connection), "prepare_threshold", None),
        "notices": len(getattr(driver_of(connection), "_notice_handlers", ())),
        **{name: connection.execute(text(f"{query} -- state {next(ASKED)}")).all() for name, query in STATE.items()},
    }


def warmed_state(connection: Connection) -> dict[str, Any]:
    """Return the same once its own locks are there."""
    state(connection)
    return state(connection)


def url_for(here: Here, driver: str) -> URL:
    url = make_url(here.url).set(drivername=f"postgresql+{driver}")
    # The queries of state() would push the caller's own statements out of a cache of the usual size.
    return url.update_query_dict({"prepared_statement_cache_size": "5000"}) if driver == "asyncpg" else url


@contextmanager
def engine_of(here: Here, driver: str) -> Iterator[Engine]:
    engine = create_engine(url_for(here, driver))
    try:
        yield engine
    finally:
        engine.dispose()


def lend(here: Here, driver: str, use: Callable[[Connection], None]) -> None:
    """Call a function with a connection of a driver's: for those of asyncio by run_sync."""
    if driver in ("psycopg", "psycopg2"):
        with engine_of(here, driver) as engine, engine.connect() as connection:
            use(connection)
        return

    async def run() -> None:
        async with async_engine_of(here, driver).connect() as connection:
            await connection.run_sync(use)
        await connection.engine.dispose()

    asyncio.run(run())


def async_engine_of(here: Here, driver: str) -> AsyncEngine:
    return create_async_engine(url_for(here, driver))


def attempt(verb: Callable[[Any], object], where: Any) -> None:
    with suppress(XtrigError):
        verb(where)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_verb_leaves_a_session_as_it_was(driver: str, here: Here) -> None:
    here.apply(AUDIT)

    def use(connection: Connection) -> None:
        for statement in SETUP:
            connection.execute(text(statement))
        connection.commit()
        for name, verb in {**VERBS, **CHANGING}.items():
            before = warmed_state(connection)
            connection.rollback()
            if name in CHANGING:
                verb(connection)
                connection.commit()
            else:
                attempt(verb, connection)
            assert not connection.in_transaction(), name
            assert warmed_state(connection) == before, name
            connection.rollback()

    lend(here, driver, use)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_verb_leaves_a_transaction_as_it_was(driver: str, here: Here) -> None:
    here.apply(AUDIT)

    def use(connection: Connection) -> None:
        for statement in SETUP:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO kept_rows VALUES (1)"))
        connection.execute(text("SET LOCAL lock_timeout = '7s'"))
        connection.execute(text("DECLARE kept_cursor CURSOR FOR SELECT 1"))
        for name, verb in VERBS.items():
            if name != "apply with nothing to do":  # it keeps the lock of deployments until the transaction ends
                before = warmed_state(connection)
                attempt(verb, connection)
                assert connection.in_transaction(), name
                assert state(connection) == before, name
        assert connection.execute(text("SELECT a FROM kept_rows")).scalar_one() == 1
        connection.commit()
        assert connection.execute(text("SELECT count(*) FROM kept_rows")).scalar_one() == 1

    lend(here, driver, use)


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_percent_sign_of_the_callers_stays_one(driver: str, here: Here) -> None:
    def use(connection: Connection) -> None:
        assert xtrig.apply(TRIGGERS, connection, canary=None).done == ["apply"]
        connection.execute(text("CREATE TABLE public.named (name text CHECK (name LIKE 'a%b'))"))
        connection.execute(text("INSERT INTO public.named VALUES ('a%b')"))
        assert connection.execute(text("SELECT name FROM public.named WHERE name LIKE :as"), {"as": "a%"}).all()
        connection.commit()
        assert xtrig.drop(TRIGGERS, connection, with_data=True).done == ["drop"]
        query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'public.named'::regclass"
        constraints = " ".join(connection.execute(text(query)).scalars())
        assert "'a%b'" in constraints
        connection.execute(text("DROP TABLE public.named"))
        connection.commit()

    lend(here, driver, use)
    assert here.conditions(AUDIT)["trigger on_logon"] == "missing"


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_driver_reads_the_same(driver: str, here: Here) -> None:
    here.apply(AUDIT)
    with psycopg.connect(here.site.database.conninfo, options="-c event_triggers=off") as session:
        session.execute("ALTER FUNCTION audit.note() SET work_mem = '5MB'")
    wanted = xtrig.status(TRIGGERS, here.url)
    assert not wanted.is_in_sync
    plan = xtrig.plan(TRIGGERS, here.url)
    report = examine(here.url)

    def use(connection: Connection) -> None:
        assert xtrig.status(TRIGGERS, connection).to_dict() == wanted.to_dict()
        assert str(xtrig.plan(TRIGGERS, connection)) == str(plan)
        assert [each.name for each in examine(connection).problems] == [each.name for each in report.problems]
        assert [str(each) for each in import_database(connection).findings]

    lend(here, driver, use)


@pytest.mark.parametrize("commits", [True, False])
def test_the_callers_transaction_decides_on_a_drop(commits: bool, here: Here) -> None:
    before = here.site.snapshot()
    here.apply(AUDIT)
    with engine_of(here, "psycopg") as engine, engine.connect() as connection:
        report = xtrig.drop(TRIGGERS, connection, with_data=True)
        assert (report.done, report.logins) == (["drop"], [])
        assert report.notes == [
            "the caller's transaction is still open; nobody has logged in to prove that logins will work"
        ]
        assert connection.in_transaction()
        if commits:
            connection.commit()
    assert (here.site.snapshot() == before) is commits
    assert here.status(AUDIT).is_in_sync is not commits
    assert here.site.log_in("postgres") is None


def test_an_engine_of_psycopg2_is_deployed_with(here: Here) -> None:
    before = here.site.snapshot()
    with engine_of(here, "psycopg2") as engine:
        report = xtrig.apply(TRIGGERS, engine, canary=QUICK)
        assert {each.proof for each in report.logins} >= {"rehearsal", "canary", "live"}
        assert xtrig.status(TRIGGERS, engine).is_in_sync
        xtrig.drop(TRIGGERS, engine, with_data=True)
    assert here.site.snapshot() == before


def test_a_failure_of_psycopg2_or_asyncpg_is_told_as_one_of_psycopg(here: Here) -> None:
    said = []
    for driver in DRIVERS:

        def use(connection: Connection) -> None:
            with pytest.raises(DatabaseError) as caught:
                xtrig.apply(BAD, connection, canary=None)
            said.append(str(caught.value))

        lend(here, driver, use)
    assert set(said) == {
        'cannot apply the definition: Table audit.other: type "no_such_type" does not exist (SQLSTATE 42704); nothing '
        "was changed"
    }


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@pytest.mark.parametrize("make", [Session, lambda engine: scoped_session(sessionmaker(engine))])
def test_an_orm_session_is_used_in_its_transaction(make: Callable[[Engine], Any], here: Here) -> None:
    with engine_of(here, "psycopg") as engine:
        Base.metadata.create_all(engine)
        given = make(engine)
        session = given() if isinstance(given, scoped_session) else given
        session.add(Item(id=1, name="one"))
        session.commit()
        item = session.get(Item, 1)
        assert item.name == "one"
        session.get_transaction().close()
        for name, verb in READING.items():
            attempt(verb, given)
            assert not session.in_transaction(), name
        assert "name" in item.__dict__  # what was loaded was not expired
        session.add(Item(id=2, name="two"))
        for name in (*READING, "apply that fails", "apply with a canary"):
            attempt(VERBS[name], given)
            assert session.in_transaction(), name
        assert xtrig.apply(TRIGGERS, given, canary=None).done == ["apply"]
        session.commit()
        assert xtrig.status(TRIGGERS, given).is_in_sync
        assert xtrig.drop(TRIGGERS, given, with_data=True).done == ["drop"]
        assert session.in_transaction()
        session.commit()
        assert session.get(Item, 2).name == "two"
        session.close()
        Base.metadata.drop_all(engine)
    assert here.conditions(AUDIT)["trigger on_logon"] == "missing"


def asynchronously(use: Callable[[AsyncEngine], Awaitable[None]], here: Here, driver: str) -> None:
    async def run() -> None:
        engine = async_engine_of(here, driver)
        try:
            await use(engine)
        finally:
            await engine.dispose()

    asyncio.run(run())


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg_async"])
def test_every_verb_is_awaited(driver: str, here: Here) -> None:
    before = here.site.snapshot()

    async def use(engine: AsyncEngine) -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        assert (await aio.plan(TRIGGERS, engine)).changes
        report = await aio.apply(TRIGGERS, engine, canary=QUICK)
        assert {each.proof for each in report.logins} >= {"rehearsal", "canary", "live"}
        ticking.cancel()
        assert ticks > 5  # the event loop went on
        assert (await aio.status(TRIGGERS, where=here.url)).is_in_sync
        async with engine.connect() as connection:
            assert (await aio.status(TRIGGERS, connection)).is_in_sync
            assert not connection.in_transaction()
            await aio.drop(TRIGGERS, connection, with_data=True)
            await connection.rollback()
        async with AsyncSession(engine) as session:
            assert (await aio.removal(TRIGGERS, session)).stages
            assert not session.in_transaction()
            await aio.drop(TRIGGERS, session)
            await session.rollback()
        await aio.drop(TRIGGERS, engine, with_data=True)

    asynchronously(use, here, driver)
    assert here.site.snapshot() == before


def test_a_url_object_is_a_url(here: Here) -> None:
    assert not xtrig.status(TRIGGERS, make_url(here.url)).is_in_sync


def given_to_a_verb(where: object) -> str:
    with pytest.raises(UsageError) as caught:
        xtrig.plan(TRIGGERS, where)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_database_is_one_line(here: Here) -> None:
    async def use(engine: AsyncEngine) -> None:
        assert given_to_a_verb(engine).endswith("xtrig.aio has plan, apply, status and drop for it")
        async with engine.connect() as connection, AsyncSession(engine) as session:
            assert isinstance(connection, AsyncConnection)
            assert "of type AsyncConnection here: it is used with await" in given_to_a_verb(connection)
            assert "of type AsyncSession here" in given_to_a_verb(session)

    asynchronously(use, here, "asyncpg")
    mock = create_mock_engine("postgresql+psycopg://", print)
    assert given_to_a_verb(mock) == (
        "a database cannot be named by an object of type MockConnection: it writes statements down and is connected "
        "to nothing, and xtrig reads the database; use: xtrig render"
    )
    with psycopg.connect(here.site.database.conninfo) as connection:
        assert given_to_a_verb(connection) == (
            "the connection is psycopg's own; give a URL, or an engine, a connection or an ORM session of SQLAlchemy"
        )
    assert given_to_a_verb(sessionmaker()).endswith("this is of type sessionmaker")
    assert given_to_a_verb(7).endswith("this is of type int")
    with pytest.raises(DatabaseError, match=r"^cannot use the connection: .*[Bb]ind"):
        xtrig.plan(TRIGGERS, Session())


def test_an_aborted_transaction_is_one_line_and_stays(here: Here) -> None:
    for driver in DRIVERS:

        def use(connection: Connection) -> None:
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT no_such_column"))
            for name, verb in VERBS.items():
                with pytest.raises(XtrigError) as caught:
                    verb(connection)
                assert "current transaction is aborted" in str(caught.value), name
                assert "\n" not in str(caught.value)
            connection.rollback()
            assert connection.execute(text("SELECT 1")).scalar_one() == 1

        lend(here, driver, use)


def test_a_transaction_that_the_engine_does_not_know_of_is_refused(here: Here) -> None:
    for driver in ("psycopg", "psycopg2"):
        with engine_of(here, driver) as engine, engine.connect() as connection:
            own = driver_of(connection)
            with own.cursor() as cursor:
                cursor.execute("CREATE TEMP TABLE mine (a integer)")
            with pytest.raises(UsageError, match="a transaction that SQLAlchemy does not know of; begin it with"):
                xtrig.plan(TRIGGERS, connection)
            with own.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM mine")
                assert cursor.fetchone()[0] == 0


def test_an_engine_whose_url_leads_elsewhere_is_not_deployed_with(here: Here) -> None:
    async def elsewhere() -> Any:
        server = here.site.database.server
        folder = str(server.socket_dir)
        return await asyncpg.connect(host=folder, port=server.port, user="postgres", database="postgres")

    async def run() -> None:
        engine = create_async_engine(url_for(here, "asyncpg"), async_creator=elsewhere)
        with pytest.raises(UsageError, match="the engine's URL does not name host, user and database"):
            await aio.apply(TRIGGERS, engine, canary=QUICK)
        await engine.dispose()

    asyncio.run(run())


def test_a_lock_that_is_waited_for_in_vain_leaves_the_callers_settings(here: Here) -> None:
    with engine_of(here, "psycopg") as engine, engine.connect() as other, engine.connect() as connection:
        other.execute(text("LOCK TABLE pg_catalog.pg_cursors IN SHARE UPDATE EXCLUSIVE MODE"))
        connection.execute(text("SET LOCAL lock_timeout = '7s'"))
        before = warmed_state(connection)
        with pytest.raises(DatabaseError, match="lock timeout"):
            xtrig.apply(TRIGGERS, connection, canary=None, bounds=Bounds(lock_timeout=0.2))
        assert state(connection) == before


def test_a_refused_plan_lets_the_lock_go(here: Here) -> None:
    here.apply(AUDIT)
    other = xtrig.load_text(AUDIT.replace("name: first", "name: other"))
    with engine_of(here, "psycopg") as engine, engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(RefusedPlanError):
            xtrig.apply(other, connection, canary=None)
        assert connection.in_transaction()
        assert here.site.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
