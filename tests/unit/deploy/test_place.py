"""Where a set is deployed: engines and connections that cannot be used are refused in one line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

import xtrig
from tests.unit.deploy.live import AUDIT
from tests.unit.given import text_of
from xtrig.connect import open_place
from xtrig.deploy import removal
from xtrig.errors import DatabaseError, UsageError

TRIGGERS = xtrig.load_text(text_of(AUDIT))
NOWHERE = "host=127.0.0.1 port=1 user=ann password=hunter2"


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=QueuePool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("verb", [xtrig.plan, xtrig.status, xtrig.apply, xtrig.drop, removal])
def test_an_engine_of_another_driver_is_refused(verb: object, sqlite: Engine) -> None:
    with pytest.raises(UsageError) as caught:
        verb(TRIGGERS, sqlite)  # type: ignore[operator]
    assert str(caught.value) == ("the engine is one to sqlite, and xtrig deploys to PostgreSQL's family")
    assert sqlite.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", [xtrig.plan, xtrig.status, removal])
def test_a_connection_to_another_family_is_refused(verb: object, sqlite: Engine) -> None:
    with sqlite.connect() as connection, pytest.raises(UsageError, match="the connection is one to sqlite, and "):
        verb(TRIGGERS, connection)  # type: ignore[operator]


@pytest.mark.parametrize("verb", [xtrig.plan, xtrig.status, xtrig.apply, xtrig.drop, removal])
def test_a_server_that_is_not_there_is_one_line_without_a_password(verb: object) -> None:
    with pytest.raises(DatabaseError) as caught:
        verb(TRIGGERS, NOWHERE)  # type: ignore[operator]
    assert str(caught.value).startswith("cannot connect: ")
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_unknown_scheme_is_refused_before_anything_connects() -> None:
    with pytest.raises(UsageError, match="the database URL begins with mysql://"), open_place("mysql://ann:x@y/z"):
        pytest.fail("it was opened")
