"""The pytest plugin ``pytest_xtrig``: tests of one's own definition, on a server that is thrown away.

pytest finds it by its entry point; ``-p no:pytest_xtrig`` leaves it out. It imports nothing before a fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xtrig import TriggerSet
    from xtrig.trial import Outcome, Row, TrialDatabase


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting ``xtrig_dialect``."""
    parser.addini("xtrig_dialect", "the dialect whose server the fixture xtrig_database starts", default="postgresql")


class TriggersUnderTest:
    """A database on which a set is applied."""

    def __init__(self, database: TrialDatabase) -> None:
        self._database = database

    def login_as(self, role: str, **options: str) -> Outcome:
        """Log in as ``role`` and out again, and return what was recorded, or what the client was told.

        A role that is not there is made. ``options`` are parameters of the server from the first moment of the
        session, such as ``application_name="psql"``.
        """
        return self._database.login_as(role, options)

    def run_as(self, role: str, sql: str, **options: str) -> Outcome:
        """Log in as ``role`` and execute a statement, and return what was recorded at it, or what refused it."""
        return self._database.run_as(role, sql, options)

    def execute(self, sql: str) -> list[Row]:
        """Execute a statement as a superuser whom no trigger meets: to prepare a test, or to look; return its rows."""
        return self._database.execute(sql)


XtrigDatabase = Callable[["TriggerSet | str | os.PathLike[str]"], TriggersUnderTest]
"""What the fixture ``xtrig_database`` is: give it a set, or the file of one."""


@pytest.fixture(scope="session")
def _xtrig_server(pytestconfig: pytest.Config) -> Iterator[object]:
    from xtrig.errors import UsageError
    from xtrig.progress import NoProgress
    from xtrig.registry import get_dialect

    name = str(pytestconfig.getini("xtrig_dialect"))
    trial = get_dialect(name).trial()
    if trial is None:
        raise UsageError(f"dialect {name!r} brings no server for tests; set xtrig_dialect to another one")
    with trial.server(None, NoProgress()) as server:
        yield server


@pytest.fixture
def xtrig_database(_xtrig_server: object, pytestconfig: pytest.Config) -> Iterator[XtrigDatabase]:
    """Apply a set in a new database of a PostgreSQL that is started once for all tests, and removed afterwards.

    Needs the extra ``xtrig[embedded]``.
    """
    from xtrig import TriggerSet, load
    from xtrig.dialect.trial import TrialServer
    from xtrig.trial import trial_database

    assert isinstance(_xtrig_server, TrialServer)
    dialect = str(pytestconfig.getini("xtrig_dialect"))
    with ExitStack() as stack:

        def applied(triggers: TriggerSet | str | os.PathLike[str]) -> TriggersUnderTest:
            loaded = triggers if isinstance(triggers, TriggerSet) else load(triggers)
            return TriggersUnderTest(stack.enter_context(trial_database(_xtrig_server, loaded, dialect)))

        yield applied
