"""Canaries that prove nothing, as they log in elsewhere or not at all: said before anything is changed."""

from __future__ import annotations

import pytest

from tests.server.deploying.conftest import site_of
from tests.server.deploying.site import AUDIT, Database, Site
from xtrig.deploy import Canary
from xtrig.errors import DatabaseError, UsageError
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("deploying-frail")]

BEFORE = "--canary-url cannot log in even before anything is changed: "


def through(url: str) -> Canary:
    return Canary(urls=(url,), login_timeout=2)


def test_a_canary_of_another_database_is_turned_away(site: Site) -> None:
    canary = through(site.database.server.url("alice", "postgres"))
    failure = site.fails(AUDIT, UsageError, canary=canary)
    assert "--canary-url leads to another database: 'postgres' instead of 'test_" in failure.message


def test_a_canary_of_a_database_of_the_same_name_and_number_elsewhere_is_turned_away(
    server18: EmbeddedServer, frail_server: EmbeddedServer
) -> None:
    """Every cluster has a database postgres, and everywhere its number is 5."""
    with site_of(Database(frail_server, "postgres")) as site:
        canary = through(server18.url("postgres", "postgres", tcp=False))
        failure = site.fails(AUDIT, UsageError, canary=canary)
        assert "--canary-url leads to another server" in failure.message
        same = through(site.url("alice"))
        assert site.apply(AUDIT, canary=same).failed is None
        site.admin.execute("DROP EVENT TRIGGER on_logon; DROP SCHEMA audit CASCADE")


def test_a_canary_with_a_wrong_password_is_told_so_without_repeating_it(site: Site) -> None:
    site.admin.execute("ALTER ROLE alice PASSWORD 'right'")
    url = site.database.server.url("alice", site.database.name, password="wrong-or-not")
    failure = site.fails(AUDIT, DatabaseError, canary=through(url))
    assert failure.message.startswith(BEFORE)
    assert "password authentication failed" in failure.message
    assert "wrong-or-not" not in failure.message


@pytest.mark.parametrize("url", ["postgresql://alice@127.0.0.1:1/nothing", "host=/nowhere dbname=nothing"])
def test_a_canary_through_nothing_is_told_so(url: str, site: Site) -> None:
    assert site.fails(AUDIT, DatabaseError, canary=through(url)).message.startswith(BEFORE)


def test_a_canary_that_may_not_log_in_at_all_is_told_so(site: Site) -> None:
    site.admin.execute("ALTER ROLE alice NOLOGIN")
    before = site.snapshot()
    with pytest.raises(DatabaseError, match='role "alice" is not permitted to log in'):
        site.apply(AUDIT, canary=through(site.url("alice")))
    assert site.snapshot() == before
    assert site.log_in("bob") is None


def test_a_canary_that_another_trigger_refuses_proves_nothing(site: Site) -> None:
    site.admin.execute(
        "CREATE FUNCTION public.other() RETURNS event_trigger LANGUAGE plpgsql AS "
        "'BEGIN IF session_user = ''alice'' THEN RAISE ''not you''; END IF; END';"
        "CREATE EVENT TRIGGER a_other ON login EXECUTE FUNCTION public.other()"
    )
    before = site.snapshot()
    with pytest.raises(DatabaseError) as caught:
        site.apply(AUDIT, canary=through(site.url("alice")))
    assert str(caught.value).startswith(BEFORE)
    assert "not you" in str(caught.value)
    assert site.snapshot() == before
