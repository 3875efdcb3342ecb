"""Thousands of logins while sessions are terminated, processes killed, and the server crashes and restarts."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.server.deploy import wait_until
from tests.server.sessions.recorded import LOG, Record, make_people, recorded
from tests.server.sessions.storm import ROLES, Storm
from xtrig_pgfamily.embedded.server import EmbeddedServer

NUMBERED = "application ~ '^n[0-9]+$'"


@pytest.mark.parametrize("logins", [3_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_storm_leaves_each_session_exactly_once_and_none_open_that_is_not(
    logins: int, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {**LOG, "max_connections": "120", "log_rotation_size": "4MB", "log_filename": "pg-%Y%m%d%H%M%S.log"}
    with (
        EmbeddedServer(18, tcp=False, settings=settings) as server,
        recorded(server, logoff="server log", look_every="1s") as record,
    ):
        make_people(server, *(f"r{number}" for number in range(ROLES)))
        storm = Storm(record.database, logins)
        storm.blow()
        record.reconnect()
        # What is open is said by the server itself; the last ones are still leaving.
        wait_until(lambda: bool(record.maintain()) and recorded_open(record) == truly_open(record), "a true record")
        rows = record.run(
            f"SELECT substr(application, 2)::integer, login_user, backend_pid, ended_by, source "
            f"FROM @.sessions WHERE {NUMBERED}"
        )
        seen = Counter(number for number, *_ in rows)
        refused, seals = (
            record.value("SELECT count(*) FROM @.refused_logins"),
            record.value("SELECT count(*) FROM @.seal"),
        )
        ends = Counter(str(row[3]) for row in rows)
        with capsys.disabled():
            print(
                f"\nstorm of {logins}: {dict(storm.counts)}; {len(storm.came)} logins succeeded, {len(storm.failed)} "
                f"failed; {len(rows)} rows, {len(storm.failed & set(seen))} of failed ones; ends {dict(ends)}; "
                f"{len(truly_open(record))} open; {refused} refused; {seals} seals; "
                f"slowest login {storm.slowest:.2f} s"
            )
        assert [number for number in storm.came if number not in seen] == [], "lost"
        assert [number for number, count in seen.items() if count > 1] == [], "recorded twice"
        assert set(seen) <= set(storm.came) | storm.failed
        # The rows themselves survived: none had to be made again from the server log.
        assert [row for row in rows if row[0] in storm.came and row[4] != "login trigger"] == []
        assert {row[0]: (row[1], row[2]) for row in rows if row[0] in storm.came} == storm.came
        assert {row[0] for row in rows if row[3] is None} == truly_open(record)
        assert record.findings() == []
        assert storm.counts["log errors"] == 0
        assert storm.counts["killed"]
        assert storm.counts["crashed"]
        storm.close()


def recorded_open(record: Record) -> set[int]:
    query = f"SELECT substr(application, 2)::integer FROM @.sessions WHERE ended_by IS NULL AND {NUMBERED}"
    return {number for (number,) in record.run(query)}


def truly_open(record: Record) -> set[int]:
    query = "SELECT substr(application_name, 2)::integer FROM pg_stat_activity WHERE application_name ~ '^n[0-9]+$'"
    return {number for (number,) in record.run(query)}
