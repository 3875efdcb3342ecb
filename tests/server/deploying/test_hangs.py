"""Logins that wait: for a lock, for a sleep, for a loop that never ends. Only those are ended that hang."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.server.deploy import wait_until
from tests.server.deploying.site import QUICK, TAKEN_BACK, UNTOUCHED, Site, logon, written
from xtrig.deploy import Canary, DeploymentError, ProofError

pytestmark = pytest.mark.server

INSERT = "{insert: held, values: {who: '${login_user}'}}"
IN_LOGINS = "_STUCK"
HANGING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state IS NULL"
UNBOUNDED = "timeout: 0\n    lock_timeout: 0"
DENY = "on_error: deny"
SLEEP = "perform pg_sleep(600)"
LOOP = "loop null; end loop"
LOCKED = "insert into audit.held values ('x')"


def held(policies: str) -> str:
    return logon(INSERT, policies=policies).replace("{log: {columns: {who: text}}}", "{held: {create: false}}")


def only(condition: str, statement: str) -> str:
    return written(f"begin\n  if {condition} then\n    {statement};\n  end if;\nend", policies=UNBOUNDED)


@pytest.fixture
def locked(site: Site) -> Iterator[psycopg.Connection[object]]:
    """The table that the triggers write to, held by somebody who does not let it go."""
    site.admin.execute("CREATE SCHEMA audit; CREATE TABLE audit.held (who text)")
    with site.database.connect("postgres", autocommit=False) as holder:
        holder.execute("LOCK TABLE audit.held IN ACCESS EXCLUSIVE MODE")
        yield holder


def test_a_lock_held_by_another_is_waited_for_no_longer_than_the_policy_says(
    site: Site, locked: psycopg.Connection[object]
) -> None:
    assert "lock timeout" in site.fails(held(""), DeploymentError).message
    assert site.apply(held(""), canary=replace(QUICK, accept_errors=True)).failed is None
    assert site.log_in() is None
    assert "canceling statement due to lock timeout" in site.database.server.log_text()


def test_a_lock_held_by_another_refuses_the_deployment_if_it_would_refuse_logins(
    site: Site, locked: psycopg.Connection[object]
) -> None:
    failure = site.fails(held(DENY), ProofError)
    assert "canceling statement due to lock timeout" in failure.message
    assert failure.report.failed == "rehearsal"
    assert failure.message.endswith(UNTOUCHED)


def test_a_lock_without_a_bound_in_the_function_is_bounded_in_the_rehearsal(
    site: Site, locked: psycopg.Connection[object]
) -> None:
    failure = site.fails(held(f"{DENY}\n    {UNBOUNDED}"), ProofError, canary=QUICK)
    assert "canceling statement due to" in failure.message
    assert failure.report.failed == "rehearsal"


@pytest.mark.parametrize("statement", [SLEEP, LOOP, LOCKED], ids=["sleep", "loop", "lock"])
def test_a_login_that_hangs_is_ended_and_nobody_else_is(
    statement: str, site: Site, locked: psycopg.Connection[object]
) -> None:
    with site.database.connect("alice") as idle, site.database.connect("bob", autocommit=False) as in_transaction:
        in_transaction.execute("SELECT 1")
        failure = site.fails(only("tg_event = 'login'", statement), ProofError)
        assert failure.refused == [("postgres", "canary")]
        assert "no answer in time" in failure.message
        assert len(failure.report.ended) == 1
        is_unplanned = any("were not planned: canceling statement" in each for each in failure.report.unproved)
        assert is_unplanned is (statement == LOCKED)
        assert failure.message.endswith(TAKEN_BACK)
        assert site.value(HANGING) == 0
        assert [session.execute("SELECT 1").fetchone() for session in (idle, in_transaction)] == [(1,), (1,)]
        locked.execute("SELECT 1")


@pytest.mark.parametrize("statement", [SLEEP, LOOP], ids=["sleep", "loop"])
def test_what_never_ends_is_bounded_in_the_rehearsal_although_the_function_sets_no_bound(
    statement: str, site: Site
) -> None:
    failure = site.fails(only("true", statement), ProofError)
    assert failure.report.failed == "rehearsal"
    assert "canceling statement due to statement timeout" in failure.message


def test_logins_of_others_that_hang_once_it_is_live_are_ended_too(site: Site) -> None:
    """Bob is no canary: he only happens to come by while alice proves that she cannot."""
    came: list[str | None] = []

    def bob_comes_by() -> None:
        wait_until(lambda: site.value("SELECT count(*) FROM pg_event_trigger WHERE evtenabled = 'O'") == 1, "live")
        came.append(site.log_in("bob"))

    # The keeper is enabled from the canary stage on; with a login trigger of another there is none.
    site.admin.execute("CREATE FUNCTION public.other() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'")
    site.admin.execute("CREATE EVENT TRIGGER other ON login EXECUTE FUNCTION public.other()")
    site.admin.execute("ALTER EVENT TRIGGER other ENABLE ALWAYS")
    passer_by = threading.Thread(target=bob_comes_by)
    before = site.snapshot()
    passer_by.start()
    canary = Canary(urls=(site.url("alice"),), login_timeout=2, rounds=1)
    failure = site.fails(only("session_user IN ('alice', 'bob')", SLEEP), ProofError, canary=canary)
    passer_by.join(20)
    assert failure.refused == [("alice", "live")]
    assert "terminating connection due to administrator command" in str(came)
    assert len(failure.report.ended) == 2
    assert site.snapshot() == before


SLOW = """
CREATE FUNCTION public.slow() RETURNS event_trigger LANGUAGE plpgsql AS
'BEGIN IF session_user = ''bob'' THEN PERFORM pg_sleep({seconds}); END IF; END';
CREATE EVENT TRIGGER slow ON login EXECUTE FUNCTION public.slow();
"""


def test_a_slow_login_that_began_before_is_not_ended(site: Site) -> None:
    site.admin.execute(SLOW.format(seconds=6).encode())
    came: list[str | None] = []
    slow = threading.Thread(target=lambda: came.append(site.log_in("bob")))
    slow.start()
    wait_until(lambda: site.value(f"{HANGING} AND usename = 'bob'") == 1, "bob is logging in")
    with pytest.raises(ProofError) as caught:
        site.apply(only("tg_event = 'login' and session_user = 'postgres'", SLEEP))
    assert not came
    slow.join(20)
    assert came == [None]
    assert len(caught.value.report.ended) == 1


def test_slow_logins_that_began_after_it_was_taken_back_are_not_ended(site: Site) -> None:
    site.admin.execute(SLOW.format(seconds=2.5).encode())
    came: list[str | None] = []
    over = threading.Event()

    def bob_comes_by() -> None:
        ours = "SELECT count(*) FROM pg_event_trigger WHERE evtname = 'on_logon'"
        wait_until(lambda: site.value(ours) == 1, "the trigger is there")
        wait_until(lambda: site.value(ours) == 0, "the trigger is gone")
        came.append(site.log_in("bob"))

    # Somebody whom nothing can end at once keeps the clearing up busy meanwhile.
    passer_by = threading.Thread(target=bob_comes_by)
    passer_by.start()
    stubborn = "begin\n  if tg_event = 'login' then\n    perform pg_sleep(600);\n  end if;\nend"
    with pytest.raises(ProofError) as caught:
        site.apply(written(stubborn))
    over.set()
    passer_by.join(20)
    assert came == [None]
    assert len(caught.value.report.ended) == 1
