"""A million recorded sessions: the usual questions are answered from indexes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.sessions.recorded import Record, recorded
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.slow
MONTH = "logon_at >= '2026-06-01 00:00+00' AND logon_at < '2026-07-01 00:00+00'"
FILL = """
INSERT INTO @.session_log
SELECT began + lasted, to_hex(1000000 + n) || '.' || to_hex(n % 32768), '1', 'shop', 'u' || n % 499, '10.0.0.1', 5000,
    'app', 'scram-sha-256', 'x', n % 32768, began, began + lasted, 'server log', NULL, NULL, 'login trigger'
FROM (
    SELECT n, timestamptz '2026-01-01 00:00+00' + n * interval '26 s' AS began,
        n * 7919::bigint % 7200 * interval '1 s' AS lasted
    FROM generate_series(1, 1000000) AS n
) AS made
"""
QUESTIONS = {
    "one user in one month": f"SELECT * FROM @.sessions WHERE login_user = 'u77' AND {MONTH} ORDER BY logon_at",
    "daily counts of a month": f"SELECT date_trunc('day', logon_at), count(*) FROM @.sessions WHERE {MONTH} GROUP BY 1",
    "who is logged in": "SELECT * FROM @.sessions WHERE ended_by IS NULL",
}

# The open sessions are few, and lie in a table without an index; a month asked for as a whole may be read as such.
WHOLE = {
    "one user in one month": {"session_inbox"},
    "daily counts of a month": {"session_inbox", "old6"},
    "who is logged in": {"session_inbox"},
}


def test_a_million_sessions_are_asked_by_index(capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"shared_buffers": "256MB", "max_wal_size": "4GB", "fsync": "off"}
    with EmbeddedServer(18, tcp=False, settings=settings) as server, recorded(server, look_every="60min") as record:
        record.run("SET timezone = 'UTC'")
        for month in range(1, 12):
            bounds = f"FROM ('2026-{month:02}-01 00:00+00') TO ('2026-{month + 1:02}-01 00:00+00')"
            # Those from now on are there already.
            if not record.value(f"SELECT '2026-{month + 1:02}-01 00:00+00'::timestamptz > date_trunc('month', now())"):
                record.run(f"CREATE TABLE @.old{month} PARTITION OF @.session_log FOR VALUES {bounds}")
        record.run(FILL)
        record.run(
            "INSERT INTO @.session_inbox (login_user, backend_pid, started_at) "
            "SELECT 'u' || n, n, now() FROM generate_series(1, 1000) AS n"
        )
        record.run("VACUUM ANALYZE")
        assert record.value("SELECT count(*) FROM @.sessions") == 1_001_000
        lines = []
        for question, query in QUESTIONS.items():
            plan = explained(record, query)
            blocks = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
            lines.append(f"{question}: {plan['Execution Time']:.1f} ms, {blocks} blocks")
            assert set(read_whole(plan["Plan"])) <= WHOLE[question]
        size = record.value(
            "SELECT pg_size_pretty(sum(pg_total_relation_size(relid))) FROM pg_partition_tree('@.session_log')"
        )
        with capsys.disabled():
            print("\n1,001,000 sessions,", size, *lines, sep="\n")


def explained(record: Record, query: str) -> dict[str, Any]:
    """Return the plan of the second of two runs."""
    for _ in range(2):
        (plan,) = record.value(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) {query}")
    found: dict[str, Any] = plan
    return found


def read_whole(plan: dict[str, Any]) -> list[str]:
    """Return the tables with rows that were read from end to end."""
    rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    own = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" and plan["Actual Loops"] and rows else []
    return own + [name for part in plan.get("Plans", []) for name in read_whole(part)]
