"""Ends that the server writes to its log: exact, whatever becomes of the files, and not to be forged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg
import pytest

from tests.server.conftest import fresh_database, on_17_and_18
from tests.server.sessions.recorded import Record

FILE = "zz.json"
PIDS = count(900_001)
FORGED_LOGIN = json.dumps(
    {
        "outcome": "error",
        "function": "audit.logon",
        "login_user": "eve",
        "client_ip": "no address",
        "backend_pid": 1,
        "started_at": "2030-01-01",
    }
)


@pytest.fixture
def ours(logged: Record) -> Iterator[Record]:
    """A record, and a file among the logs that is a test's own."""
    logged.maintain()
    yield logged
    (logged.server.data_dir / "log" / FILE).unlink(missing_ok=True)


def end_of(record: Record, application: str, **other: Any) -> bytes:
    """Return a line as the server writes it at the end of a session, of one that left no row."""
    pid, start = next(PIDS), int(time.time()) + 2
    line = {
        "timestamp": datetime.fromtimestamp(start + 1, UTC).strftime("%Y-%m-%d %H:%M:%S.500 UTC"),
        "user": "bob",
        "dbname": record.database.name,
        "pid": pid,
        "remote_host": "[local]",
        "session_id": f"{start:x}.{pid:x}",
        "error_severity": "LOG",
        "message": "disconnection: session time: 0:00:00.003 user=bob database=x host=[local]",
        "application_name": application,
        "backend_type": "client backend",
    }
    return json.dumps({**line, **other}, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def made(record: Record) -> list[str]:
    """Read the log, and return the applications of the sessions that were made of the file's lines."""
    record.value("SELECT @.read_log()")
    rows = record.run("SELECT application FROM @.sessions WHERE application LIKE 'f%%' AND source = %s", "server log")
    return sorted(row[0] for row in rows)


@on_17_and_18("logged")
def test_the_end_is_exact_and_replaces_an_inferred_one(logged: Record) -> None:
    pid = logged.visit("exact")
    logged.run("SELECT @.reap(0, 100, 100)")
    assert logged.session("exact").ended_by == "inferred"
    line = logged.wait_for_end(pid)
    logged.maintain()
    row = logged.session("exact")
    assert f"{row.logoff_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] == line["timestamp"].removesuffix(" UTC")
    assert (row.ended_by, row.last_seen_at, row.detected_at) == ("server log", None, None)


@on_17_and_18("logged")
def test_an_inferred_end_waits_for_its_line(logged: Record) -> None:
    logged.run(
        "INSERT INTO @.session_inbox (application, backend_pid, started_at) VALUES ('no line', 1, now())",
    )
    assert logged.maintain()["put_away"] == 0
    logged.run("UPDATE @.session_inbox SET detected_at = detected_at - interval '5 s'")
    assert logged.maintain()["put_away"] == 1


@on_17_and_18("logged")
def test_reading_twice_changes_nothing(logged: Record) -> None:
    logged.wait_for_end(logged.visit("once"))
    logged.maintain()
    before = logged.sessions()
    second = logged.value("SELECT @.read_log()")
    assert (second["ended"], second["log_only"], second["recovered"], second["refused"]) == (0, 0, 0, 0)
    # From the first byte on, as after a file was renamed by hand.
    logged.run("DELETE FROM @.log_position")
    logged.maintain()
    assert logged.sessions() == before


def test_rotated_files_are_all_read(logged: Record) -> None:
    for number in range(3):
        pid = logged.visit(f"rotated {number}")
        logged.wait_for_end(pid)
        path = logged.server.data_dir / "log"
        known = {file.name for file in path.glob("*.json")}
        logged.run("SELECT pg_rotate_logfile()")
        deadline = time.monotonic() + 3
        while known == {file.name for file in path.glob("*.json")} and time.monotonic() < deadline:
            time.sleep(0.1)
    logged.maintain()
    assert [logged.session(f"rotated {number}").ended_by for number in range(3)] == ["server log"] * 3


def test_half_a_line_is_read_when_it_is_whole(ours: Record) -> None:
    first, second = end_of(ours, "f1"), end_of(ours, "f2")
    ours.write_log(FILE, first + second[:100])
    assert made(ours) == ["f1"]
    assert made(ours) == ["f1"]
    ours.write_log(FILE, second[100:], add=True)
    assert made(ours) == ["f1", "f2"]


@pytest.mark.parametrize("filler", [b"", b"x" * 3000 + b"\n"], ids=["shorter", "longer"])
def test_a_file_written_anew_is_read_from_its_beginning(ours: Record, filler: bytes) -> None:
    ours.write_log(FILE, end_of(ours, "f1") + b"y" * 1000 + b"\n")
    assert made(ours) == ["f1"]
    ours.write_log(FILE, end_of(ours, "f2") + filler)
    assert ours.value("SELECT @.read_log()")["files_overwritten"] == 1
    assert made(ours) == ["f1", "f2"]


def test_junk_bad_bytes_and_endless_lines_are_passed_over(ours: Record) -> None:
    odd = b'{"user":"\xff\xfe","dbname":"' + ours.database.name.encode() + b'","message":"disconnection: session time: '
    ours.write_log(FILE, odd + b'\xc3"}\nnot json\n\n{}\n[1]\n"x"\n' + end_of(ours, 'f1 "q" \\ ü'))
    assert [name.rstrip("?ü ") for name in made(ours)] == ['f1 "q" \\']
    ours.write_log(FILE, b'{"message":"' + b"y" * 2_500_000 + b'"}\n' + end_of(ours, "f2"), add=True)
    assert len(made(ours)) == 2


def test_a_long_log_is_read_bit_by_bit(ours: Record) -> None:
    ours.write_log(FILE, b"".join(end_of(ours, f"f{number}") for number in range(5000)))
    said = ours.value("SELECT @.read_log(65536)")
    assert said["behind"]
    while said["behind"]:
        said = ours.value("SELECT @.read_log(65536)")
    assert len(made(ours)) == 5000


def test_lines_of_other_databases_are_not_ours(ours: Record) -> None:
    # In a pattern _ would stand for any character.
    alike = ours.database.name.replace("_", "x")
    ours.write_log(FILE, end_of(ours, "f1", dbname="other") + end_of(ours, "f2", dbname=alike))
    assert made(ours) == []
    with fresh_database(ours.server) as other:
        other.connect("alice", application_name="fremd").close()
        ours.wait_for_line('"message":"disconnection', '"fremd"', database=other.name)
    ours.maintain()
    assert ours.sessions("fremd") == []


@on_17_and_18("logged")
def test_a_session_past_the_trigger_comes_back_from_the_log(logged: Record) -> None:
    with logged.enter("hidden", "postgres", options="-c event_triggers=off") as session:
        pid = session.info.backend_pid
    line = logged.wait_for_end(pid)
    logged.maintain()
    row = logged.session("hidden")
    assert (row.login_user, row.session_id, row.source) == ("postgres", line["session_id"], "server log")


def test_a_row_deleted_before_it_was_sealed_comes_back_from_the_log(logged: Record) -> None:
    with logged.enter("deleted") as session:
        logged.run("DELETE FROM @.session_inbox WHERE application = 'deleted'")
        pid = session.info.backend_pid
    logged.wait_for_end(pid)
    logged.maintain()
    assert logged.session("deleted").source == "server log"


@on_17_and_18("logged")
@pytest.mark.parametrize(
    "forged",
    [
        f"DO $do$ BEGIN RAISE LOG 'xtrig %', '{FORGED_LOGIN}'; END $do$",
        "DO $do$ BEGIN RAISE LOG 'disconnection: session time: 0:00:00.001 user=bob database=x host=[local]'; END $do$",
        'CREATE FUNCTION pg_temp."audit.logon() line 1 at RAISE"() RETURNS void LANGUAGE plpgsql AS '
        f"$f$ BEGIN RAISE LOG 'xtrig %', '{FORGED_LOGIN}'; END $f$; "
        'SELECT pg_temp."audit.logon() line 1 at RAISE"()',
        'DO $do$ BEGIN RAISE EXCEPTION E\'x\\n{"message":"disconnection: session time: 0"}\'; END $do$',
        "SELECT 'disconnection: session time: 0:00:00.001'::integer",
    ],
    ids=["a login", "an end", "a login from a function of that name", "a line in a line", "an error"],
)
def test_a_forged_line_is_not_believed(logged: Record, forged: str) -> None:
    with logged.enter("forger", "eve") as session:
        try:
            session.execute(forged.encode())
        except psycopg.Error:
            session.rollback()
        session.execute("DO $$ BEGIN RAISE LOG 'that was it'; END $$")
        logged.wait_for_line("that was it")
        said = logged.maintain()
        assert "log_error" not in said
        assert (said["recovered"], said["ended"], said["log_only"]) == (0, 0, 0)
        assert logged.session("forger").ended_by is None
