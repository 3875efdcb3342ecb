"""Triggers at logon and logoff on real servers: what is recorded, who is refused, and what an error does."""

from __future__ import annotations

import pytest

import xtrig
from tests.firebird.servers import Database, load_client

LOG = """
xtrig: 1
schema: audit
tables:
  log:
    columns:
      {id: {type: bigint, identity: true, primary_key: true}, at: timestamptz, who: varchar(63), what: varchar(200)}
triggers:
"""


def record(what: str) -> str:
    """Return what stands between the braces of a step that records a word."""
    return f"""insert: log, values: {{at: "${{now}}", who: "${{login_user}}", what: "'{what}'"}}"""


def recording(name: str, event: str, what: str) -> str:
    """Return a trigger that records a word."""
    return f"  {name}: {{event: {event}, steps: [{{{record(what)}}}]}}\n"


def rows(database: Database) -> list[tuple[str, ...]]:
    return database.rows("SELECT who, what FROM log ORDER BY id")


def test_a_login_is_recorded(database: Database) -> None:
    database.deploy(LOG + recording("coming", "logon", "in"))
    assert database.login("BOB") is None
    assert rows(database) == [("BOB", "in")]


def test_a_logoff_is_recorded(database: Database) -> None:
    database.deploy(LOG + recording("going", "logoff", "out"))
    database.connect("BOB").close()
    assert rows(database) == [("BOB", "out")]


def test_a_refusal_keeps_people_out_and_leaves_its_row(database: Database) -> None:
    database.deploy(
        LOG
        + "  a: {event: logon, steps: [{"
        + record("seen")
        + """}]}
  b: {event: logon, exempt_roles: [sysdba], steps: [{deny: "no logins for ${login_user} (100%, it's @1)"}]}
"""
    )
    said = database.login("BOB")
    assert said is not None
    assert "no logins for BOB (100%, it's @1)" in said
    assert database.login("SYSDBA") is None
    assert rows(database) == [("BOB", "seen"), ("SYSDBA", "seen")]


def test_without_a_refusal_in_the_set_rows_are_of_the_login(database: Database) -> None:
    """IN AUTONOMOUS TRANSACTION costs another commit: it stands only where it is needed."""
    script = xtrig.render(xtrig.load_text(LOG + recording("a", "logon", "in"), "x.yaml"), "firebird")
    assert "AUTONOMOUS" not in str(script)


def test_nobody_is_exempt_but_who_is_named(database: Database) -> None:
    database.deploy(LOG + "  shut: {event: logon, exempt_roles: [alice], steps: [{deny: closed}]}")
    assert "closed" in str(database.login("SYSDBA"))
    assert "closed" in str(database.login("BOB"))
    assert database.login("ALICE") is None


def test_there_is_a_way_past_a_trigger_that_refuses_everybody(database: Database) -> None:
    database.deploy(LOG + "  shut: {event: logon, steps: [{deny: closed}]}")
    assert "closed" in str(database.login("SYSDBA"))
    with pytest.raises(load_client().DatabaseError):
        database.connect("BOB", no_db_triggers=True)
    database.execute("DROP TRIGGER shut")
    assert database.login("BOB") is None


def test_with_on_error_allow_an_error_refuses_nobody_and_no_denial_is_passed(database: Database) -> None:
    """The client's program is longer than the column, or a division fails: what comes after is asked all the same."""
    database.deploy(
        LOG
        + """  audit:
    event: logon
    steps:
      - {insert: log, values: {at: "${now}", who: "${login_user}", what: "'first'"}}
      - {insert: log, values: {who: "1 / (char_length(${login_user}) - char_length(${login_user}))"}}
      - {deny: not you, when: "${login_user} = 'ALICE'"}
      - {insert: log, values: {at: "${now}", who: "${login_user}", what: "'last'"}}
"""
    )
    assert database.login("BOB") is None
    assert "not you" in str(database.login("ALICE"))
    assert rows(database) == [("BOB", "first"), ("BOB", "last"), ("ALICE", "first")]


def test_with_on_error_deny_an_error_refuses_the_login(database: Database) -> None:
    database.deploy(
        LOG + """  audit: {event: logon, on_error: deny, steps: [{insert: log, values: {what: "lpad('x', 300)"}}]}"""
    )
    assert "truncation" in str(database.login("BOB"))


def test_an_error_at_logoff_is_swallowed(database: Database) -> None:
    database.deploy(
        LOG
        + """  a: {event: logoff, steps: [{insert: log, values: {what: "lpad('x', 300)"}}]}
  b: {event: logoff, steps: [{insert: log, values: {who: "${login_user}", what: "'out'"}}]}
"""
    )
    database.connect("BOB").close()
    assert rows(database) == [("BOB", "out")]
    # What no handler catches takes the rows of all triggers of that logoff, and the client is told nothing.
    database.execute("CREATE TRIGGER c ACTIVE ON DISCONNECT POSITION 9 AS DECLARE x INTEGER; BEGIN x = 1 / 0; END")
    database.connect("BOB").close()
    assert rows(database) == [("BOB", "out")]


