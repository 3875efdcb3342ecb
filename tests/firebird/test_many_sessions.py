"""10,000 logins by 8 clients, of which some are killed and some thrown out: each session is recorded once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.firebird.servers import Database
from tests.firebird.test_deploying import url_of
from tests.firebird.test_sessions import maintain
from xtrig import audit
from xtrig.deploy import apply

CLIENTS, LOGINS = 8, 1250
CLIENT = """
import os, sys
dsn, root, log, first, last = sys.argv[1:]
sys.path.insert(0, root)
from tests.firebird.servers import PASSWORD, load_client
driver = load_client()
out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in range(int(first), int(last)):
    session = driver.connect(dsn, user="BOB", password=PASSWORD, charset="UTF8")
    with session.cursor() as cursor:
        (id_,) = cursor.execute("SELECT current_connection FROM rdb$database").fetchone()
    session.commit()
    how = "killed" if number % 125 == 60 else "thrown out" if number % 25 == 7 else "plain"
    os.write(out, f"{number} {id_} {how}\\n".encode())
    if how == "killed":
        os.kill(os.getpid(), 9)
    if how == "thrown out":
        with driver.connect(dsn, user="SYSDBA", password=PASSWORD, no_db_triggers=True) as admin:
            admin.execute_immediate(f"DELETE FROM mon$attachments WHERE mon$attachment_id = {id_}")
            admin.commit()
    try:
        session.close()
    except driver.DatabaseError:
        if how != "thrown out":
            raise
        session._att = None
"""


def work(database: Database, log: Path) -> None:
    """Let a client do its logins; one that was killed is started again behind its last login."""
    root = str(Path(__file__).parents[2])
    first = 0
    while first < LOGINS:
        command = [sys.executable, "-c", CLIENT, database.dsn, root, str(log), str(first), str(LOGINS)]
        done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        first = int(log.read_text().splitlines()[-1].split()[0]) + 1


@pytest.mark.slow
def test_each_session_of_ten_thousand_is_there_once(database: Database, tmp_path: Path) -> None:
    if not database.server.host:
        pytest.skip("a file of the embedded engine is open to one process")
    apply(audit.session_audit(ddl=False), url_of(database))
    logs = [tmp_path / f"{number}.log" for number in range(CLIENTS)]
    clients = [threading.Thread(target=work, args=(database, log)) for log in logs]
    for each in clients:
        each.start()
    while any(each.is_alive() for each in clients):
        maintain(database)
        clients[0].join(1) if clients[0].is_alive() else clients[-1].join(1)
    maintain(database)
    said = {
        id_: how for log in logs for _, id_, how in (line.split(maxsplit=2) for line in log.read_text().splitlines())
    }
    assert len(said) == CLIENTS * LOGINS
    rows = database.rows("SELECT session_id, ended_by FROM sessions WHERE login_user = 'BOB'")
    assert sorted(id_ for id_, _ in rows) == sorted(said)
    ends = Counter((said[id_], ended_by) for id_, ended_by in rows)
    print(ends)
    thrown_out = sum(how == "thrown out" for how in said.values())
    assert ends.pop(("thrown out", "inferred")) == thrown_out
    assert {ended_by for _, ended_by in ends} == {"logoff"}
    assert database.rows("SELECT count(*) FROM refused_logins") == [(0,)]
