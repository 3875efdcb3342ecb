"""``sessions:`` on real servers: each session once, whatever ends it, and who was refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

import xtrig
from tests.firebird.servers import Database, load_client
from tests.firebird.test_deploying import url_of
from xtrig import audit
from xtrig.deploy import ProofError, RefusedPlanError, apply, drop, plan, status
from xtrig.deploy.live import import_database
from xtrig.errors import DatabaseError

SET = """
xtrig: 1
name: record
sessions: {retention: 90 days, instance: it's one}
tables:
  notes: {columns: {who: varchar(63)}}
triggers:
  keep_out:
    event: logon
    exempt_roles: [sysdba]
    steps:
      - {insert: notes, values: {who: "${login_user}"}}
      - {deny: "no ${login_user}", when: "${login_user} = 'ALICE'"}
"""
TABLES = ("login_attempt", "session_log", "session_look")
ENDS = "SELECT login_user, ended_by FROM sessions WHERE login_user <> 'SYSDBA' ORDER BY logon_at"


def loaded(text: str = SET) -> xtrig.TriggerSet:
    return xtrig.load_text(text, "d.yaml")


def asked(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query in a session."""
    with closing(connection.cursor()) as cursor:
        return list(cursor.execute(sql).fetchall())


def wait_for(found: Callable[[], bool]) -> None:
    """Wait until something is so; the server ends a session a moment after its client."""
    until = time.monotonic() + 60
    while not found():
        assert time.monotonic() < until
        time.sleep(0.05)


def killed(database: Database, user: str = "BOB") -> None:
    """Let a session be ended by an administrator."""
    connection = database.connect(user)
    ((id_,),) = asked(connection, "SELECT current_connection FROM rdb$database")
    connection.commit()
    database.execute(f"DELETE FROM mon$attachments WHERE mon$attachment_id = {id_}")
    database.opened.remove(connection)
    wait_for(lambda: not database.rows(f"SELECT 1 FROM mon$attachments WHERE mon$attachment_id = {id_}"))
    try:
        connection.close()
    except load_client().DatabaseError:
        connection._att = None  # the driver takes it for open still


def maintain(database: Database, at_most: int = 1000, **given: Any) -> tuple[int, int]:
    """Call the procedure, and return how many sessions were found ended, and how many rows were deleted."""
    connection = database.connect(**{"no_db_triggers": True, **given})
    try:
        ((ended, deleted),) = asked(connection, f"EXECUTE PROCEDURE maintain({at_most})")
        connection.commit()
        return ended, deleted
    finally:
        connection.close()


def test_a_session_is_a_row_that_its_logoff_ends(database: Database) -> None:
    database.deploy(SET)
    connection = database.connect("BOB")
    assert database.rows(ENDS) == [("BOB", None)]
    connection.close()
    assert database.rows(ENDS) == [("BOB", "logoff")]
    columns = "session_id, client_ip, client_port, application, auth_method, backend_pid, instance, source"
    ((id_, ip, port, application, *rest),) = database.rows(f"SELECT {columns} FROM sessions")
    assert id_.isdigit()
    assert rest == [None, None, "it's one", "login trigger"]
    if database.server.host:
        assert ip == "127.0.0.1"
        assert 1024 <= port < 65536
        assert "python" in application
    ((duration, least, most),) = database.rows("SELECT duration, duration_at_least, duration_at_most FROM sessions")
    assert duration >= 0
    assert (least, most) == (None, None)


def test_a_refused_login_is_no_session_and_leaves_its_row_and_its_reason(database: Database) -> None:
    database.deploy(SET)
    assert "no ALICE" in str(database.login("ALICE"))
    assert database.login("BOB") is None
    assert database.rows(ENDS) == [("BOB", "logoff")]
    assert database.rows('SELECT login_user, message, "SQLSTATE" FROM refused_logins') == [
        ("ALICE", "no ALICE", "HY000")
    ]


def test_a_refusal_by_a_trigger_of_others_is_seen_too(database: Database) -> None:
    database.deploy(SET)
    refuse = "CREATE TRIGGER zz ACTIVE ON CONNECT POSITION 9 AS DECLARE x INTEGER; BEGIN x = 1 / 0; END"
    database.execute(refuse)
    assert "zero" in str(database.login("BOB"))
    database.execute("DROP TRIGGER zz")
    assert database.rows(ENDS) == []
    assert database.rows("SELECT login_user, message FROM refused_logins") == [
        ("BOB", "refused by a trigger at CONNECT")
    ]


def test_an_end_that_no_trigger_saw_is_inferred(database: Database) -> None:
    database.deploy(SET)
    assert maintain(database) == (0, 0)
    killed(database)
    connection = database.connect("BOB")
    is_seen = database.server.version != "3.0"
    assert database.rows(ENDS) == [("BOB", "logoff" if is_seen else "inferred"), ("BOB", None)]
    assert maintain(database) == (0 if is_seen else 1, 0)
    assert maintain(database) == (0, 0)
    assert database.rows(ENDS) == [("BOB", "logoff" if is_seen else "inferred"), ("BOB", None)]
    bounds = "SELECT duration, duration_at_least >= 0, duration_at_most >= duration_at_least FROM sessions"
    if not is_seen:
        assert database.rows(f"{bounds} WHERE ended_by IS NOT NULL") == [(None, True, True)]
    connection.close()
    assert database.rows(ENDS)[1] == ("BOB", "logoff")


def test_a_session_counts_as_gone_only_to_who_sees_all(database: Database) -> None:
    """MON$ATTACHMENTS shows an ordinary user the own sessions alone."""
    database.deploy(SET)
    database.execute("GRANT audit_reader TO USER bob", "GRANT EXECUTE ON PROCEDURE maintain TO USER bob")
    database.execute(*(f"GRANT ALL ON {table} TO PROCEDURE maintain" for table in TABLES))
    there = database.connect("CAROL" if not database.server.host else "SYSDBA")
    reader = database.connect("BOB", role="AUDIT_READER")
    assert {row[0] for row in asked(reader, "SELECT ended_by FROM sessions")} == {None}
    with pytest.raises(load_client().DatabaseError, match="only SYSDBA and the owner"):
        asked(reader, "EXECUTE PROCEDURE maintain")
    with pytest.raises(load_client().DatabaseError, match="no permission"):
        asked(reader, "SELECT * FROM login_attempt")
    reader.close()
    there.close()


def test_nobody_but_the_reader_reads_and_nobody_writes(database: Database) -> None:
    database.deploy(SET)
    connection = database.connect("BOB")
    # 3.0 lets everybody count the rows of everything: SELECT 1 is not checked there.
    for sql in (
        "SELECT * FROM sessions",
        "SELECT * FROM refused_logins",
        "SELECT * FROM coverage_gaps",
        "SELECT * FROM session_log",
        "INSERT INTO login_attempt (id) VALUES (99)",
        "UPDATE session_log SET ended_by = 'x'",
        "DELETE FROM session_look",
        "EXECUTE PROCEDURE maintain",
    ):
        with pytest.raises(load_client().DatabaseError, match="no permission"):
            asked(connection, sql)
    connection.close()


def test_what_is_older_than_the_retention_goes_both_ends_together(database: Database) -> None:
    database.deploy(SET)
    for user in ("BOB", "ALICE", "BOB"):
        database.login(user)
    connection = database.connect("BOB")
    moment = "timestamp" if database.server.version == "3.0" else "timestamp with time zone"
    old = f"dateadd(-91 DAY TO cast('now' AS {moment}))"
    database.execute(
        f"UPDATE login_attempt SET logon_at = {old} WHERE id <> (SELECT max(attempt) FROM session_log WHERE ended_by = "
        "'logoff')",
        f"UPDATE session_log SET logoff_at = {old} WHERE attempt = (SELECT min(attempt) FROM session_log)",
    )
    assert maintain(database, 1)[1] == 1
    assert maintain(database)[1] == 1
    # The session that is open as long as that would be older than its own attachment: it has to go on.
    connection.close()
    assert maintain(database)[1] == 0
    left = database.rows(
        "SELECT count(*), count(s.attempt) FROM login_attempt a LEFT JOIN session_log s ON s.attempt = a.id"
    )
    assert left == [(2, 2)]


def test_a_database_that_is_read_only_refuses_nobody_and_is_a_gap(database: Database) -> None:
    database.deploy(SET)
    assert database.login("BOB") is None
    for connection in database.opened:
        connection.close()
    database.make_read_only()
    assert database.login("BOB") is None
    assert "no ALICE" in str(database.login("ALICE"))
    assert database.rows(ENDS) == [("BOB", "logoff")]
    ((until, reason),) = database.rows("SELECT until, reason FROM coverage_gaps")
    assert until is None
    assert "read-only" in reason


def test_a_session_without_triggers_is_a_gap_while_it_lasts(database: Database) -> None:
    database.deploy(SET)
    assert database.login("BOB") is None
    past = database.connect(no_db_triggers=True)
    ((reason,),) = database.rows("SELECT reason FROM coverage_gaps")
    assert "of SYSDBA has no row" in reason
    past.close()
    assert database.rows("SELECT reason FROM coverage_gaps") == []


def test_a_full_record_keeps_nobody_out(database: Database) -> None:
    """A trigger of others that lets no row into the tables, as a disk that is full would not."""
    database.deploy(SET)
    stop = "CREATE TRIGGER stop_{0} FOR {0} ACTIVE BEFORE INSERT OR UPDATE AS DECLARE x INTEGER; BEGIN x = 1 / 0; END"
    for table in ("login_attempt", "session_log"):
        database.execute(stop.format(table))
        assert database.login("BOB") is None
        assert "no ALICE" in str(database.login("ALICE"))
        database.execute(f"DROP TRIGGER stop_{table}")
    assert database.rows(ENDS) == []
    # Who came in and was not recorded was not refused.
    assert {user for (user,) in database.rows("SELECT login_user FROM refused_logins")} <= {"ALICE"}


def test_a_trigger_that_is_inactive_is_a_gap(database: Database) -> None:
    database.deploy(SET)
    assert database.login("BOB") is None
    assert database.rows("SELECT reason FROM coverage_gaps") == []
    database.execute("ALTER TRIGGER record_logon INACTIVE")
    ((reason,),) = database.rows("SELECT reason FROM coverage_gaps")
    assert "inactive" in reason


def test_a_set_that_refuses_everybody_leaves_nothing(database: Database) -> None:
    with pytest.raises(ProofError, match=r"no SYSDBA.*taken back"):
        apply(
            loaded(SET.replace("\"${login_user} = 'ALICE'\"", '"1 = 1"').replace("[sysdba]", "[nobody]")),
            url_of(database),
        )
    for catalog in ("triggers", "relations", "procedures", "roles", "exceptions"):
        assert database.rows(f"SELECT 1 FROM rdb${catalog} WHERE coalesce(rdb$system_flag, 0) = 0") == [], catalog
    assert database.login("ALICE") is None


def test_a_session_reset_is_neither_login_nor_logoff(database: Database) -> None:
    if database.server.version == "3.0":
        pytest.skip("ALTER SESSION RESET is new in 4.0")
    database.deploy(SET)
    connection = database.connect("BOB")
    connection.execute_immediate("ALTER SESSION RESET")
    assert database.rows(ENDS) == [("BOB", None)]
    connection.close()
    assert database.rows(ENDS) == [("BOB", "logoff")]


def test_a_restored_backup_gives_numbers_anew_and_no_end_to_others(database: Database) -> None:
    database.deploy(SET)
    for _ in range(3):
        assert database.login("BOB") is None
    left_open = database.connect("BOB")
    restored = database.restored_copy()
    left_open.close()
    try:
        assert [ended_by for _, ended_by in restored.rows(ENDS)] == ["logoff"] * 3 + ["inferred"]
        connection = restored.connect("BOB")
        assert [ended_by for _, ended_by in restored.rows(ENDS)] == ["logoff"] * 3 + ["inferred", None]
        assert maintain(restored) == (1, 0)
        connection.close()
        assert [ended_by for _, ended_by in restored.rows(ENDS)] == ["logoff"] * 3 + ["inferred", "logoff"]
    finally:
        restored.close()
        restored.path.unlink()


def test_it_is_planned_applied_changed_and_dropped(database: Database) -> None:
    url = url_of(database)
    report = apply(loaded(), url)
    assert report.done == ["tables", "rehearsal", "live"]
    assert plan(loaded(), url).is_empty
    assert status(loaded(), url).is_in_sync
    assert "no ALICE" in str(database.login("ALICE")) if database.server.host else True
    longer = loaded(SET.replace("90 days", "2 years"))
    assert sorted(change.name for change in plan(longer, url).changes) == ["maintain", "record_logon"]
    apply(longer, url)
    assert status(longer, url).is_in_sync
    with pytest.raises(RefusedPlanError, match="belongs to the set 'record'"):
        apply(loaded(SET.replace("name: record", "name: other")), url)
    drop(longer, url)
    assert database.rows("SELECT count(*) FROM login_attempt") > [(0,)]
    drop(longer, url, with_data=True)
    for catalog in ("triggers", "relations", "procedures", "roles", "exceptions"):
        assert database.rows(f"SELECT 1 FROM rdb${catalog} WHERE coalesce(rdb$system_flag, 0) = 0") == [], catalog


def test_what_is_changed_by_hand_is_found_and_put_right(database: Database) -> None:
    url = url_of(database)
    apply(loaded(), url)
    database.execute(
        "GRANT SELECT ON sessions TO PUBLIC",
        "GRANT DELETE ON session_log TO USER bob",
        "ALTER VIEW coverage_gaps AS SELECT 1 since, 2 until, 3 reason FROM rdb$database",
    )
    changed = plan(loaded(), url).changes
    assert sorted(change.name for change in changed) == ["coverage_gaps", "session_log", "sessions"]
    apply(loaded(), url)
    assert plan(loaded(), url).is_empty
    connection = database.connect("BOB")
    with pytest.raises(load_client().DatabaseError, match="no permission"):
        asked(connection, "SELECT * FROM sessions")
    connection.close()


def test_the_definition_is_read_back(database: Database) -> None:
    url = url_of(database)
    apply(loaded(), url)
    read = import_database(url, set_name="record").triggers
    assert read.sessions == loaded().sessions
    assert list(read.triggers) == ["keep_out"]


def test_audit_reads_as_the_reader_and_says_what_is_in_its_way(database: Database) -> None:
    apply(loaded(), url_of(database))
    assert "no ALICE" in str(database.login("ALICE"))
    database.execute("GRANT audit_reader TO USER bob")
    data = audit.read(url_of(database, "BOB", "?role=AUDIT_READER"))
    assert [each.reason for each in data.refusals] == ["no ALICE"]
    assert {each.login_user for each in audit.read(url_of(database), users=["BOB"]).sessions} == {"BOB"}
    assert audit.read(url_of(database), until=datetime(2020, 1, 1, tzinfo=UTC)).sessions == ()
    with pytest.raises(DatabaseError, match=r"cannot read sessions: no permission.*needs the reader role"):
        audit.read(url_of(database, "BOB"))
    found = audit.verify(loaded(), url_of(database))
    assert found.is_clean
    assert "nothing here seals them" in found.cannot_see[0]
    database.execute("DROP VIEW sessions", "CREATE VIEW sessions AS SELECT 1 a FROM rdb$database")
    with pytest.raises(DatabaseError, match="sessions is not what xtrig reads: it has no column session_id"):
        audit.read(url_of(database))
    assert not audit.verify(loaded(), url_of(database)).is_clean


def test_a_view_of_a_stranger_is_not_read(database: Database) -> None:
    if not database.server.host:
        pytest.skip("the embedded engine believes every name")
    database.execute("GRANT CREATE VIEW TO USER bob")
    database.execute("CREATE VIEW sessions AS SELECT 1 a FROM rdb$database", user="BOB", no_db_triggers=False)
    with pytest.raises(DatabaseError, match="view SESSIONS was made by BOB, who is neither SYSDBA nor the owner"):
        audit.read(url_of(database))


def test_a_table_of_the_same_name_is_left_alone(database: Database) -> None:
    database.execute("CREATE TABLE sessions (a INTEGER)")
    with pytest.raises(RefusedPlanError, match="table sessions exists and was not made by xtrig"):
        apply(loaded(), url_of(database))
    with pytest.raises(load_client().DatabaseError, match="SESSIONS is there, and this set did not make it"):
        database.deploy(SET)
    assert database.rows("SELECT 1 FROM rdb$triggers WHERE coalesce(rdb$system_flag, 0) = 0") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("tables: {sessions: {columns: {a: integer}}}", "has a table or view 'sessions'"),
        ("tables: {Session_Log: {columns: {a: integer}}}", None),
        ("triggers: {n_logon: {event: logon, steps: [{set: a.b, value: \"'1'\"}]}}", "has a trigger 'n_logon'"),
        ("triggers: {N_LOGOFF: {event: logon, steps: [{set: a.b, value: \"'1'\"}]}}", "has a trigger 'n_logoff'"),
    ],
)
def test_names_of_the_record_are_refused(more: str, said: str | None) -> None:
    triggers = xtrig.load_text(f"xtrig: 1\nname: n\nsessions: {{}}\n{more}\n", "d.yaml")
    if said is None:
        xtrig.render(triggers, "firebird")
        return
    with pytest.raises(xtrig.RefusedError, match=said):
        xtrig.render(triggers, "firebird")


def test_a_name_that_its_triggers_would_make_too_long_is_refused() -> None:
    triggers = xtrig.load_text(f"{{xtrig: 1, name: {'n' * 25}, sessions: {{}}}}", "d.yaml")
    xtrig.render(triggers, "firebird", target_version="4.0")
    with pytest.raises(xtrig.RefusedError, match="give the set a shorter name"):
        xtrig.render(triggers, "firebird", target_version="3.0")


def test_what_has_no_effect_is_said() -> None:
    triggers = xtrig.load_text("{xtrig: 1, name: n, sessions: {logoff: server log, owner: me, durability: relaxed}}")
    (finding,) = xtrig.render(triggers, "firebird").findings
    assert finding.message.startswith("owner, logoff: server log, durability: relaxed have no effect on Firebird")