def test_triggers_fire_in_the_order_of_the_definition(database: Database) -> None:
    names = ("zz", "aa", "mm")
    database.deploy(LOG + "".join(f"  {each}: {{event: logon, steps: [{{{record(each)}}}]}}\n" for each in names))
    assert database.login("BOB") is None
    assert [what for (what,) in database.rows("SELECT what FROM log ORDER BY id")] == ["zz", "aa", "mm"]


def test_a_disabled_trigger_does_not_fire(database: Database) -> None:
    database.deploy(LOG + "  coming: {event: logon, enable: disabled, steps: [{" + record("in") + "}]}")
    assert database.login("BOB") is None
    assert rows(database) == []


def test_a_database_that_is_read_only_refuses_nobody(database: Database) -> None:
    database.deploy(
        LOG + "  coming: {event: logon, on_error: deny, exempt_roles: [x], steps: [{" + record("in") + "}]}"
    )
    database.execute("ALTER DATABASE SET LINGER TO 0")
    database.make_read_only()
    assert database.login("BOB") is None
    assert rows(database) == []


def test_a_session_reset_is_neither_login_nor_logoff(database: Database) -> None:
    if database.server.version == "3.0":
        pytest.skip("ALTER SESSION RESET is new in 4.0")
    database.deploy(LOG + recording("i", "logon", "in") + recording("o", "logoff", "out"))
    session = database.connect("BOB")
    session.execute_immediate("ALTER SESSION RESET")
    session.close()
    assert [what for _, what in rows(database)] == ["in", "out"]


def test_a_variable_is_set_for_the_session_and_again_after_a_reset(database: Database) -> None:
    database.deploy(LOG + """  tag: {event: logon, steps: [{set: app.user, value: "'u-' || ${login_user}"}]}""")
    session = database.connect("BOB")
    asked = "SELECT rdb$get_context('USER_SESSION', 'app.user') FROM rdb$database"

    def variable() -> object:
        with session.cursor() as cursor:
            found = cursor.execute(asked).fetchone()
        session.rollback()
        return found

    assert variable() == ("u-BOB",)
    if database.server.version != "3.0":
        session.execute_immediate("ALTER SESSION RESET")
        assert variable() == ("u-BOB",)


def test_what_is_called_has_the_triggers_rights_and_its_error_refuses_nobody(database: Database) -> None:
    """A static call of a procedure that got another signature would refuse everybody, past any WHEN ANY."""
    database.execute(
        "CREATE TABLE called (who VARCHAR(63))",
        "CREATE PROCEDURE note (who VARCHAR(63)) AS BEGIN INSERT INTO called VALUES (:who); END",
        "CREATE FUNCTION counted (who VARCHAR(63)) RETURNS INTEGER AS "
        "BEGIN INSERT INTO called VALUES ('f'); RETURN 1; END",
        "GRANT INSERT ON called TO PROCEDURE note",
        "GRANT INSERT ON called TO FUNCTION counted",
    )
    database.deploy(
        LOG
        + """  calls:
    event: logon
    steps:
      - {call: audit.note, kind: procedure, args: ["${login_user}"]}
      - {call: audit.counted, args: ["${login_user}"]}
"""
    )
    assert database.login("BOB") is None
    assert database.rows("SELECT who FROM called ORDER BY 1") == [("BOB",), ("f",)]
    database.execute("ALTER PROCEDURE note (who VARCHAR(63), more INTEGER) AS BEGIN END")
    assert database.login("BOB") is None
    assert len(database.rows("SELECT who FROM called")) == 2


def test_what_others_made_is_left_alone(database: Database) -> None:
    database.execute("CREATE TRIGGER coming ACTIVE ON CONNECT AS BEGIN END")
    definition = LOG + recording("coming", "logon", "in")
    with pytest.raises(load_client().DatabaseError, match="trigger COMING is there, and this set did not make it"):
        database.deploy(definition)
    assert database.rows("SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'LOG'") == []


def test_a_name_in_lower_case_is_found(database: Database) -> None:
    shut = """  shut: {event: logon, steps: [{deny: closed, when: "${login_user} <> 'dba'"}]}"""
    script = xtrig.render(xtrig.load_text(LOG + shut, "x.yaml"), "firebird", target_version=database.server.version)
    database.run(script)
    assert "closed" in str(database.login("BOB"))
    found = [each for each in script.findings if each.code == "XT250"]
    assert [each.remedy for each in found] == ["write 'DBA'"]


def test_a_path_does_not_fit_into_a_short_column(database: Database) -> None:
    short = "{xtrig: 1, tables: {t: {columns: {p: varchar(5)}}}, triggers: {a: {event: logon, steps: [STEP]}}}"
    definition = short.replace("STEP", '{insert: t, values: {p: "${database}"}}')
    found = xtrig.render(xtrig.load_text(definition, "x.yaml"), "firebird").findings
    assert "XT253" in {each.code for each in found}
    database.deploy(definition)
    assert database.login("BOB") is None
    assert database.rows("SELECT p FROM t") == []
    database.deploy(definition.replace("${database}", "substring(${database} from 1 for 5)"))
    assert database.login("BOB") is None
    assert database.rows("SELECT p FROM t") == [(str(database.path)[:5],)]
