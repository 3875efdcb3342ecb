"""Partitions are made ahead and dropped by age while people log in: nobody is refused, and no row is lost."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from psycopg import pq

from tests.server.sessions.recorded import Record, connect_admin, recorded
from xtrig_pgfamily.embedded.server import EmbeddedServer

PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '@.session_log'::regclass ORDER BY 1"
HAMMER_SECONDS = 4.0


@pytest.mark.parametrize(("span", "ahead"), [("day", 2), ("week", 3), ("month", 2)])
def test_partitions_are_there_before_they_are_needed(log_server: EmbeddedServer, span: str, ahead: int) -> None:
    with recorded(log_server, partition=span, ahead=ahead, look_every="60min") as record:
        latest = (
            "SELECT max(substring(pg_get_expr(relpartbound, oid) FROM $$TO \\('([^']+)'$$)::timestamptz) "
            "FROM pg_class WHERE relispartition AND relkind = 'r' AND relnamespace = '@'::regnamespace"
        )
        assert record.value(f"SELECT ({latest}) > now() + {ahead} * interval '1 {span}'")
        assert len(record.run(PARTITIONS)) == ahead + 1
        assert "made" not in record.maintain()
        # The last one is missing, as if time had gone on.
        last = record.run(PARTITIONS)[-1][0]
        record.run(f"DROP TABLE {last}")
        assert [f"audit.{name}" for name in record.maintain()["made"]] == [last]


def test_what_is_too_old_is_dropped_with_a_seal(log_server: EmbeddedServer) -> None:
    with recorded(log_server, retention="30 days", partition="day", look_every="60min") as record:
        record.visit("young")
        record.maintain()
        make_old(record, 1)
        record.run("INSERT INTO @.refused_login (at) VALUES (now() - interval '31 days'), (now() - interval '29 days')")
        assert record.findings() == [
            "refused_login: rows were deleted, altered or added",
            "session_log: 3 rows that no seal covers",
        ]
        assert record.maintain()["dropped"] == ["old"]
        assert record.value("SELECT count(*) FROM @.refused_logins") == 1
        assert record.run("SELECT kind, detail, rows FROM @.seal ORDER BY n DESC LIMIT 1") == [
            ("dropped", "old until 2020-01-02 00:00:00+00", 3)
        ]
        assert record.session("young").ended_by == "inferred"
        # A row that was added by hand stays reported.
        assert record.findings() == ["refused_login: rows were deleted, altered or added"]
        assert "dropped" not in record.maintain()


def test_a_scheduler_needs_no_superuser(logged: Record) -> None:
    logged.run("GRANT USAGE ON SCHEMA @ TO bob; GRANT EXECUTE ON FUNCTION @.maintain(integer) TO bob")
    logged.wait_for_end(logged.visit("before"))
    logged.run(f"DROP TABLE {logged.run(PARTITIONS)[-1][0]}")
    with logged.enter("scheduler", "bob") as scheduler:
        row = scheduler.execute("SELECT audit.maintain()").fetchone()
        assert row is not None
        assert len(row[0]["made"]) == 1
        assert "log_error" not in row[0]
    logged.maintain()
    assert logged.session("before").ended_by == "server log"


def test_a_long_read_puts_the_drop_off(log_server: EmbeddedServer) -> None:
    with recorded(log_server, retention="30 days", look_every="60min") as record:
        make_old(record, 1)
        with connect_admin(record.database) as reader:
            reader.execute("BEGIN; SELECT * FROM audit.sessions")
            said = record.maintain()
            assert said["drop_later"] == "old"
            # The rest was done.
            assert record.value("SELECT count(*) FROM @.seal") == 0
            record.enter("meanwhile").close()
        assert record.maintain()["dropped"] == ["old"]
        assert record.session("meanwhile").login_user == "alice"


def test_a_clock_that_jumps_drops_nothing_before_a_second_look(log_server: EmbeddedServer) -> None:
    with recorded(log_server, retention="30 days", look_every="60min") as record:
        record.maintain()
        make_old(record, 1)
        # As if the clock were three days ahead of the last look: that, or nobody has called for so long.
        record.run("UPDATE @.coverage SET until = now() - interval '3 days', since = now() - interval '4 days'")
        assert "dropped" not in record.maintain()
        assert "dropped" not in record.maintain()
        record.run(
            "UPDATE @.session_state SET kept = kept || jsonb_build_object('jumped_at', now() - interval '2 hours')"
        )
        assert record.maintain()["dropped"] == ["old"]
        record.run("UPDATE @.coverage SET until = now() + interval '1 day'")
        record.maintain()
        (reason,) = (row[0] for row in record.run("SELECT reason FROM @.coverage_gaps"))
        assert reason.startswith("the clock was set back: the last look was at ")


def test_a_clock_that_was_ahead_leaves_a_partition_there_and_none_here(log_server: EmbeddedServer) -> None:
    with recorded(log_server, partition="day", ahead=2, look_every="60min") as record:
        for (partition,) in record.run(PARTITIONS):
            record.run(f"DROP TABLE {partition}")
        record.run("CREATE TABLE @.later PARTITION OF @.session_log FOR VALUES FROM ('2100-01-01') TO ('2100-01-02')")
        record.run("ALTER TABLE @.later OWNER TO audit_owner")
        record.visit("now")
        assert len(record.maintain()["made"]) == 3
        assert record.value("SELECT count(*) FROM @.session_log WHERE application = 'now'") == 1


def make_old(record: Record, day: int) -> None:
    """Make a partition of long ago, with rows."""
    bounds = f"FROM ('2020-01-0{day} 00:00+00') TO ('2020-01-0{day + 1} 00:00+00')"
    record.run(f"CREATE TABLE @.old PARTITION OF @.session_log FOR VALUES {bounds}")
    record.run("ALTER TABLE @.old OWNER TO audit_owner")
    record.run(
        "INSERT INTO @.old (recorded_at, instance, database_name, ended_by, source) "
        f"SELECT '2020-01-0{day} 12:00+00', '1', 'x', 'unknown', 'x' FROM generate_series(1, 3)"
    )


def test_logins_go_on_while_partitions_come_and_go(
    log_server: EmbeddedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded(log_server, retention="30 days", partition="day", look_every="1s") as record:
        over = threading.Event()
        taken: list[float] = []
        failed: list[str] = []
        conninfo = record.server.conninfo("alice", record.database.name) + " application_name=hammer"

        def hammer() -> None:
            while not over.is_set():
                start = time.perf_counter()
                connection = pq.PGconn.connect(conninfo.encode())
                taken.append(time.perf_counter() - start)
                if connection.status != pq.ConnStatus.OK:
                    failed.append(connection.error_message.decode())
                connection.finish()

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        dropped = made = 0
        end = time.monotonic() + HAMMER_SECONDS
        try:
            while time.monotonic() < end:
                make_old(record, 1)
                dropped += record.maintain()["dropped"] == ["old"]
                record.run(f"DROP TABLE {record.run(PARTITIONS)[-1][0]}")
                made += len(record.maintain()["made"])
                # A reader, or an index that is built: the log is locked for a while.
                record.run("BEGIN; LOCK TABLE @.session_log IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.3); COMMIT")
                record.run("VACUUM @.session_inbox")
        finally:
            over.set()
            for thread in threads:
                thread.join()
        record.maintain()
        with capsys.disabled():
            print(
                f"\n{len(taken)} logins beside {made} partitions made and {dropped} dropped: slowest {max(taken):.3f} s"
            )
        assert failed == []
        assert made == dropped > 1
        assert len(record.sessions("hammer")) == len(taken) > 10
        assert record.lines('"xtrig {', '\\"error\\"') == []


def test_a_login_waits_for_a_lock_as_long_as_it_may_and_no_longer(logged: Record) -> None:
    with connect_admin(logged.database) as locker:
        locker.execute("BEGIN; LOCK TABLE audit.session_inbox, audit.session_state IN ACCESS EXCLUSIVE MODE")
        for _ in range(3):
            logged.enter("waits").close()
    # The server's word for it: 250 ms, after which the row is a line of the log.
    line = logged.wait_for_line('"message":"xtrig {', "waits")
    assert "canceling statement due to lock timeout" in line["message"]


def test_a_table_of_somebody_in_the_way_is_told_and_harms_nobody(inferred: Record) -> None:
    last = inferred.run(PARTITIONS)[-1][0]
    inferred.run(f"DROP TABLE {last}")
    inferred.run(f"CREATE TABLE {last} (x integer)")
    with pytest.raises(psycopg.errors.DuplicateTable):
        inferred.maintain()
    inferred.enter("still").close()
    assert inferred.session("still").login_user == "alice"
