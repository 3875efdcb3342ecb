"""``sessions:`` on PolarDB, fired on PostgreSQL 18 through a function that plays the vendor's form."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.played import LOGOFF, LOGON, log_in, play, rows, run
from tests.server.test_sessions_everywhere import polardb_record
from xtrig.audit import session_audit
from xtrig.registry import get_dialect
from xtrig.resolve import resolve
from xtrig_pgfamily.objects import Table

pytestmark = pytest.mark.server

DIALECTS = ("polardb", "polardb-oracle")
RECORD = session_audit(ddl=False)
SESSIONS = "SELECT login_user, ended_by, logoff_at >= logon_at FROM audit.sessions"


@pytest.fixture
def recorded(database18: Database) -> Iterator[Database]:
    """A database whose sessions are recorded; joe and the reader belong to the whole server."""
    run(database18, "CREATE ROLE joe LOGIN")
    yield database18
    run(
        database18,
        "DROP SCHEMA IF EXISTS audit CASCADE; DROP OWNED BY audit_reader, joe CASCADE; DROP ROLE audit_reader, joe",
    )


def maintained(database: Database, at_most: int = 100_000) -> dict[str, Any]:
    """Call maintain(), and return what it says."""
    ((said,),) = rows(database, f"SELECT audit.maintain({at_most})")
    assert isinstance(said, dict)
    return said


def add(database: Database, *events: tuple[str, str, str, int]) -> None:
    """Write events as the triggers do: event, a point of time in SQL, user, pid."""
    values = ", ".join(f"('{event}', {at}, '{user}', {pid})" for event, at, user, pid in events)
    run(database, f'INSERT INTO audit.session_event (event, "at", login_user, backend_pid) VALUES {values}')


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_ends_of_200_sessions_are_there_once_each_though_no_statement_ran(
    recorded: Database, dialect: str
) -> None:
    play(recorded, RECORD, dialect=dialect, events=(LOGON, LOGOFF))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: log_in(recorded, "joe").close(), range(200)))
    assert rows(recorded, "SELECT event, count(*) FROM audit.session_event GROUP BY 1 ORDER BY 1") == [
        ("logoff", 200),
        ("logon", 200),
    ]
    assert rows(recorded, f"{SESSIONS} WHERE duration >= interval '0'") == [("joe", "logoff", True)] * 200
    # Even where both ends have the same time: a clock may be that coarse.
    run(
        recorded,
        'UPDATE audit.session_event AS e SET "at" = (SELECT date_trunc(\'minute\', min("at")) '
        "+ make_interval(secs => e.backend_pid) FROM audit.session_event)",
    )
    assert rows(recorded, SESSIONS) == [("joe", "logoff", True)] * 200


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_reader_sees_open_sessions_as_open_and_killed_ones_as_ended(recorded: Database, dialect: str) -> None:
    play(recorded, RECORD, dialect=dialect)
    run(recorded, "CREATE ROLE reader LOGIN; GRANT audit_reader TO reader")
    try:
        with log_in(recorded, "joe") as open_one, log_in(recorded, "joe") as killed:
            run(recorded, f"SELECT pg_terminate_backend({killed.info.backend_pid}, 5000)")
            with recorded.connect("reader") as reader:
                asked = "SELECT ended_by, detected_at IS NULL FROM audit.sessions WHERE backend_pid = %s"
                assert reader.execute(asked, [open_one.info.backend_pid]).fetchall() == [(None, True)]
                assert reader.execute(asked, [killed.info.backend_pid]).fetchall() == [("unknown", False)]
    finally:
        run(recorded, "DROP OWNED BY reader; DROP ROLE reader")


def test_the_gaps_begin_with_the_first_session_also_when_it_was_put_away(recorded: Database) -> None:
    play(recorded, RECORD)
    assert rows(recorded, "SELECT * FROM audit.coverage_gaps") == []
    add(recorded, ("logon", "'2026-01-02'", "first", GONE), ("logoff", "'2026-01-03'", "first", GONE))
    begun = "SELECT since = '2026-01-02' FROM audit.coverage_gaps"
    assert rows(recorded, begun) == [(True,)]
    assert maintained(recorded)["put_away"] == 1
    assert rows(recorded, begun) == [(True,)]


def test_a_read_only_session_leaves_a_line_and_the_gaps_name_it(recorded: Database) -> None:
    play(recorded, RECORD)
    log_in(recorded, "joe").close()
    start = len(recorded.server.log_text())
    log_in(recorded, "joe", "-c default_transaction_read_only=on").close()
    assert '"outcome" : "not written", "function" : "audit.record_session"' in recorded.server.log_text()[start:]
    assert len(rows(recorded, SESSIONS)) == 1
    ((reason,),) = rows(recorded, "SELECT reason FROM audit.coverage_gaps")
    assert "a read-only one" in reason


def test_sessions_are_recorded_whatever_session_replication_role_is(recorded: Database) -> None:
    play(recorded, RECORD)
    recorded.connect(options="-c session_replication_role=replica").close()
    assert rows(recorded, "SELECT login_user FROM audit.sessions") == [("postgres",)]


GONE = 4_194_305
"""A pid that no process has: it is above the highest that Linux gives."""


def ago(days: float, hours: float = 0) -> str:
    return f"now() - make_interval(secs => {days * 86400 + hours * 3600})"


def test_maintain_puts_ended_sessions_away_whole_and_what_is_shown_stays(recorded: Database) -> None:
    play(recorded, RECORD)
    add(recorded, ("logon", ago(5), "whole", GONE), ("logoff", ago(4), "whole", GONE))
    add(recorded, ("logon", ago(3), "replaced", GONE), ("logon", ago(2), "tie", GONE), ("logoff", ago(2), "tie", GONE))
    add(recorded, ("logon", ago(1), "killed", GONE + 1), ("logoff", ago(6), "unrecorded", GONE + 2))
    with log_in(recorded, "joe") as session:
        open_one = (session.info.backend_pid, None)
        asked = "SELECT login_user, logon_at, logoff_at, ended_by, detected_at, duration, instance FROM audit.sessions"
        before = rows(recorded, f"{asked} WHERE ended_by = 'logoff' OR login_user = 'replaced' ORDER BY logon_at")
        assert [each[:1] + each[3:4] for each in before] == [
            ("whole", "logoff"),
            ("replaced", "unknown"),
            ("tie", "logoff"),
        ]
        assert maintained(recorded, 1) == {"put_away": 1, "behind": True}
        assert maintained(recorded) == {"put_away": 3, "behind": False}
        assert maintained(recorded) == {"put_away": 0, "behind": False}
        after = rows(recorded, f"{asked} WHERE login_user NOT IN ('joe', 'killed') ORDER BY logon_at")
        assert after == before
        left = rows(recorded, "SELECT login_user, event FROM audit.session_event ORDER BY 1")
        assert left == [("joe", "logon"), ("unrecorded", "logoff")]
        assert rows(recorded, "SELECT backend_pid, ended_by FROM audit.sessions WHERE login_user = 'joe'") == [open_one]
    killed = "SELECT ended_by, detected_at FROM audit.sessions WHERE login_user = 'killed'"
    assert rows(recorded, killed) == rows(recorded, killed), "when it was noticed does not change any more"


def test_sessions_that_end_while_maintain_runs_are_there_once_each(recorded: Database) -> None:
    play(recorded, RECORD, events=(LOGON, LOGOFF))
    with ThreadPoolExecutor(3) as pool:
        ends = [pool.submit(lambda: log_in(recorded, "joe").close()) for _ in range(150)]
        put_away = 0
        while not all(each.done() for each in ends):
            put_away += maintained(recorded)["put_away"]
    put_away += maintained(recorded)["put_away"]
    assert [each.result() for each in ends] == [None] * 150
    assert put_away == 150
    assert rows(recorded, "SELECT login_user, ended_by, count(*) FROM audit.session_log GROUP BY 1, 2") == [
        ("joe", "logoff", 150)
    ]
    assert rows(recorded, "SELECT count(*) FROM audit.session_event") == [(0,)]


def test_a_session_that_began_after_the_look_is_left_for_the_next_call(recorded: Database) -> None:
    play(recorded, RECORD)
    add(recorded, ("logon", "now() + interval '1 hour'", "coming", GONE))
    assert maintained(recorded) == {"put_away": 0, "behind": False}


@pytest.mark.parametrize(
    ("partition", "ahead", "made"), [("day", 5, 6), ("week", 1, 2), ("month", 2, 3), ("month", 12, 13)]
)
def test_partitions_are_made_ahead_as_the_definition_says(
    recorded: Database, partition: str, ahead: int, made: int
) -> None:
    sessions = f"sessions: {{partition: {partition}, ahead: {ahead}}}"
    play(recorded, xtrig.load_text(f"xtrig: 1\nname: session_audit\nschema: audit\n{sessions}\n"))
    found = rows(recorded, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.session_log'::regclass")
    # A month that is begun may be left before so many of its length are over.
    assert found[0][0] in (made, made + 1)
    assert maintained(recorded) == {"put_away": 0, "behind": False}, "nothing is made twice"


def test_what_is_older_than_the_retention_goes_with_its_partition(recorded: Database) -> None:
    play(recorded, session_audit(ddl=False, retention="60 days"))
    for suffix, since, until in (("old", 100, 70), ("kept", 70, 40)):
        run(
            recorded,
            f"DO $$BEGIN EXECUTE format('CREATE TABLE audit.session_log_{suffix} PARTITION OF audit.session_log "
            f"FOR VALUES FROM (%L) TO (%L)', now() - interval '{since} days', now() - interval '{until} days'); END$$; "
            f"INSERT INTO audit.session_log (recorded_at, login_user) VALUES ({ago(until + 1)}, '{suffix}')",
        )
    add(recorded, ("logoff", ago(61), "lost", GONE), ("logoff", ago(59), "unrecorded", GONE))
    with recorded.connect(options="-c event_triggers=off") as reader:
        reader.execute("BEGIN; SELECT count(*) FROM audit.sessions")
        assert maintained(recorded)["drop_later"] == "session_log_old", "a long read is in the way"
    assert maintained(recorded)["dropped"] == ["session_log_old"]
    assert rows(recorded, "SELECT login_user FROM audit.sessions") == [("kept",)]
    assert rows(recorded, "SELECT login_user FROM audit.session_event") == [("unrecorded",)]


def test_one_call_of_maintain_at_a_time_and_logins_do_not_wait_for_it(recorded: Database) -> None:
    play(recorded, RECORD, events=(LOGON, LOGOFF))
    with recorded.connect(options="-c event_triggers=off") as first:
        first.execute("BEGIN; SELECT audit.maintain()")
        assert maintained(recorded) == {"busy": True}
        log_in(recorded, "joe").close()
        assert rows(recorded, "SELECT login_user, ended_by FROM audit.sessions") == [("joe", "logoff")]
    assert maintained(recorded)["put_away"] == 1


def test_nobody_but_the_owner_may_call_maintain(recorded: Database) -> None:
    play(recorded, RECORD)
    run(recorded, "GRANT audit_reader TO joe")
    with log_in(recorded, "joe") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("SELECT audit.maintain()")


def kill(database: Database, pid: int) -> None:
    """Kill a server process, and wait until the server has ended all others for it, and is up again."""
    with database.connect(options="-c event_triggers=off") as witness:
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            witness.execute("SELECT pg_sleep(60)")
    for _ in range(200):
        try:
            return run(database, "SELECT")
        except psycopg.OperationalError:
            time.sleep(0.05)
    pytest.fail("the server did not come up again within 10 s")


@pytest.mark.parametrize("how", ["terminated", "killed", "crashed"])
def test_a_session_that_is_ended_from_outside_ends_as_unknown(recorded: Database, how: str) -> None:
    """Whether PolarDB fires logoff for one is not documented; here it does not."""
    play(recorded, RECORD)
    ended = log_in(recorded, "joe")
    pid = ended.info.backend_pid
    if how == "crashed":
        recorded.server.crash()
        recorded.server.start()
    elif how == "killed":
        kill(recorded, pid)
    else:
        run(recorded, f"SELECT pg_terminate_backend({pid}, 5000)")
    asked = f"SELECT ended_by, detected_at >= logon_at, logoff_at FROM audit.sessions WHERE backend_pid = {pid}"
    assert rows(recorded, asked) == [("unknown", True, None)]
    assert maintained(recorded)["put_away"] == 1
    assert rows(recorded, asked) == [("unknown", True, None)]
    ended.close()


def test_a_reader_sees_the_sessions_that_were_put_away_and_no_table(recorded: Database) -> None:
    play(recorded, RECORD, events=(LOGON, LOGOFF))
    run(recorded, "CREATE ROLE reader LOGIN; GRANT audit_reader TO reader")
    try:
        log_in(recorded, "joe").close()
        maintained(recorded)
        with recorded.connect("reader") as reader:
            assert ("joe", "logoff") in reader.execute("SELECT login_user, ended_by FROM audit.sessions").fetchall()
            for table in ("session_log", "session_event"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                    reader.execute(f"SELECT FROM audit.{table}")
    finally:
        run(recorded, "DROP OWNED BY reader; DROP ROLE reader")


def test_a_reader_with_the_right_to_see_sessions_tells_a_pid_that_is_used_again(recorded: Database) -> None:
    play(recorded, RECORD)
    run(recorded, "CREATE ROLE reader LOGIN; GRANT audit_reader TO reader")
    try:
        with log_in(recorded, "joe") as other:
            pid = other.info.backend_pid
            run(recorded, "DELETE FROM audit.session_event")
            add(recorded, ("logon", ago(1), "before", pid))
            asked = f"SELECT ended_by FROM audit.sessions WHERE backend_pid = {pid}"
            with recorded.connect("reader") as reader:
                assert reader.execute(asked).fetchall() == [(None,)], "no right to see when joe's session began"
            run(recorded, "GRANT pg_read_all_stats TO reader")
            with recorded.connect("reader") as reader:
                assert reader.execute(asked).fetchall() == [("unknown",)]
    finally:
        run(recorded, "DROP OWNED BY reader; DROP ROLE reader")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_older_kernel_puts_away_as_well(database16: Database, dialect: str) -> None:
    with database16.connect() as admin:
        polardb_record(admin, dialect)
        try:
            admin.execute(
                'INSERT INTO audit.session_event (event, "at", login_user, backend_pid) '
                f"VALUES ('logon', {ago(5)}, 'old', {GONE}), ('logoff', {ago(4)}, 'old', {GONE})".encode()
            )
            (said,) = admin.execute("SELECT audit.maintain()").fetchall()
            assert said == ({"put_away": 1, "behind": False},)
            shown = "SELECT login_user, ended_by, extract(days FROM duration)::integer FROM audit.sessions"
            assert admin.execute(shown).fetchall() == [("old", "logoff", 1)]
        finally:
            admin.execute("DROP SCHEMA audit CASCADE; DROP OWNED BY audit_reader; DROP ROLE audit_reader")


BECOME = "BEGIN ALTER ROLE joe SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END"
IN_PUBLIC = f"""
CREATE FUNCTION public.same(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN {BECOME}; RETURN $1 LIKE $2; END$$;
CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.same);
CREATE FUNCTION public.last_text(text, varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN $2; END$$;
CREATE AGGREGATE public.lead(varchar) (SFUNC = public.last_text, STYPE = text);
CREATE FUNCTION public.last_at(timestamptz, timestamptz) RETURNS timestamptz LANGUAGE plpgsql AS
    $$BEGIN {BECOME}; RETURN $2; END$$;
CREATE AGGREGATE public.lead(timestamptz) (SFUNC = public.last_at, STYPE = timestamptz);
CREATE FUNCTION public.to_hex(numeric) RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 'x'; END$$;
CREATE FUNCTION public.joined(varchar, varchar) RETURNS text LANGUAGE plpgsql AS $$BEGIN {BECOME}; RETURN 'x'; END$$;
CREATE OPERATOR public.|| (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.joined);
CREATE FUNCTION public.obj_description(oid, text) RETURNS text LANGUAGE plpgsql AS
    $$BEGIN {BECOME}; RETURN 'xtrig:'; END$$
""" + "".join(
    f""";
CREATE FUNCTION public.same(oid, {kind}) RETURNS boolean LANGUAGE plpgsql AS
    $$BEGIN {BECOME}; RETURN $1::text = $2::oid::text; END$$;
CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = {kind}, FUNCTION = public.same)"""
    for kind in ("regclass", "regnamespace", "regprocedure", "regrole")
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_others_make_in_public_runs_with_nobodys_rights(recorded: Database, dialect: str) -> None:
    """Scripts and views have the operators that their maker's search_path finds; on kernels 11 and 14 all make some."""
    run(recorded, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    with log_in(recorded, "joe") as session:
        session.execute(IN_PUBLIC.encode())
    play(recorded, RECORD, dialect=dialect, events=(LOGON, LOGOFF))
    log_in(recorded, "joe").close()
    for asked in ("sessions", "coverage_gaps", "refused_logins", "maintain()", "sessions"):
        rows(recorded, f"SELECT * FROM audit.{asked}")
    assert rows(recorded, "SELECT login_user, ended_by FROM audit.sessions") == [("joe", "logoff")]
    objects = get_dialect(dialect).deployment(resolve(RECORD), get_dialect(dialect).parse_version(None)).objects
    for each in reversed(objects):
        for statement in each.unmake() if isinstance(each, Table) else each.drop():
            run(recorded, statement.sql)
    assert rows(recorded, "SELECT rolsuper FROM pg_roles WHERE rolname = 'joe'") == [(False,)]
    run(recorded, "CREATE ROLE audit_reader")  # for the fixture
