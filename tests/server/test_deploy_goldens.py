"""Every example and every golden definition: applied, in sync, applied again without a change, and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploying.site import Site
from tests.server.test_goldens_run import FOR_18, WITH_DDL_ONLY, drop_roles, make_roles, may_deny
from tests.test_golden import definition
from xtrig.deploy import Canary, Condition, ProofError

pytestmark = pytest.mark.server

EXAMPLES = Path(__file__).parents[2] / "examples"
ONCE = Canary(login_timeout=5, rounds=0)
TOLERANT = replace(ONCE, accept_errors=True)
"""Golden definitions name tables and functions of an application that is not there."""
LATENT = "SELECT dathasloginevt FROM pg_database WHERE datname = current_database()"
UNPRIVILEGED = "-c session_replication_role=origin"


@pytest.fixture
def site(database18: Database) -> Iterator[Site]:
    yield from _site(database18, "-c event_triggers=off")


@pytest.fixture
def site16(database16: Database) -> Iterator[Site]:
    yield from _site(database16, "")


def _site(database: Database, options: str) -> Iterator[Site]:
    with database.connect(options=options) as admin:
        make_roles(admin)
        yield Site(database, admin)
        admin.rollback()
    drop_roles(database)


def go_through(triggers: xtrig.TriggerSet, site: Site, canary: Canary = TOLERANT) -> None:
    """Apply, look, apply again, drop; in the end everything is as before."""
    before = site.snapshot()
    try:
        report = xtrig.apply(triggers, site.url(), canary=canary)
    except ProofError:
        if not may_deny(triggers):
            raise
        # A definition that refuses logins at some hours is not deployed at such an hour.
        assert site.snapshot() == before
        return
    assert report.failed is None
    assert report.changes
    found = xtrig.status(triggers, site.url())
    assert found.is_in_sync, [each.to_dict() for each in found.objects]
    assert {each.condition for each in found.objects} <= {Condition.IN_SYNC}
    deployed = site.snapshot()
    again = xtrig.apply(triggers, site.url(), canary=ONCE)
    assert (again.changes, again.done) == ([], [])
    assert site.snapshot() == deployed
    xtrig.drop(triggers, site.url(), with_data=True)
    assert site.snapshot() == before


@pytest.mark.parametrize("case", FOR_18)
def test_golden_definition_goes_all_the_way(case: str, site: Site) -> None:
    go_through(definition(case), site)
    assert site.value(LATENT) is False


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_example_goes_all_the_way(file: Path, site: Site) -> None:
    go_through(xtrig.load(file), site, ONCE)


@pytest.mark.parametrize("case", WITH_DDL_ONLY)
def test_ddl_triggers_go_all_the_way_on_16(case: str, site16: Site) -> None:
    go_through(definition(case), site16)


def test_a_logon_trigger_on_16_is_refused_in_the_words_of_the_translation(site16: Site) -> None:
    before = site16.snapshot()
    for verb in (xtrig.plan, xtrig.status, xtrig.apply, xtrig.drop):
        with pytest.raises(xtrig.RefusedError, match="login event triggers from version 17 on"):
            verb(xtrig.load(EXAMPLES / "session_audit.yaml"), site16.url())
    assert site16.snapshot() == before


def test_a_dropped_set_keeps_its_tables_unless_asked(site: Site) -> None:
    triggers = xtrig.load(EXAMPLES / "session_audit.yaml")
    xtrig.apply(triggers, site.url(), canary=ONCE)
    recorded = site.value("SELECT count(*) FROM audit.users_log")
    assert recorded > 0
    report = xtrig.drop(triggers, site.url())
    assert "table audit.users_log stays; --with-data drops it" in report.notes
    assert site.value("SELECT count(*) FROM audit.users_log") >= recorded
    assert {each.condition for each in xtrig.status(triggers, site.url()).objects} == {
        Condition.IN_SYNC,
        Condition.MISSING,
    }


def test_dropping_what_is_not_there_does_nothing(site: Site) -> None:
    before = site.snapshot()
    assert xtrig.drop(xtrig.load(EXAMPLES / "no_ddl.yaml"), site.url()).done == []
    assert site.snapshot() == before


def test_a_stranger_of_the_same_name_survives_a_drop(site: Site) -> None:
    site.admin.execute("CREATE FUNCTION public.noddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END'")
    before = site.snapshot()
    assert xtrig.drop(xtrig.load(EXAMPLES / "no_ddl.yaml"), site.url()).done == []
    assert site.snapshot() == before


def test_a_session_that_may_not_connect_is_one_line(site: Site) -> None:
    with pytest.raises(psycopg.Error):
        psycopg.connect(site.database.server.conninfo(database="not_there"))
    with pytest.raises(xtrig.XtrigError, match=r"^cannot connect: .*not_there.*$"):
        xtrig.plan(xtrig.load(EXAMPLES / "no_ddl.yaml"), site.database.server.url(database="not_there"))
