"""`create_all` and `drop_all` with sets, DDL elements, and the same set by every way of deploying it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.ext.asyncio import create_async_engine

import xtrig
import xtrig.sqlalchemy
from tests.server.alembic_project import load, project_of, sqlalchemy_url
from tests.server.conftest import fresh_database, on_17_and_18
from tests.server.deployed import NO_DROP, QUICK, Here, here_of
from tests.server.test_alembic import ODD, ONE, TWO, catalogs
from xtrig.errors import DatabaseError, UsageError

pytestmark = pytest.mark.server


@pytest.fixture
def metadata() -> MetaData:
    metadata = MetaData()
    sa.Table("orders", metadata, sa.Column("id", sa.Integer))
    return metadata


@pytest.fixture
def engine(here: Here) -> Iterator[Engine]:
    engine = sa.create_engine(sqlalchemy_url(here.url))
    yield engine
    engine.dispose()


@pytest.fixture(params=["psycopg", "psycopg2"])
def any_engine(request: pytest.FixtureRequest, here: Here) -> Iterator[Engine]:
    engine = sa.create_engine(sqlalchemy_url(here.url, request.param))
    yield engine
    engine.dispose()


def events(here: Here) -> list[str]:
    return [name for kind, name in catalogs(here) if kind == "event trigger"]


@on_17_and_18("here")
def test_create_all_and_drop_all(here: Here, any_engine: Engine, metadata: MetaData) -> None:
    empty = catalogs(here)
    xtrig.sqlalchemy.listen(metadata, load(ONE), load(NO_DROP), with_data=True)
    metadata.create_all(any_engine)
    assert here.status(ONE).is_in_sync
    assert here.status(NO_DROP).is_in_sync
    made = catalogs(here)
    metadata.create_all(any_engine)
    assert catalogs(here) == made
    assert here.site.log_in("postgres") is None
    metadata.drop_all(any_engine)
    assert catalogs(here) == empty


def test_tables_of_a_set_stay_unless_asked_for(here: Here, engine: Engine, metadata: MetaData) -> None:
    xtrig.sqlalchemy.listen(metadata, load(ONE))
    metadata.create_all(engine)
    metadata.drop_all(engine)
    assert ("relation", "audit.log") in catalogs(here)
    assert events(here) == []
    metadata.drop_all(engine)


def test_create_all_makes_a_set_what_it_says_now(here: Here, engine: Engine, metadata: MetaData) -> None:
    here.apply(ONE, canary=None)
    xtrig.sqlalchemy.listen(metadata, load(TWO))
    metadata.create_all(engine)
    assert here.status(TWO).is_in_sync
    assert sorted(events(here)) == ["on_end", "on_logon"]


def test_a_failure_leaves_nothing(here: Here, engine: Engine, metadata: MetaData) -> None:
    before = catalogs(here)
    xtrig.sqlalchemy.listen(metadata, load(ONE.replace("who: text", "who: no_such_type")))
    with pytest.raises(DatabaseError, match='type "no_such_type" does not exist'):
        metadata.create_all(engine)
    assert catalogs(here) == before


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_create_all_by_an_async_engine(driver: str, here: Here, metadata: MetaData) -> None:
    empty = catalogs(here)
    xtrig.sqlalchemy.listen(metadata, load(ONE), with_data=True)
    url = here.site.database.server.url(database=here.site.database.name, tcp=True)

    async def there_and_back() -> None:
        engine = create_async_engine(sqlalchemy_url(url, driver))
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        assert here.status(ONE).is_in_sync
        async with engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
        await engine.dispose()

    asyncio.run(there_and_back())
    assert catalogs(here) == empty


def test_another_vendor_is_refused(metadata: MetaData) -> None:
    xtrig.sqlalchemy.listen(metadata, load(ONE))
    with pytest.raises(UsageError, match="the connection is one to sqlite"):
        metadata.create_all(sa.create_engine("sqlite://"))


def test_a_mock_engine_gets_the_statements(metadata: MetaData) -> None:
    said: list[str] = []

    def say(element: sa.schema.ExecutableDDLElement, *_: object) -> None:
        said.append(str(element.compile(dialect=engine.dialect)))

    engine = sa.create_mock_engine("postgresql+psycopg://", say)
    xtrig.sqlalchemy.listen(metadata, load(ONE))
    metadata.create_all(engine, checkfirst=False)  # type: ignore[arg-type]
    script = xtrig.render(load(ONE))
    assert [each.sql for each in script] == [each for each in said if each in {one.sql for one in script}]
    metadata.drop_all(engine, checkfirst=False)  # type: ignore[arg-type]
    assert any(ODD in each for each in said)
    assert any("DROP EVENT TRIGGER on_logon" in each for each in said)


@on_17_and_18("here")
def test_elements_are_executed_as_they_are(here: Here, any_engine: Engine) -> None:
    empty = catalogs(here)
    with any_engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL search_path = pg_temp, public"))
        for element in xtrig.sqlalchemy.create_triggers(load(ONE)):
            connection.execute(element)
        assert connection.scalar(sa.text("SHOW search_path")) == "pg_temp, public"
    assert here.status(ONE).is_in_sync
    with any_engine.begin() as connection:
        for element in xtrig.sqlalchemy.drop_triggers(load(ONE), with_data=True):
            connection.execute(element)
    assert set(catalogs(here)) == set(empty)


def test_the_connections_own_texts_mean_what_they_meant(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        for element in xtrig.sqlalchemy.create_triggers(load(NO_DROP)):
            connection.execute(element)
        assert connection.exec_driver_sql("SELECT 'a%%b' || %s", ("c",)).scalar() == "a%bc"
        connection.rollback()


@on_17_and_18("here")
def test_every_way_leaves_the_same(here: Here, metadata: MetaData, capsys: pytest.CaptureFixture[str]) -> None:
    triggers = load(ONE)

    def by_command(there: Here) -> None:
        assert there.run("apply", ONE, "--no-canary").code == 0

    def by_engine(there: Here) -> None:
        engine = sa.create_engine(sqlalchemy_url(there.url))
        xtrig.apply(triggers, engine, canary=QUICK)
        engine.dispose()

    def by_connection(there: Here) -> None:
        with _connection(there) as connection:
            xtrig.apply(triggers, connection, canary=None)

    def by_alembic(there: Here) -> None:
        project = project_of(there, ONE)
        project.revise("one")
        project.upgrade()

    def by_create_all(there: Here) -> None:
        xtrig.sqlalchemy.listen(metadata, triggers)
        with _connection(there) as connection:
            metadata.create_all(connection)

    left = {}
    for way in (by_command, by_engine, by_connection, by_alembic, by_create_all):
        folder = here.folder / way.__name__
        folder.mkdir()
        with fresh_database(here.site.database.server) as database, here_of(database, folder, capsys) as there:
            way(there)
            left[way.__name__] = {key: text for key, text in catalogs(there).items() if key[1] != "orders"}
    assert all(each == left["by_command"] for each in left.values()), left


@contextmanager
def _connection(there: Here) -> Iterator[Connection]:
    engine = sa.create_engine(sqlalchemy_url(there.url), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        yield connection
