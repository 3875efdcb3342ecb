"""xtrig killed at each statement, several deployments at once, a client killed: afterwards an ordinary user logs in."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

import xtrig
from tests.firebird.servers import PASSWORD, Database
from tests.firebird.test_deploying import INSERT, SET, TRIGGERS, audit, triggers, url_of
from xtrig.deploy import Bounds, apply, drop, status

REFUSING = "{deny: go away}"
KILLED = """
import os, signal, sys
import xtrig
from tests.firebird.servers import load_client
from xtrig.deploy import apply
from xtrig_firebird.driver import FirebirdSession

load_client()
definition, url, number, moment = sys.argv[1:]
left = int(number)
execute = FirebirdSession.execute

def counted(self, sql):
    global left
    left -= 1
    if left == 0 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    execute(self, sql)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

FirebirdSession.execute = counted
apply(xtrig.load_text(definition), url)
"""


@pytest.fixture
def url(database: Database) -> Iterator[str]:
    if not database.server.host:
        pytest.skip("the embedded engine ends with its process")
    yield url_of(database)
    for (name,) in database.rows(TRIGGERS):
        database.execute(f"DROP TRIGGER {name}")
    assert database.login() is None


def comes_in(database: Database) -> bool:
    """Log in, for some seconds again: the server learns of a killed client by and by."""
    for _ in range(100):
        if database.login("BOB") is None:
            return True
        time.sleep(0.05)
    return False


def killed_at(number: int, moment: str, definition: str, url: str) -> int:
    arguments = [sys.executable, "-c", KILLED, definition, url, str(number), moment]
    return subprocess.run(arguments, capture_output=True, check=False).returncode


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_statement_logins_work_and_apply_goes_on(url: str, database: Database, moment: str) -> None:
    steps = f"{INSERT}, {{deny: not you, when: \"${{login_user}} = 'ALICE'\"}}"
    definition = SET.format(steps=steps, policy="", schema="audit")
    wanted = xtrig.load_text(definition)
    for number in range(1, 40):
        code = killed_at(number, moment, definition, url)
        assert comes_in(database), number
        if code == 0:
            break
        assert code == -signal.SIGKILL
        assert triggers(database) == [], number  # they are committed by what is no statement, and last
        apply(wanted, url)
        assert status(wanted, url).is_in_sync
        drop(wanted, url, with_data=True)
    print(f"killed {moment} each of {number - 1} statements")
    assert number > 5


def test_killed_in_the_middle_a_trigger_that_refuses_everybody_is_gone(url: str, database: Database) -> None:
    """After the exception, the table and its mark, and the first trigger."""
    definition = SET.format(steps=REFUSING, policy="", schema="audit")
    for number in (2, 6):
        assert killed_at(number, "after", definition, url) == -signal.SIGKILL
        assert comes_in(database)
        assert triggers(database) == []


def test_several_at_once_leave_one_set(url: str, database: Database) -> None:
    """There is no lock of deployments: whoever comes second fails, or has nothing to do."""
    said: list[str] = []

    def deploy() -> None:
        try:
            apply(audit(), url, bounds=Bounds(lock_timeout=2.0))
            said.append("done")
        except xtrig.XtrigError as error:
            said.append(str(error))

    threads = [threading.Thread(target=deploy) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("\n" not in each for each in said), said
    assert comes_in(database)
    apply(audit(), url)
    assert status(audit(), url).is_in_sync
    assert triggers(database) == ["BEGINS", "ENDS"]


def test_a_client_that_is_killed_has_its_end_recorded(url: str, database: Database) -> None:
    apply(audit(), url)
    program = f"""
import os
from tests.firebird.servers import load_client
session = load_client().connect({database.dsn!r}, user="BOB", password={PASSWORD!r}, charset="UTF8")
session.execute_immediate("EXECUTE BLOCK AS DECLARE n INTEGER; BEGIN n = 1; END")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    for _ in range(100):
        found = database.rows("SELECT who, note FROM sessions WHERE who = 'BOB' ORDER BY id")
        if len(found) == 2:
            break
        time.sleep(0.05)
    assert found == [("BOB", "begin"), ("BOB", "end")]
