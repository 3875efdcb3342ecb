"""What the seals show of rows that were changed afterwards, and that honest use leaves nothing to show."""

from __future__ import annotations

import psycopg
import pytest

from tests.server.sessions.recorded import Record, connect_admin

BATCHES = 4
ROWS = (
    "INSERT INTO @.session_inbox (login_user, application, backend_pid, started_at, ended_at, ended_by, session_id) "
    "SELECT 'bob', 'row ' || n, n, now() - interval '1 hour', now(), 'server log', 'id ' || n "
    "FROM generate_series(1, 5) AS n"
)
SECOND = "(SELECT recorded_at FROM @.seal WHERE n = 2)"
ONE_OF_SECOND = f"(SELECT ctid FROM @.session_log WHERE recorded_at = {SECOND} LIMIT 1)"


@pytest.fixture
def sealed(inferred: Record) -> Record:
    """A record with some batches put away."""
    for _ in range(BATCHES):
        inferred.run(ROWS)
        assert inferred.maintain()["put_away"] == 5
    assert inferred.findings() == []
    return inferred


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            f"UPDATE @.session_log SET client_addr = '10.0.0.1' WHERE ctid = {ONE_OF_SECOND}",
            ["seal 2: rows were altered, or an earlier seal was"],
        ),
        (f"DELETE FROM @.session_log WHERE ctid = {ONE_OF_SECOND}", ["seal 2: 5 rows sealed, 4 found"]),
        (
            "INSERT INTO @.session_log SELECT (copy).* FROM "
            f"(SELECT l AS copy FROM @.session_log AS l WHERE recorded_at = {SECOND} LIMIT 1) AS one",
            ["seal 2: 5 rows sealed, 6 found"],
        ),
        (
            "INSERT INTO @.session_log (recorded_at, instance, database_name, ended_by, source) "
            "VALUES (now(), '1', 'x', 'unknown', 'x')",
            ["session_log: 1 rows that no seal covers"],
        ),
        (f"DELETE FROM @.session_log WHERE recorded_at = {SECOND}", ["seal 2: 5 rows sealed, 0 found"]),
        (
            "DELETE FROM @.seal WHERE n = 2",
            [
                "seal 3: seals 2 to 2 are missing",
                "session_log: 5 rows that no seal covers",
            ],
        ),
        (
            "WITH gone AS (DELETE FROM @.seal WHERE n = 2 RETURNING recorded_at) "
            "DELETE FROM @.session_log WHERE recorded_at IN (SELECT recorded_at FROM gone)",
            ["seal 3: seals 2 to 2 are missing"],
        ),
        ("UPDATE @.seal SET rows = 4 WHERE n = 2", ["seal 2: 4 rows sealed, 5 found"]),
        (
            "UPDATE @.seal SET digest = sha256('x') WHERE n = 2",
            [f"seal {n}: rows were altered, or an earlier seal was" for n in (2, 3)],
        ),
        (
            "UPDATE @.seal SET kind = 'dropped', detail = 'made up' WHERE n = 2",
            ["seal 2: the seal of a dropped partition does not hold", "session_log: 5 rows that no seal covers"],
        ),
        (
            "UPDATE @.seal SET kind = 'dropped' WHERE n = 2",
            ["seal 2: the seal of a dropped partition does not hold", "session_log: 5 rows that no seal covers"],
        ),
        (
            "DO $do$ BEGIN EXECUTE (SELECT format('DROP TABLE %s', min(inhrelid::regclass::text)) FROM pg_inherits "
            "WHERE inhparent = '@.session_log'::regclass); END $do$",
            [f"seal {n}: 5 rows sealed, 0 found" for n in range(1, BATCHES + 1)],
        ),
    ],
    ids=[
        "altered row",
        "deleted row",
        "copied row",
        "row added",
        "emptied batch",
        "deleted seal",
        "batch deleted with its seal",
        "altered count",
        "altered digest",
        "seal made one of a dropped partition",
        "seal made one of nothing",
        "dropped partition",
    ],
)
def test_what_was_changed_is_told(sealed: Record, harm: str, told: list[str]) -> None:
    sealed.run(harm)
    assert sealed.findings() == told


def test_honest_use_leaves_nothing_to_tell(inferred: Record) -> None:
    with inferred.enter("open"):
        for number in range(3):
            inferred.visit(f"visit {number}")
            inferred.maintain()
        with pytest.raises(psycopg.OperationalError):
            inferred.enter("refused", options="-c log_statement=all")
        inferred.maintain()
    assert inferred.value("SELECT count(*) FROM @.seal") == 3
    assert inferred.findings() == []


def test_a_login_that_is_refused_after_its_row_leaves_nothing_to_tell(inferred: Record) -> None:
    inferred.run(
        "CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'nobody'; END $$; CREATE EVENT TRIGGER zzz ON login EXECUTE FUNCTION public.no()"
    )
    with pytest.raises(psycopg.OperationalError, match="nobody"):
        inferred.enter("refused")
    inferred.run("DROP EVENT TRIGGER zzz")
    inferred.visit("let in")
    inferred.maintain()
    assert [row.application for row in inferred.sessions()] == ["let in"]
    assert inferred.findings() == []


def test_two_batches_of_one_transaction_have_seals_of_their_own(inferred: Record) -> None:
    with inferred.admin.transaction():
        for _ in range(2):
            inferred.run(ROWS)
            assert inferred.maintain()["put_away"] == 5
    assert inferred.findings() == []


def test_settings_of_whoever_looks_change_nothing(sealed: Record) -> None:
    with connect_admin(sealed.database) as other:
        other.execute(
            "SET timezone = 'Pacific/Kiritimati'; SET datestyle = 'SQL, DMY'; SET extra_float_digits = -15; "
            "SET bytea_output = 'escape'; SET intervalstyle = 'sql_standard'; SET quote_all_identifiers = on"
        )
        assert other.execute("SELECT * FROM audit.tamper_findings").fetchall() == []
        other.execute(ROWS.replace("@", "audit").encode())
        other.execute("SELECT audit.maintain()")
    assert sealed.findings() == []


def test_each_seal_is_in_the_server_log_too(sealed: Record) -> None:
    digests = sealed.run("SELECT encode(digest, 'hex') FROM @.seal ORDER BY n")
    assert len(digests) == BATCHES
    for (digest,) in digests:
        sealed.wait_for_line(digest, '\\"outcome\\" : \\"sealed\\"')


def test_a_gap_is_told_when_logins_are_not_recorded(inferred: Record) -> None:
    gaps = "SELECT reason, until IS NULL FROM @.coverage_gaps ORDER BY since"
    inferred.maintain()
    assert inferred.run(gaps) == []
    inferred.run("ALTER EVENT TRIGGER session_audit_logon DISABLE")
    inferred.maintain()
    inferred.maintain()
    assert inferred.run(gaps) == [("the login trigger does not fire always", True)]
    inferred.run("ALTER EVENT TRIGGER session_audit_logon ENABLE ALWAYS")
    inferred.maintain()
    assert inferred.run(gaps) == [("the login trigger does not fire always", False)]
    inferred.run("ALTER ROLE eve SET event_triggers = off")
    inferred.maintain()
    inferred.run("ALTER ROLE eve RESET ALL")
    inferred.maintain()
    inferred.run("DROP EVENT TRIGGER session_audit_logon")
    inferred.maintain()
    assert inferred.run(gaps) == [
        ("the login trigger does not fire always", False),
        ("event_triggers is off for a role", False),
        ("the login trigger is missing", True),
    ]
