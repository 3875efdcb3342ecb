"""Connections that break, people who interrupt, time that runs out: at every stage everything is taken back."""

from __future__ import annotations

import time

import pytest

from tests.server.deploy import wait_until
from tests.server.deploying.site import (
    AUDIT,
    REPLACING,
    SELDOM,
    STAGES,
    TAKEN_BACK,
    UNTOUCHED,
    Mischief,
    Site,
    logon,
    written,
)
from xtrig.deploy import Bounds, DeploymentError
from xtrig.errors import DatabaseError
from xtrig_pgfamily.driver.session import Session

pytestmark = pytest.mark.server

CHANGED = AUDIT.replace("    steps:", "    steps:\n      - log: changed")
OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
TERMINATE = f"SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE {OTHERS}"
GUARD = " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
NOT_GUARD = " AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
LIVE = "SELECT count(*) FROM pg_event_trigger WHERE evtname = 'on_logon'"
SESSIONS = f"SELECT count(*) FROM pg_stat_activity WHERE {OTHERS}"


MENDED = (("rehearsal", NOT_GUARD), ("finish", NOT_GUARD))
"""The rehearsal has a session of its own; and where standbys are waited for, a broken one is opened again."""


@pytest.mark.parametrize(("stage", "whom"), MENDED)
def test_a_session_that_breaks_while_nothing_depends_on_it_stops_nothing(stage: str, whom: str, site: Site) -> None:
    mischief = Mischief(stage, lambda: site.value(TERMINATE + whom))
    if stage == "rehearsal":
        site.fails(SELDOM, DeploymentError, listener=mischief)  # the next stage meets it
    else:
        assert site.apply(SELDOM, listener=mischief).done[-1] == "finish"
        assert site.apply(SELDOM).changes == []


@pytest.fixture
def at_work(site: Site) -> Site:
    """A site where the set is already at work, so that live functions change."""
    site.apply(AUDIT)
    return site


def outcome(stage: str) -> str:
    """What is said after a failure in a stage: up to the first commit there is nothing to take back."""
    return UNTOUCHED if stage in ("rehearsal", "prepare") else TAKEN_BACK


@pytest.mark.parametrize(
    ("stage", "whom"),
    [(stage, whom) for stage in STAGES for whom in (GUARD, NOT_GUARD) if (stage, whom) not in MENDED]
    + [("go live", "")],
)
def test_a_session_that_breaks_in_a_first_deployment(stage: str, whom: str, site: Site) -> None:
    mischief = Mischief(stage, lambda: site.value(TERMINATE + whom))
    failure = site.fails(SELDOM, DeploymentError, listener=mischief)
    assert mischief.done
    # Where both end, either may be noticed first.
    said = {GUARD: "guards the deployment broke", NOT_GUARD: "terminating connection"}
    assert any(each in failure.message for each in ([said[whom]] if whom else said.values()))
    assert failure.message.endswith(TAKEN_BACK if failure.report.taken_back else UNTOUCHED)
    assert failure.report.restored


@pytest.mark.parametrize("stage", REPLACING[2:])
@pytest.mark.parametrize("whom", [NOT_GUARD, GUARD], ids=["deploying", "guard"])
def test_a_session_that_breaks_while_a_live_function_is_replaced(stage: str, whom: str, at_work: Site) -> None:
    rows = at_work.value("SELECT count(*) FROM audit.log")
    failure = at_work.fails(CHANGED, DeploymentError, listener=Mischief(stage, lambda: at_work.value(TERMINATE + whom)))
    assert failure.message.endswith(TAKEN_BACK)
    assert at_work.value("SELECT count(*) FROM audit.log") > rows


def test_a_session_that_breaks_before_anything_was_compared_is_one_line(site: Site) -> None:
    mischief = Mischief("comparing", lambda: site.value(TERMINATE))
    failure = site.fails(AUDIT, DatabaseError, listener=mischief)
    assert "terminating connection" in failure.message
    assert "SELECT" not in failure.message


class Terminated(BaseException):
    """What a handler of SIGTERM may raise."""


def interrupt(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("stage", "error"),
    [*((stage, KeyboardInterrupt()) for stage in STAGES), ("canary", SystemExit(143)), ("go live", Terminated())],
    ids=repr,
)
def test_whoever_interrupts_gets_everything_taken_back(stage: str, error: BaseException, site: Site) -> None:
    before = site.snapshot()
    with pytest.raises(type(error)):
        site.apply(SELDOM, listener=Mischief(stage, lambda: interrupt(error)))
    site.untouched(before)


@pytest.mark.parametrize("stage", REPLACING)
def test_whoever_interrupts_a_replacement_keeps_the_old_function(stage: str, at_work: Site) -> None:
    before = at_work.snapshot()
    with pytest.raises(KeyboardInterrupt):
        at_work.apply(CHANGED, listener=Mischief(stage, lambda: interrupt(KeyboardInterrupt())))
    at_work.untouched(before)


