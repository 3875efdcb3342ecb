"""Through a real pgbouncer: what one client of a pool does, no other one notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

import xtrig
from tests.server.deployed import AUDIT, QUICK, Here
from tests.server.pooling import pgbouncer
from xtrig.audit import read
from xtrig.deploy import disable, enable, removal
from xtrig.deploy.live import import_database
from xtrig.doctor import examine
from xtrig.errors import UsageError, XtrigError

pytestmark = [pytest.mark.server]

TRIGGERS = xtrig.load_text(AUDIT)
READING: dict[str, Callable[[Any], object]] = {
    "plan": lambda where: xtrig.plan(TRIGGERS, where),
    "status": lambda where: xtrig.status(TRIGGERS, where),
    "removal": lambda where: removal(TRIGGERS, where),
    "doctor": examine,
    "import": import_database,
    "audit": read,
}
WRITING: dict[str, Callable[[Any], object]] = {
    "apply": lambda where: xtrig.apply(TRIGGERS, where, canary=QUICK),
    "apply without a canary": lambda where: xtrig.apply(TRIGGERS, where, canary=None),
    "disable": lambda where: disable(TRIGGERS, where),
    "enable": lambda where: enable(TRIGGERS, where, canary=None),
    "drop": lambda where: xtrig.drop(TRIGGERS, where, with_data=True),
}
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name <> 'application_name' ORDER BY 1"
"""What the other clients see; pgbouncer itself sets application_name for each of them."""
OTHERS = {
    "settings": SETTINGS,
    "role": "SELECT current_user::text, current_setting('role')",
    "prepared": "SELECT name FROM pg_prepared_statements",
    "temporary": "SELECT relname::text FROM pg_class WHERE relpersistence = 't'",
}
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' OR mode = 'ShareUpdateExclusiveLock'"


@pytest.fixture(params=["transaction", "session"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[1, 5])
def size(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def pooled(mode: str, size: int, here: Here, tmp_path: Path) -> Iterator[str]:
    here.admin.execute(f"ALTER DATABASE {here.site.database.name} SET search_path = public")
    with pgbouncer(here.site.database, mode, size, tmp_path) as url:
        yield url


def seen(url: str, size: int) -> list[dict[str, Any]]:
    """Return what other clients of the pool see, as many at a time as it has connections to the server."""
    with ExitStack() as stack:
        clients = [stack.enter_context(psycopg.connect(url, prepare_threshold=None)) for _ in range(size)]
        return [{name: each.execute(query).fetchall() for name, query in OTHERS.items()} for each in clients]


@pytest.mark.parametrize("where", ["url", "engine", "psycopg2 engine"])
def test_no_verb_changes_what_others_see(where: str, pooled: str, size: int, here: Here) -> None:
    here.apply(AUDIT)
    before = seen(pooled, 1)[0]
    driver = {"engine": "psycopg", "psycopg2 engine": "psycopg2"}.get(where)
    engine = create_engine(pooled.replace("postgresql:", f"postgresql+{driver}:")) if driver else None
    for name, verb in {**READING, **WRITING}.items():
        with suppress(XtrigError):
            verb(engine or pooled)
        if engine:
            engine.dispose()
        assert all(each == before for each in seen(pooled, size)), name
        assert here.site.value(LOCKS) == 0, name
    assert here.status(AUDIT).is_in_sync


def test_status_says_the_same_through_a_pool(pooled: str, here: Here) -> None:
    assert not xtrig.status(TRIGGERS, pooled).is_in_sync
    here.apply(AUDIT)
    assert xtrig.status(TRIGGERS, pooled).is_in_sync
    assert xtrig.plan(TRIGGERS, pooled).is_empty
    assert "pooled-connection" in [each.name for each in examine(pooled).problems]


def test_nothing_is_deployed_through_a_pool(pooled: str, here: Here) -> None:
    before = here.site.snapshot()
    for verb in WRITING.values():
        with pytest.raises(UsageError) as caught:
            verb(pooled)
        assert str(caught.value) == (
            "the database is reached through a connection pooler, where locks and settings may pass to other clients; "
            "connect to the server itself"
        )
        assert here.site.snapshot() == before
        assert here.site.value(LOCKS) == 0


def test_the_callers_transaction_goes_through_a_pool(pooled: str, here: Here) -> None:
    before = here.site.snapshot()
    engine = create_engine(pooled.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert xtrig.apply(TRIGGERS, connection, canary=None).done == ["apply"]
        connection.commit()
    engine.dispose()
    assert here.status(AUDIT).is_in_sync
    assert here.site.value(LOCKS) == 0
    engine = create_engine(pooled.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL event_triggers = off"))
        assert xtrig.drop(TRIGGERS, connection, with_data=True).done == ["drop"]
        connection.commit()
    engine.dispose()
    assert here.site.snapshot() == before


def test_a_setting_of_the_owners_that_changes_answers_is_out_of_the_way_in_a_pool(here: Here, tmp_path: Path) -> None:
    here.apply(AUDIT)
    name = here.site.database.name
    for setting in ("quote_all_identifiers = on", "DateStyle = 'German'", "role = 'pg_monitor'"):
        here.admin.execute(f"ALTER DATABASE {name} SET {setting}")
    with pgbouncer(here.site.database, "transaction", 1, tmp_path) as url:
        assert xtrig.status(TRIGGERS, url).is_in_sync
        assert xtrig.status(TRIGGERS, url).server.role == "postgres"
