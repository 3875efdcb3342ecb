"""What goes wrong on a real MariaDB; afterwards an ordinary user logs in, or xtrig says what to do."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading

import pytest

import xtrig
from tests.server.mariadb.server import MariaDB
from tests.server.mariadb.test_mariadb_logon import RECORD, definition, logged
from xtrig.deploy import Canary, DeploymentError, ProofError, disable, enable
from xtrig.doctor import examine
from xtrig.errors import DatabaseError
from xtrig_mariadb.driver import MariaDBSession

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("mariadb")]

STRICT = definition(RECORD, more="on_error: deny")
KILLED = """
import os, signal, sys
import xtrig
from xtrig.deploy import Canary
from xtrig_mariadb.driver import MariaDBSession

definition, url, canary, number, moment = sys.argv[1:]
left = int(number)
execute = MariaDBSession.execute

def counted(self, sql):
    global left
    changes = sql.startswith(("CREATE", "GRANT", "SET GLOBAL"))
    left -= changes
    if changes and left == 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    execute(self, sql)
    if changes and left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

MariaDBSession.execute = counted
xtrig.apply(xtrig.load_text(definition), url, canary=Canary(urls=[canary]))
"""


@pytest.fixture
def url(mariadb: MariaDB) -> str:
    mariadb.user("bob")
    return mariadb.server.url()


@pytest.fixture
def canary(mariadb: MariaDB, url: str) -> Canary:
    return Canary(urls=[mariadb.server.url("bob")])


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_change_logins_work_and_apply_goes_on(
    mariadb: MariaDB, url: str, moment: str, canary: Canary
) -> None:
    """Whoever logs in calls nothing that is not there yet; on_error: deny would refuse everybody."""
    for number in range(1, 20):
        arguments = [STRICT, url, mariadb.server.url("bob"), str(number), moment]
        done = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, text=True, check=False)
        assert mariadb.log_in("bob") is None, number
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        xtrig.apply(xtrig.load_text(STRICT), url, canary=canary)
        assert xtrig.status(xtrig.load_text(STRICT), url).is_in_sync
        xtrig.drop(xtrig.load_text(STRICT), url, with_data=True)
        assert mariadb.init_connect == ""
    assert number > 4


def test_killed_before_the_logins_of_a_trigger_that_refuses_drop_is_the_way_back(mariadb: MariaDB, url: str) -> None:
    refusing = definition("{deny: nobody}")
    made = len(("database", "table", "procedure", "grant", "section"))
    arguments = [refusing, url, mariadb.server.url("bob"), str(made), "after"]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "init_connect command failed" in str(mariadb.log_in("bob"))
    xtrig.drop(xtrig.load_text(refusing), url)
    assert mariadb.log_in("bob") is None


def test_two_at_once_leave_one_section(mariadb: MariaDB, url: str, canary: Canary) -> None:
    said: list[str] = []

    def deploy() -> None:
        try:
            xtrig.apply(xtrig.load_text(definition(RECORD)), url, canary=canary)
            said.append("done")
        except xtrig.XtrigError as error:
            said.append(str(error))

    threads = [threading.Thread(target=deploy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in said
    assert all(each == "done" or "another deployment is at work" in each or "changed" in each for each in said), said
    assert mariadb.init_connect.count("/* xtrig end:") == 1
    assert xtrig.status(xtrig.load_text(definition(RECORD)), url).is_in_sync
    assert mariadb.log_in("bob") is None


def test_a_body_that_is_none_is_never_live(mariadb: MariaDB, url: str, canary: Canary) -> None:
    broken = definition("{sql: {mariadb: INSERT INTO}}")
    with pytest.raises(DeploymentError, match=r"error in your SQL syntax.*taken back"):
        xtrig.apply(xtrig.load_text(broken), url, canary=canary)
    assert mariadb.init_connect == ""
    assert mariadb.rows("SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'audit'") == []
    assert mariadb.log_in("bob") is None


def test_a_right_that_is_missing_leaves_nothing(mariadb: MariaDB, url: str, canary: Canary) -> None:
    mariadb.user("deployer", grants="CONNECTION ADMIN, CREATE")
    with pytest.raises(DeploymentError, match="denied") as caught:
        xtrig.apply(xtrig.load_text(definition(RECORD)), mariadb.server.url("deployer"), canary=canary)
    assert "\n" not in str(caught.value)
    assert mariadb.init_connect == ""
    assert mariadb.log_in("bob") is None


@pytest.mark.parametrize(
    ("sql", "condition"),
    [
        ("CREATE OR REPLACE PROCEDURE audit.seen(IN a VARCHAR(64), IN b VARCHAR(400)) DO 1", "changed"),
        ("DROP PROCEDURE audit.seen", "missing"),
    ],
)
def test_a_procedure_that_somebody_changed_is_found_and_put_right(
    mariadb: MariaDB, url: str, canary: Canary, sql: str, condition: str
) -> None:
    wanted = xtrig.load_text(definition(RECORD))
    xtrig.apply(wanted, url, canary=canary)
    mariadb.rows(sql)
    assert mariadb.log_in("bob") is None
    assert not xtrig.status(wanted, url).is_in_sync
    if condition == "changed":
        assert "was not made by xtrig" in xtrig.plan(wanted, url).refusals[0]
        mariadb.rows("DROP PROCEDURE audit.seen")
    xtrig.apply(wanted, url, canary=canary)
    assert xtrig.status(wanted, url).is_in_sync
    assert "bob" in logged(mariadb)


@pytest.mark.parametrize("schema", ["audit", "an`audit_ö"])
def test_a_right_that_somebody_revoked_is_named_and_given_back(
    mariadb: MariaDB, url: str, canary: Canary, schema: str
) -> None:
    """Without it every login of an ordinary account is refused, or under on_error: allow goes by unseen."""
    strict = STRICT.replace("schema: audit", f"schema: {schema}")
    wanted = xtrig.load_text(strict)
    xtrig.apply(wanted, url, canary=canary)
    assert mariadb.log_in("bob") is None
    quoted = schema.replace("`", "``")
    mariadb.rows(f"REVOKE EXECUTE ON PROCEDURE `{quoted}`.seen FROM PUBLIC")
    assert "init_connect command failed" in str(mariadb.log_in("bob"))
    (changed,) = [each for each in xtrig.status(wanted, url).objects if not each.is_good]
    assert (str(changed.kind), str(changed.condition)) == ("procedure", "tampered")
    assert [(each.attribute, each.live, each.wanted) for each in changed.differences] == [
        ("execute", "nobody", "PUBLIC")
    ]
    assert found(url) == ["not-callable", "lost-at-restart"]
    with pytest.raises(DatabaseError, match="--canary-url cannot log in even before anything is changed"):
        xtrig.apply(wanted, url, canary=canary)
    xtrig.apply(wanted, url)
    assert mariadb.log_in("bob") is None
    assert xtrig.status(wanted, url).is_in_sync
    # The right on all of the database does as well.
    mariadb.rows(f"REVOKE EXECUTE ON PROCEDURE `{quoted}`.seen FROM PUBLIC")
    pattern = quoted.replace("_", "\\_")
    mariadb.rows(f"GRANT EXECUTE ON `{pattern}`.* TO PUBLIC")
    assert mariadb.log_in("bob") is None
    assert xtrig.status(wanted, url).is_in_sync
    mariadb.rows(f"REVOKE EXECUTE ON `{pattern}`.* FROM PUBLIC")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_loses_it_and_status_says_so(mariadb: MariaDB, url: str, canary: Canary, number: int) -> None:
    wanted = xtrig.load_text(STRICT)
    xtrig.apply(wanted, url, canary=canary)
    kept = mariadb.init_connect
    mariadb.admin.close()
    mariadb.server.stop(number)
    mariadb.server.start()
    mariadb.admin = mariadb.server.connect()
    assert mariadb.log_in("bob") is None
    assert [str(each) for each in xtrig.plan(wanted, url).changes] == ["create trigger 'seen'"]
    # The way that the plan's note names: what was said before stands in an option file.
    mariadb.rows(f"SET GLOBAL init_connect = {mariadb.admin.escape(kept)}")
    assert xtrig.status(wanted, url).is_in_sync


def test_disabled_it_does_not_run_and_enabled_it_does(mariadb: MariaDB, url: str, canary: Canary) -> None:
    mariadb.rows("SET GLOBAL init_connect = 'SET @theirs = 1;'")
    wanted = xtrig.load_text(definition(RECORD))
    xtrig.apply(wanted, url, canary=canary)
    before = mariadb.init_connect
    disable(wanted, url)
    assert mariadb.init_connect.endswith("SET @theirs = 1;")
    rows = len(mariadb.rows("SELECT * FROM audit.log"))
    assert mariadb.log_in("bob") is None
    assert len(mariadb.rows("SELECT * FROM audit.log")) == rows
    assert {str(each.condition) for each in xtrig.status(wanted, url).objects} == {"in sync", "disabled"}
    assert xtrig.apply(wanted, url, canary=canary).done == []
    enable(wanted, url, canary=canary)
    assert mariadb.init_connect == before
    assert mariadb.log_in("bob") is None
    assert len(mariadb.rows("SELECT * FROM audit.log")) > rows
    disable(wanted, url)
    xtrig.drop(wanted, url)
    assert mariadb.init_connect == "SET @theirs = 1;"


def found(url: str) -> list[str]:
    return [problem.name for problem in examine(url).problems]


def test_doctor_names_what_would_refuse_logins_and_how_to_get_in(mariadb: MariaDB, url: str, canary: Canary) -> None:
    assert found(url) == []
    mariadb.user("maker")
    mariadb.rows("GRANT ALL PRIVILEGES ON *.* TO maker WITH GRANT OPTION")
    xtrig.apply(xtrig.load_text(STRICT), mariadb.server.url("maker"), canary=canary)
    assert found(url) == ["lost-at-restart"]
    mariadb.rows("DROP USER maker")
    assert found(url) == ["missing-definer", "lost-at-restart"]
    assert "init_connect command failed" in str(mariadb.log_in("bob"))
    mariadb.rows("DROP PROCEDURE audit.seen")
    assert found(url) == ["missing-procedure", "lost-at-restart"]
    assert "no-way-back" in found_as(mariadb, "bob")
    way_out, restart = examine(url).commands
    subprocess.run(way_out.text, shell=True, check=True)
    assert mariadb.log_in("bob") is None
    assert found(url) == []
    assert "restart" in restart.text


def found_as(mariadb: MariaDB, user: str) -> list[str]:
    """Ask as somebody whom init_connect does not keep out for the moment."""
    kept = mariadb.init_connect
    mariadb.rows("SET GLOBAL init_connect = ''")
    try:
        return found(mariadb.server.url(user))
    finally:
        mariadb.rows(f"SET GLOBAL init_connect = {mariadb.admin.escape(kept)}")


WHO = '{insert: log, values: {who: "${login_user}"}}'
THERE = "CREATE TABLE audit.log (id BIGINT AUTO_INCREMENT PRIMARY KEY, who VARCHAR(9) NOT NULL) ENGINE = {}"


def existing(*steps: str) -> xtrig.TriggerSet:
    """Return a set whose table is there already."""
    text = re.sub(r"  log:\n.*(?=triggers:)", "  log: {create: false}\n", definition(*steps), flags=re.DOTALL)
    return xtrig.load_text(text)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (["{insert: log, values: {who: \"'longer than nine'\"}}"], "Data too long"),
        ([WHO, "{deny: x, when: \"${login_user} = 'x'\"}", WHO.replace("who:", "nothing:")], "nothing"),
        (["{deny: nobody}", WHO.replace("who:", "nothing:")], "nothing"),
    ],
)
def test_steps_that_fail_at_every_run_are_found_before_they_are_live(
    mariadb: MariaDB, url: str, canary: Canary, steps: list[str], said: str
) -> None:
    """With on_error: allow the trigger would do nothing, at every login, and nobody would be told."""
    mariadb.rows("CREATE DATABASE audit")
    mariadb.rows(THERE.format("InnoDB"))
    wanted = existing(*steps)
    with pytest.raises(ProofError, match=f"{said}.*everything was taken back"):
        xtrig.apply(wanted, url, canary=canary)
    assert mariadb.init_connect == ""
    assert mariadb.rows("SELECT * FROM audit.log") == []


@pytest.mark.parametrize("engine", ["InnoDB", "MyISAM", "Aria"])
def test_a_rehearsal_leaves_no_row(mariadb: MariaDB, url: str, engine: str) -> None:
    """What an engine without transactions keeps is not rehearsed."""
    mariadb.rows("CREATE DATABASE audit")
    mariadb.rows(THERE.format(engine))
    wanted = existing(WHO)
    assert "rehearsal" in xtrig.apply(wanted, url).done
    assert mariadb.rows("SELECT * FROM audit.log") == []
    assert mariadb.log_in("bob") is None
    assert mariadb.rows("SELECT who FROM audit.log") == ["bob"]


def test_what_may_commit_is_not_rehearsed_and_that_is_said(mariadb: MariaDB, url: str, canary: Canary) -> None:
    report = xtrig.apply(xtrig.load_text(definition("{sql: {mariadb: COMMIT}}")), url, canary=canary)
    assert "rehearsal" not in report.done
    assert any(note.startswith("seen: not rehearsed") for note in report.notes)


def test_a_trigger_that_keeps_people_waiting_is_taken_back(mariadb: MariaDB, url: str) -> None:
    waits = definition("{sql: {mariadb: DO SLEEP(8)}}", more="timeout: 0")
    canary = Canary(urls=[mariadb.server.url("bob")], login_timeout=1.0)
    with pytest.raises(ProofError, match=r"bob.* could not log in.*everything was taken back, and logins work"):
        xtrig.apply(xtrig.load_text(waits), url, canary=canary)
    assert mariadb.init_connect == ""
    assert mariadb.log_in("bob") is None


def test_a_server_that_crashes_during_a_deployment_lets_people_in(
    mariadb: MariaDB, url: str, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It crashes after its last command: what it had in memory alone is gone, and another apply goes on."""
    wanted = xtrig.load_text(STRICT)
    execute = MariaDBSession.execute

    def crashing(self: MariaDBSession, sql: str) -> None:
        execute(self, sql)
        if sql.startswith("SET GLOBAL init_connect") and mariadb.admin.open:  # once: what takes it back sets it, too
            mariadb.admin.close()
            mariadb.server.stop(signal.SIGKILL)
            mariadb.server.start()

    with monkeypatch.context() as patched:
        patched.setattr(MariaDBSession, "execute", crashing)
        with pytest.raises(xtrig.XtrigError) as caught:
            xtrig.apply(wanted, url, canary=canary)
        mariadb.admin = mariadb.server.connect()
    assert "\n" not in str(caught.value)
    assert mariadb.init_connect == ""
    assert mariadb.log_in("bob") is None
    xtrig.apply(wanted, url, canary=canary)
    assert xtrig.status(wanted, url).is_in_sync