def test_rows_of_others_are_kept(site: Site) -> None:
    def passing_by() -> None:
        assert site.log_in("bob") is None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.apply(SELDOM, listener=Mischief("finish", passing_by))
    assert site.value("SELECT string_agg(who, ' ') FROM audit.log") == "bob"
    assert {kind for kind, _ in site.snapshot()} == {"relation", "schema"}
    assert site.log_in("bob") is None


class Gone:
    """A listener whose terminal is gone from some step on: it fails whenever it is told something."""

    def __init__(self, since: str) -> None:
        self._since = since
        self._gone = False

    def step(self, what: str) -> None:
        """Fail, from then on."""
        self._gone = self._gone or what.startswith(self._since)
        if self._gone:
            raise BrokenPipeError("the terminal is gone")

    def note(self, what: str) -> None:
        """Fail, from then on."""
        self.step(what)


@pytest.mark.parametrize("stage", ["canary", "finish"])
def test_a_listener_that_fails_ever_after_keeps_nothing_from_being_taken_back(stage: str, site: Site) -> None:
    failure = site.fails(SELDOM, DeploymentError, listener=Gone(stage))
    assert "interrupted (BrokenPipeError)" in failure.message
    assert failure.message.endswith(TAKEN_BACK)


@pytest.mark.parametrize("stage", ["canary", "go live", "finish"])
def test_the_server_itself_takes_back_what_is_not_done_in_time(stage: str, site: Site) -> None:
    objects = "SELECT count(*) FROM pg_proc WHERE proname IN ('on_logon', 'xtrig_keeper')"

    def dawdle() -> None:
        wait_until(lambda: (site.value(LIVE), site.value(objects)) == (0, 0), "the server takes it back", 10)

    failure = site.fails(SELDOM, DeploymentError, listener=Mischief(stage, dawdle), bounds=Bounds(1, undo_after=1))
    assert "it was not done in 1 s, and the server took it back by itself" in failure.message
    assert "--undo-after" in failure.message
    assert failure.message.endswith(TAKEN_BACK)


def test_the_server_itself_leaves_no_schema_where_nobody_has_written(site: Site) -> None:
    before = site.snapshot()

    def dawdle() -> None:
        wait_until(lambda: site.snapshot() == before, "the server takes everything back", 10)

    definition = logon("log: somebody came", table="")
    site.fails(definition, DeploymentError, listener=Mischief("finish", dawdle), bounds=Bounds(1, undo_after=1))


def test_what_is_locked_does_not_keep_the_server_from_taking_back_the_rest(site: Site) -> None:
    """A login that hangs after its row is written holds the table, and the trigger must go all the same."""

    def dawdle() -> None:
        with site.database.connect("postgres", autocommit=False, options="-c event_triggers=off") as holder:
            holder.execute("INSERT INTO audit.log VALUES ('somebody who hangs')")
            wait_until(lambda: site.value(LIVE) == 0, "the trigger is taken back", 15)
            holder.rollback()

    definition = written("begin\nend").replace("functions:", "tables: {log: {columns: {who: text}}}\nfunctions:")
    failure = site.fails(definition, DeploymentError, listener=Mischief("finish", dawdle), bounds=Bounds(1, 1))
    assert failure.report.restored


@pytest.mark.parametrize(
    "setting", ["transaction_timeout = '700ms'", "idle_session_timeout = '700ms'", "statement_timeout = '700ms'"]
)
def test_bounds_of_the_role_end_neither_session(setting: str, site: Site) -> None:
    site.admin.execute(f"ALTER ROLE postgres IN DATABASE {site.database.name} SET {setting}".encode())
    alive: list[int] = []

    def dawdle() -> None:
        time.sleep(1.2)
        alive.append(site.value(SESSIONS + GUARD))

    site.apply(AUDIT, listener=Mischief("canary", dawdle))
    assert alive == [1]
    assert site.log_in() is None


def test_a_second_interruption_leaves_it_to_the_server(site: Site) -> None:
    class Twice(Mischief):
        def step(self, what: str) -> None:
            if what == "finish failed":
                raise KeyboardInterrupt
            super().step(what)

    listener = Twice("finish", lambda: interrupt(KeyboardInterrupt()))
    before = site.snapshot()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        site.apply(logon("log: somebody came", table=""), listener=listener, bounds=Bounds(1, undo_after=3))
    assert time.monotonic() - start < 2.5
    assert site.value(LIVE) == 1
    wait_until(lambda: site.snapshot() == before, "the server takes it back", 10)
    site.untouched(before)


def test_a_network_that_breaks_between_two_statements_does_not_hold_up_logins_for_ever(site: Site) -> None:
    """CREATE EVENT TRIGGER ON login holds up every login until its transaction ends: the server has to end it."""
    found: list[str] = []
    asked = Session.execute

    def execute(self: Session, sql: str) -> None:
        asked(self, sql)
        if sql.startswith("CREATE EVENT TRIGGER on_logon"):
            found.append(
                str(self.row("SELECT current_setting('idle_in_transaction_session_timeout') AS value")["value"])
            )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "execute", execute)
        site.apply(SELDOM)
    assert found == ["10s"]
