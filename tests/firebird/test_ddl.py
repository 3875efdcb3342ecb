"""DDL triggers on real servers."""

from __future__ import annotations

import pytest

from tests.firebird.servers import Database, load_client

LOG = """
xtrig: 1
schema: audit
tables:
  log:
    columns:
      id: {type: bigint, identity: true, primary_key: true}
      at: timestamptz
      who: varchar(63)
      tag: varchar(40)
      kind: varchar(30)
      name: varchar(63)
triggers:
"""
RECORD = """
    steps:
      - for_each: {item}
        do:
          - insert: log
            values:
              at: ${{now}}
              who: ${{login_user}}
              tag: ${{command_tag}}
              kind: ${{object_type}}
              name: ${{object_identity}}
"""
ENDED = LOG + "  ended:\n    event: ddl_command_end" + RECORD.format(item="ddl_command")


def tags(database: Database) -> list[tuple[str, ...]]:
    return database.rows("SELECT tag, kind, name FROM log ORDER BY id")


def as_user(database: Database, *statements: str) -> None:
    """Execute in a session that meets the triggers, each command in a transaction of its own."""
    for sql in statements:
        database.execute(sql, no_db_triggers=False)


def test_commands_are_recorded(database: Database) -> None:
    database.deploy(ENDED)
    as_user(database, "CREATE TABLE t (a INTEGER)", "ALTER TABLE t ADD b INTEGER", "CREATE INDEX i ON t (b)")
    as_user(database, "DROP TABLE t", "RECREATE SEQUENCE s", "COMMENT ON DATABASE IS 'x'", "GRANT SELECT ON log TO bob")
    assert tags(database) == [
        ("CREATE TABLE", "table", "T"),
        ("ALTER TABLE", "table", "T"),
        ("CREATE INDEX", "index", "I"),
        ("DROP TABLE", "table", "T"),
        ("CREATE SEQUENCE", "sequence", "S"),
    ]


def test_what_is_dropped_is_recorded(database: Database) -> None:
    database.deploy(LOG + "  gone:\n    event: sql_drop\n    tags: [DROP TABLE]" + RECORD.format(item="dropped_object"))
    as_user(database, "CREATE TABLE t (a INTEGER)", "CREATE VIEW v AS SELECT 1 AS x FROM rdb$database")
    as_user(database, "DROP VIEW v", "DROP TABLE t")
    assert tags(database) == [("DROP TABLE", "table", "T")]


def test_a_command_rolled_back_leaves_no_row(database: Database) -> None:
    database.deploy(ENDED)
    session = database.connect()
    session.execute_immediate("CREATE TABLE t (a INTEGER)")
    session.rollback()
    assert tags(database) == []


def test_a_refusal_stops_the_command(database: Database) -> None:
    database.deploy(
        LOG
        + """  keep:
    event: ddl_command_start
    tags: [DROP TABLE]
    exempt_roles: [dba]
    steps: [{deny: "${command_tag} is for the DBA, ${login_user}"}]
"""
    )
    as_user(database, "CREATE TABLE t (a INTEGER)")
    session = database.connect()
    with pytest.raises(load_client().DatabaseError, match="DROP TABLE is for the DBA, SYSDBA"):
        session.execute_immediate("DROP TABLE t")
    session.execute_immediate("CREATE TABLE t2 (a INTEGER)")
    session.commit()
    made = "SELECT rdb$relation_name FROM rdb$relations WHERE rdb$relation_name STARTING WITH 'T' ORDER BY 1"
    assert database.rows(made) == [("T",), ("T2",)]


def test_open_sessions_do_not_meet_it(database: Database) -> None:
    before = database.connect()
    database.deploy(ENDED)
    before.execute_immediate("CREATE TABLE t (a INTEGER)")
    before.commit()
    assert tags(database) == []


def test_no_password_is_recorded(database: Database) -> None:
    if not database.server.host:
        pytest.skip("the embedded engine has no accounts")
    database.deploy(ENDED)
    as_user(database, "CREATE USER zed PASSWORD 'secret123' USING PLUGIN Srp", "DROP USER zed USING PLUGIN Srp")
    assert tags(database) == [("CREATE USER", "user", "ZED"), ("DROP USER", "user", "ZED")]
