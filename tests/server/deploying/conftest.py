"""A site to deploy to: a database of a test's own, and people who log in there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deploying.site import PEOPLE, Site
from xtrig.deploy import undo
from xtrig_pgfamily.driver import standbys
from xtrig_pgfamily.embedded.server import EmbeddedServer

PAST_ALL = "-c event_triggers=off -c default_transaction_read_only=off"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait no seconds for logins that are under way on standbys: there are none here."""
    monkeypatch.setattr(standbys, "_SETTLE", 0.05)
    monkeypatch.setattr(undo, "HANGING_SECONDS", 0.3)


@contextmanager
def site_of(database: Database) -> Iterator[Site]:
    """Make the people of a site, and a superuser's session that no trigger meets."""
    people = ", ".join(PEOPLE)
    with database.connect(options=PAST_ALL) as admin:
        for role in PEOPLE:
            admin.execute(f"CREATE ROLE {role} LOGIN")
        try:
            yield Site(database, admin)
        finally:
            # A test may have crashed the server, and this session with it.
            database.server.start()
            with database.connect(options=PAST_ALL) as cleaner:
                cleaner.execute(f"DROP OWNED BY {people} CASCADE; DROP ROLE {people}")


@pytest.fixture
def site(database18: Database) -> Iterator[Site]:
    with site_of(database18) as site:
        yield site


@pytest.fixture(scope="module")
def frail_server() -> Iterator[EmbeddedServer]:
    """A server that only the tests of one module stop, crash and spoil."""
    with EmbeddedServer(18, tcp=False) as server:
        yield server


@pytest.fixture
def frail_site(frail_server: EmbeddedServer) -> Iterator[Site]:
    with fresh_database(frail_server) as database, site_of(database) as site:
        yield site
