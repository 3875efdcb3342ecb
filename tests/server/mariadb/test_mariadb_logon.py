"""What init_connect does with what xtrig renders: who is seen, who is refused, what is recorded."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from typing import Any

import pymysql
import pytest

import xtrig
from tests.server.mariadb.server import MariaDB, MariaDBServer, fresh

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("mariadb")]

TABLE = """
xtrig: 1
schema: audit
tables:
  log:
    columns:
      id: {type: bigint, identity: true, primary_key: true}
      at: timestamptz
      who: varchar(200)
      what: text
"""
RECORD = '{insert: log, values: {at: "${now}", who: "${login_user}", what: "${database}"}}'


def definition(*steps: str, more: str = "", name: str = "seen") -> str:
    lines = "".join(f"      - {step}\n" for step in steps)
    return f"{TABLE}triggers:\n  {name}:\n    event: logon\n    {more}\n    steps:\n{lines}"


def deploy(mariadb: MariaDB, text: str, **given: Any) -> xtrig.Script:
    """Render for the version at hand, and run the script."""
    script = xtrig.render(xtrig.load_text(text), "mariadb", target_version=mariadb.version, **given)
    mariadb.run(str(script))
    return script


def logged(mariadb: MariaDB, column: str = "who") -> list[Any]:
    return mariadb.rows(f"SELECT {column} FROM audit.log ORDER BY id")


def test_a_login_is_recorded(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    mariadb.user("bob")
    assert mariadb.log_in("bob") is None
    assert mariadb.log_in("bob", host="127.0.0.1", database="information_schema") is None
    assert logged(mariadb, "who, what") == [("bob", None), ("bob", "information_schema")]
    assert mariadb.value("SELECT MAX(ABS(TIMESTAMPDIFF(SECOND, at, NOW()))) FROM audit.log") < 5


def test_running_it_twice_changes_nothing(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    before = mariadb.init_connect
    deploy(mariadb, definition(RECORD))
    assert mariadb.init_connect == before
    mariadb.user("bob")
    mariadb.log_in("bob")
    assert logged(mariadb) == ["bob"]


@pytest.mark.parametrize(
    "theirs",
    [
        "SET @theirs = 1",
        "SET @theirs = 1;",
        "SET @theirs = 1; -- it's theirs;",
        "/* ; */ SET @theirs = 1 # end",
        "-- no",
    ],
)
def test_what_others_have_is_kept_to_the_letter(mariadb: MariaDB, theirs: str) -> None:
    mariadb.rows(f"SET GLOBAL init_connect = {mariadb.admin.escape(theirs)}")
    script = deploy(mariadb, definition(RECORD))
    assert mariadb.init_connect.endswith(theirs)
    with mariadb.server.connect(mariadb.user("bob")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @theirs")
        assert cursor.fetchall() == ((None if theirs == "-- no" else 1,),)
    assert logged(mariadb) == ["bob"]
    mariadb.run(str(script.undone("removal")))
    assert mariadb.init_connect == theirs
    assert mariadb.rows("SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'audit'") == []
    assert logged(mariadb) == ["bob"]


def test_two_sets_stand_side_by_side(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    theirs = definition(RECORD, name="seen_too").replace("  log:\n", "  log:\n    create: false\n")
    other = deploy(mariadb, f"name: other\n{theirs}")
    mariadb.user("bob")
    mariadb.log_in("bob")
    assert logged(mariadb) == ["bob", "bob"]
    mariadb.run(str(other.undone("removal")))
    mariadb.log_in("bob")
    assert logged(mariadb) == ["bob"] * 3


def test_administrators_are_never_seen(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, "{deny: nobody}"))
    assert mariadb.log_in(mariadb.user("chief", grants="CONNECTION ADMIN")) is None
    assert mariadb.log_in(mariadb.user("chief", grants="ALL")) is None
    assert logged(mariadb) == []
    is_seen = mariadb.log_in(mariadb.user("chief", grants="SUPER")) is not None
    assert is_seen is (mariadb.version.startswith("11."))
    assert mariadb.log_in(mariadb.user("almost", grants="READ_ONLY ADMIN")) is not None
    mariadb.rows("SET GLOBAL init_connect = ''")
    assert mariadb.log_in("almost") is None


def test_a_deny_refuses_and_its_row_stays(mariadb: MariaDB) -> None:
    deploy(
        mariadb, definition(RECORD, '{deny: "no entry for ${login_user}, it\'s shut", when: "${login_user} = \'bob\'"}')
    )
    assert "init_connect command failed" in (mariadb.log_in(mariadb.user("bob")) or "")
    assert mariadb.log_in(mariadb.user("Bob")) is None
    assert logged(mariadb) == ["bob", "Bob"]
    assert "no entry for bob, it's shut" in mariadb.server.log


@pytest.mark.parametrize("message", ["é" * 700, "${client_ip}", "${database} ${client_host}", "100% \\ ' \" ` //"])
def test_every_message_refuses(mariadb: MariaDB, message: str) -> None:
    quoted = "'" + message.replace("'", "''") + "'"
    deploy(mariadb, definition("{deny: " + quoted + "}"))
    assert "init_connect command failed" in (mariadb.log_in(mariadb.user("bob")) or "")


def test_an_exempt_user_enters(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, "{deny: nobody}", more='exempt_roles: [break, "o\'hara"]'))
    assert mariadb.log_in(mariadb.user("break")) is None
    assert mariadb.log_in(mariadb.user("o'hara")) is None
    assert mariadb.log_in(mariadb.user("Break")) is not None


FAULTS = {
    "table": "ALTER TABLE audit.log RENAME audit.elsewhere",
    "column": "ALTER TABLE audit.log DROP COLUMN what",
    "right": "REVOKE EXECUTE ON PROCEDURE audit.seen FROM PUBLIC",
    "procedure": "DROP PROCEDURE audit.seen",
    "database": "DROP DATABASE audit",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_with_on_error_allow_an_error_lets_in(mariadb: MariaDB, fault: str) -> None:
    deploy(mariadb, definition(RECORD))
    mariadb.rows(FAULTS[fault])
    assert mariadb.log_in(mariadb.user("bob")) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_with_on_error_deny_an_error_refuses_the_login(mariadb: MariaDB, fault: str) -> None:
    deploy(mariadb, definition(RECORD, more="on_error: deny"))
    assert mariadb.log_in(mariadb.user("bob")) is None
    mariadb.rows(FAULTS[fault])
    assert "init_connect command failed" in (mariadb.log_in("bob") or "")


@pytest.mark.parametrize("fault", ["table", "column"])
def test_an_error_before_a_denial_does_not_keep_it_from_being_asked(mariadb: MariaDB, fault: str) -> None:
    deploy(mariadb, definition(RECORD, "{deny: no, when: \"${login_user} = 'bob'\"}"))
    mariadb.rows(FAULTS[fault])
    assert mariadb.log_in(mariadb.user("bob")) is not None
    assert mariadb.log_in(mariadb.user("ann")) is None


def test_an_error_of_the_users_own_is_no_denial(mariadb: MariaDB) -> None:
    mariadb.rows("CREATE DATABASE site")
    mariadb.rows("CREATE PROCEDURE site.fails() SIGNAL SQLSTATE '45000'")
    deploy(mariadb, definition("{call: site.fails, kind: procedure}"))
    assert mariadb.log_in(mariadb.user("bob")) is None


def test_triggers_run_in_the_order_of_the_definition(mariadb: MariaDB) -> None:
    steps = [f"  {name}: {{event: logon, steps: [{{insert: log, values: {{who: \"'{name}'\"}}}}]}}\n" for name in "zam"]
    deploy(mariadb, TABLE + "triggers:\n" + "".join(steps))
    mariadb.log_in(mariadb.user("bob"))
    assert logged(mariadb) == ["z", "a", "m"]


def test_every_fact_is_what_it_says(mariadb: MariaDB) -> None:
    facts = (
        "login_user current_user database client_ip client_host backend_pid session_id instance server_version ssl "
        "event native_event hour_utc"
    ).split()
    columns = ", ".join(f"{fact}: varchar(200)" for fact in facts)
    values = ", ".join(f'{fact}: "${{{fact}}}"' for fact in facts)
    text = f"xtrig: 1\nschema: audit\ntables: {{log: {{columns: {{{columns}}}}}}}\n"
    deploy(mariadb, f"{text}triggers: {{seen: {{event: logon, steps: [{{insert: log, values: {{{values}}}}}]}}}}")
    name = mariadb.user("a@b")
    with mariadb.server.connect(name, host="127.0.0.1", database="information_schema") as connection:
        number = str(connection.thread_id())
    (row,) = mariadb.rows("SELECT * FROM audit.log")
    found = dict(zip(facts, row, strict=True))
    assert found["login_user"] == "a@b"
    assert found["current_user"] == "root@localhost"
    assert found["database"] == "information_schema"
    assert (found["client_ip"], found["client_host"]) == (None, "localhost")  # names are looked up
    assert found["backend_pid"] == found["session_id"] == number
    assert found["instance"] == str(mariadb.value("SELECT @@server_id"))
    assert found["server_version"] == mariadb.value("SELECT VERSION()")
    assert (found["ssl"], found["event"], found["native_event"]) == ("false", "logon", "init_connect")
    assert int(found["hour_utc"]) - mariadb.value("SELECT HOUR(UTC_TIMESTAMP())") in (0, -1, 23)


def test_membership_goes_by_way_of_other_roles(mariadb: MariaDB) -> None:
    deploy(mariadb, definition('{insert: log, values: {who: "${login_user}"}, when: "${member_of(\'outer_role\')}"}'))
    try:
        mariadb.rows("CREATE ROLE outer_role")
        mariadb.rows("CREATE ROLE inner_role")
        mariadb.rows("GRANT outer_role TO inner_role")
        mariadb.rows(f"GRANT inner_role TO {mariadb.user('bob')}")
        mariadb.rows(f"GRANT inner_role TO {mariadb.user('Bob')}")
        mariadb.rows("REVOKE inner_role FROM Bob")
        for user in ("bob", "Bob", mariadb.user("ann")):
            assert mariadb.log_in(user) is None
        assert logged(mariadb) == ["bob"]
    finally:
        mariadb.rows("DROP ROLE IF EXISTS outer_role")
        mariadb.rows("DROP ROLE IF EXISTS inner_role")


@pytest.mark.parametrize("charset", ["latin1", "gbk", "utf8mb4", "cp932"])
def test_a_client_cannot_change_the_names_by_its_character_set(mariadb: MariaDB, charset: str) -> None:
    text = definition("{deny: no}", name="größe表").replace("schema: audit", "schema: prüfung表")
    deploy(mariadb, text)
    try:
        refused = mariadb.log_in(mariadb.user("bob"), charset=charset)
    except UnicodeError:
        pytest.skip("the driver does not know this character set")
    assert "init_connect command failed" in (refused or "")


def test_the_session_is_left_as_it_was(mariadb: MariaDB) -> None:
    state = "SELECT @@max_statement_time, @@innodb_lock_wait_timeout, @@character_set_client, @@sql_mode, @@autocommit"
    mariadb.rows("CREATE OR REPLACE USER bob@'%' IDENTIFIED BY 'x' WITH MAX_STATEMENT_TIME 7")
    mariadb._users.append("bob@'%'")

    def seen() -> Any:
        with mariadb.server.connect("bob", charset="latin1") as connection, connection.cursor() as cursor:
            cursor.execute(state)
            return cursor.fetchall()

    before = seen()
    assert before[0][0] == 7
    deploy(
        mariadb,
        definition(RECORD, name="größe", more="{timeout: 3s, lock_timeout: 2s}".strip("{}").replace(", ", "\n    ")),
    )
    assert seen() == before
    assert logged(mariadb) == ["bob"]


def test_rows_are_kept_where_autocommit_is_off(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, "{deny: no, when: \"${login_user} = 'ann'\"}"))
    mariadb.rows("SET GLOBAL autocommit = 0")
    try:
        assert mariadb.log_in(mariadb.user("bob"), autocommit=None) is None
        assert mariadb.log_in(mariadb.user("ann"), autocommit=None) is not None
    finally:
        mariadb.rows("SET GLOBAL autocommit = 1")
    assert logged(mariadb) == ["bob", "ann"]


def test_on_a_read_only_server_nothing_is_written_and_a_denial_binds(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, "{deny: no, when: \"${login_user} = 'ann'\"}"))
    mariadb.user("bob"), mariadb.user("ann")
    mariadb.rows("SET GLOBAL read_only = 1")
    try:
        assert mariadb.log_in("bob") is None
        assert mariadb.log_in("ann") is not None
    finally:
        mariadb.rows("SET GLOBAL read_only = 0")
    assert logged(mariadb) == []


@pytest.mark.parametrize("lock", ["table", "row"])
def test_a_lock_of_others_delays_a_login_by_about_a_second(mariadb: MariaDB, lock: str) -> None:
    deploy(mariadb, definition(RECORD))
    mariadb.rows("CREATE UNIQUE INDEX one ON audit.log (who)")
    mariadb.user("bob")
    with mariadb.server.connect(autocommit=False) as other, other.cursor() as cursor:
        cursor.execute(
            "LOCK TABLES audit.log WRITE" if lock == "table" else "INSERT INTO audit.log (who) VALUES ('bob')"
        )
        began = time.monotonic()
        assert mariadb.log_in("bob") is None
        assert 0.5 < time.monotonic() - began < 4


def test_what_takes_too_long_is_refused(mariadb: MariaDB) -> None:
    tables = ", ".join(f"information_schema.columns AS {name}" for name in "abc")
    slow = f"SELECT COUNT(*) INTO @n FROM {tables}"
    deploy(mariadb, definition(f'{{sql: {{mariadb: "{slow}"}}}}', more="timeout: 1s"))
    began = time.monotonic()
    assert "init_connect command failed" in (mariadb.log_in(mariadb.user("bob")) or "")
    assert time.monotonic() - began < 5


def test_a_denial_cannot_be_cut_off(mariadb: MariaDB) -> None:
    """Whoever logs in may end the statements of his own user; the id of the connection can be guessed."""
    deploy(
        mariadb, definition("{sql: {mariadb: DO SLEEP(2)}}", '{deny: no, when: "(select count(*) from log l) >= 0"}')
    )
    mariadb.user("bob")
    number = mariadb.value("SELECT CONNECTION_ID()")
    answers: list[str | None] = []
    login = threading.Thread(target=lambda: answers.append(mariadb.log_in("bob")))
    login.start()
    time.sleep(0.7)
    for guess in range(number, number + 20):
        try:
            mariadb.rows(f"KILL QUERY {guess}") if guess != number else None
        except pymysql.err.MySQLError:  # there is none of that number
            continue
    login.join()
    assert answers[0] is not None


def test_it_runs_though_the_client_sends_nothing(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    mariadb.user("bob")
    with mariadb.server.connect("bob") as connection:
        for _ in range(50):
            if logged(mariadb):
                break
            time.sleep(0.02)
        assert logged(mariadb) == ["bob"]
        assert isinstance(connection._sock, socket.socket)


def test_an_ordinary_user_can_neither_read_nor_write_the_record(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    with mariadb.server.connect(mariadb.user("bob")) as connection, connection.cursor() as cursor:
        for sql in ("SELECT * FROM audit.log", "DELETE FROM audit.log", "DROP PROCEDURE audit.seen"):
            with pytest.raises(Exception, match="denied"):
                cursor.execute(sql)
        # EXECUTE is the price of init_connect: a row about himself he can add.
        cursor.execute("CALL audit.seen(NULL, 'root@localhost')")
    assert logged(mariadb) == ["bob", "bob"]


@pytest.mark.parametrize(
    ("there", "problem"),
    [
        ("CREATE PROCEDURE audit.SEEN() DO 1", "procedure `audit`.`seen` is not of this set"),
        ("CREATE PROCEDURE audit.seen() COMMENT 'xtrig:1:0:other' DO 1", "procedure `audit`.`seen` is not of this set"),
        ("CREATE PROCEDURE audit.seen() COMMENT 'xtrig:1:0123456789abcdef:AUDIT' DO 1", "is not of this set"),
        ("CREATE TABLE audit.log (a int)", "table `audit`.`log` is there and was not made as this"),
        ("SET GLOBAL sql_mode = 'ORACLE'", "sql_mode ORACLE"),
    ],
)
def test_a_script_replaces_nothing_of_others(mariadb: MariaDB, there: str, problem: str) -> None:
    mariadb.rows("CREATE DATABASE audit")
    before = mariadb.value("SELECT @@GLOBAL.sql_mode")
    mariadb.rows(there)
    try:
        with pytest.raises(AssertionError, match=problem):
            deploy(mariadb, definition(RECORD))
    finally:
        mariadb.rows(f"SET GLOBAL sql_mode = '{before}'")
    assert mariadb.init_connect == ""


def test_with_the_rights_of_the_user_he_needs_them(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, more="security: invoker"))
    mariadb.user("bob"), mariadb.user("ann")
    mariadb.rows("GRANT INSERT ON audit.log TO ann")
    assert [mariadb.log_in("bob"), mariadb.log_in("ann")] == [None, None]
    assert logged(mariadb) == ["ann"]


def test_on_a_read_only_server_the_definer_writes_if_asked(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD, more="standby: run"))
    mariadb.user("bob")
    mariadb.rows("SET GLOBAL read_only = 1")
    try:
        assert mariadb.log_in("bob") is None
    finally:
        mariadb.rows("SET GLOBAL read_only = 0")
    assert logged(mariadb) == ["bob"]


def test_a_login_that_fails_before_is_not_seen(mariadb: MariaDB) -> None:
    deploy(mariadb, definition(RECORD))
    mariadb.user("bob")
    for given in ({"password": "wrong"}, {"database": "mysql"}):
        assert mariadb.log_in("bob", **given) is not None
    assert mariadb.log_in("nobody_there") is not None
    assert logged(mariadb) == []


def test_a_condition_that_is_null_is_not_met(mariadb: MariaDB) -> None:
    deploy(
        mariadb,
        definition("{deny: no, when: \"${database} = 'shop'\"}", "{deny: no, when: \"not ${database} = 'shop'\"}"),
    )
    assert mariadb.log_in(mariadb.user("bob")) is None
    assert mariadb.log_in("bob", database="information_schema") is not None


def test_an_error_of_others_comes_after_the_record(mariadb: MariaDB) -> None:
    mariadb.rows("SET GLOBAL init_connect = 'CALL no_such.thing()'")
    deploy(mariadb, definition(RECORD))
    assert "init_connect command failed" in (mariadb.log_in(mariadb.user("bob")) or "")
    assert logged(mariadb) == ["bob"]


CONDITIONS = {
    "${login_user} = 'bob'": True,
    "${login_user} = 'BOB'": False,
    "${login_user} = 'bob '": False,
    "'bób' = ${login_user}": False,
    "${login_user} in ('ann', 'bob')": True,
    "${login_user} not in ('Bob', 'ann')": True,
    "${login_user} between 'boa' and 'boc'": True,
    "${login_user} like 'b%'": True,
    "${login_user} like 'B%'": False,
    "${login_user} ilike 'B%'": True,
    "'50%' like '50!%' escape '!'": True,
    r"'a\b' like 'a\\b'": True,
    "${login_user} || '@' || 'x' = 'bob@x'": True,
    "${database} || 'x' is null": True,
    "${database} is distinct from 'x'": True,
    "${database} is not distinct from null": True,
    "coalesce(${database}, 'none') = 'none'": True,
    "concat(${database}, 'x') = 'x'": True,
    "length('é') = 1 and octet_length('é') = 2": True,
    "lower('ÉB') = 'éb'": True,
    "position('o' in ${login_user}) = 2 and strpos(${login_user}, 'b') = 1": True,
    "replace(${login_user}, 'B', 'x') = 'bob'": True,
    "not ${ssl} and ${ssl} = 'no'": True,
    "${ssl} is not true": True,
    "case ${login_user} when 'Bob' then 1 when 'bob' then 2 end = 2": True,
    "case when ${database} is null then true else false end": True,
    "1 + 2 * 3 = 7 and 7 - 2 - 1 = 4": True,
    "not 1 = 2": True,
    "true or false and false": True,
    "null": False,
    "${member_of('bob')}": True,
    "${member_of('Bob')}": False,
    "${hour_utc} between 0 and 23": True,
    "${now} > ${now} - interval '1 hour'": True,
    "exists (select 1 from allowed a where a.who = ${login_user})": True,
    "exists (select 1 from allowed where who = 'BOB')": False,
    "${login_user} in (select who from allowed)": True,
    "(select count(*) from allowed a, allowed b where a.n = b.n) = 2": True,
    "exists (select 1 from theirs t where t.who = 'BOB')": False,
    "exists (select 1 from theirs t where t.who = ${login_user})": True,
    "(select max(n) from allowed) = '2'": True,
    "nullif(${login_user}, 'bob') is null": True,
    "trim('  x ') = 'x'": True,
    "abs(- 2) = 2 and ceil(1.2) = 2 and floor(1.8) = 1": True,
    "cast(${backend_pid} as text) = ${session_id}": True,
}
PLACES = """
xtrig: 1
schema: audit
tables:
  log: {columns: {number: integer}}
  allowed: {columns: {who: varchar(50), n: integer}}
  theirs: {schema: shop, create: false, columns: {who: text}}
triggers:
  asks:
    event: logon
    steps:
"""


def test_conditions_mean_what_they_mean_on_postgresql(mariadb: MariaDB) -> None:
    """The database of others has a collation that is blind to case, as the server's default is."""
    mariadb.rows("CREATE DATABASE shop COLLATE utf8mb4_general_ci")
    mariadb.rows("CREATE TABLE shop.theirs (who text) SELECT 'bob' AS who")
    steps = [{"insert": "log", "values": {"number": n}, "when": when} for n, when in enumerate(CONDITIONS)]
    steps = [{"if": step.pop("when"), "then": [step]} for step in steps]
    deploy(mariadb, PLACES + "".join(f"    - {json.dumps(step)}\n" for step in steps))
    mariadb.rows("INSERT INTO audit.allowed VALUES ('bob', 1), ('x', 2)")
    assert mariadb.log_in(mariadb.user("bob")) is None
    met = mariadb.rows("SELECT number FROM audit.log")
    assert [when for n, when in enumerate(CONDITIONS) if n in met] == [
        when for when, is_met in CONDITIONS.items() if is_met
    ]


def test_a_restart_forgets_it_unless_an_option_has_it() -> None:
    with MariaDBServer() as server, fresh(server) as here:
        deploy(here, definition(RECORD))
        kept = here.init_connect
        here.user("bob")
        for options, expected in ((), []), ((f"--init-connect={kept}", "--performance-schema=ON"), ["bob"]):
            server.stop()
            server.start(*options)
            here.admin = server.connect()
            assert here.log_in("bob") is None
            assert logged(here) == expected
        deploy(
            here,
            definition('{insert: log, values: {what: "${application}"}}', name="said")
            .replace("  log:", "  log2:")
            .replace("log,", "log2,"),
        )
        assert here.log_in("bob", program_name="billing") is None
        assert here.value("SELECT what FROM audit.log2") == "billing"


def test_what_another_version_of_xtrig_made_is_of_the_set(mariadb: MariaDB) -> None:
    script = str(xtrig.render(xtrig.load_text(definition(RECORD)), "mariadb", target_version=mariadb.version))
    older = re.sub(r"xtrig:1/[^:]+:", "xtrig:1/0.0.1:", script)
    assert older != script
    mariadb.run(older)
    mariadb.run(script)
    assert mariadb.log_in(mariadb.user("bob")) is None
    assert logged(mariadb) == ["bob"]


TYPES = (
    "boolean smallint integer bigint numeric(9,2) real float8 char(3) varchar(9) text date time timestamp timestamptz"
)


def test_every_type_is_made_and_filled(mariadb: MariaDB) -> None:
    names = [f"c{number}" for number, _ in enumerate(TYPES.split())]
    columns = ", ".join(f"{name}: '{each}'" for name, each in zip(names, TYPES.split(), strict=True))
    values = [
        "true",
        "'1'",
        "2 + 3",
        "4",
        "'1.25'",
        "0.5",
        "1",
        "'abc'",
        "'é'",
        "${ssl}",
        "'2026-11-28'",
        "null",
        "null",
    ]
    filled = ", ".join(f'{name}: "{each}"' for name, each in zip(names, [*values, "${now}"], strict=True))
    text = f"{{xtrig: 1, schema: audit, tables: {{log: {{columns: {{{columns}}}}}}}, triggers: {{seen: {{event: logon, "
    deploy(mariadb, f"{text}on_error: deny, steps: [{{insert: log, values: {{{filled}}}}}]}}}}}}")
    assert mariadb.log_in(mariadb.user("bob")) is None
    (row,) = mariadb.rows("SELECT * FROM audit.log")
    assert [str(each) for each in row[:-1]] == ("1 1 5 4 1.25 0.5 1.0 abc é false 2026-11-28 None None".split())


def test_a_body_by_hand_is_the_procedures(mariadb: MariaDB) -> None:
    body = "BEGIN\n  INSERT INTO audit.log (who, what) VALUES (xtrig_account, 'a // $$ ; b'); -- end;\nEND;\n"
    text = f"{TABLE}triggers:\n  seen:\n    event: logon\n    body: {{mariadb: {json.dumps(body)}}}\n"
    deploy(mariadb, text)
    assert mariadb.log_in(mariadb.user("bob")) is None
    assert logged(mariadb, "who, what") == [("bob@%", "a // $$ ; b")]


def test_steps_of_every_kind_run(mariadb: MariaDB) -> None:
    mariadb.rows("CREATE DATABASE site")
    mariadb.rows("CREATE TABLE site.t (a text)")
    mariadb.rows("CREATE PROCEDURE site.p(a text) INSERT INTO site.t VALUES (CONCAT('p ', a))")
    inserts = "BEGIN INSERT INTO site.t VALUES (a); RETURN 1; END"
    mariadb.rows(f"CREATE FUNCTION site.f(a text) RETURNS int MODIFIES SQL DATA {inserts}")
    steps = (
        "{call: site.p, kind: procedure, args: [\"${login_user} || '!'\"]}",
        "{call: site.f, args: [\"'it''s'\"]}",
        '{sql: "insert into site.t values (${login_user}) -- as it is"}',
        "{set: app.user, value: \"${login_user} || '@' || ${event}\"}",
    )
    deploy(mariadb, definition(*steps, more="on_error: deny"))
    with mariadb.server.connect(mariadb.user("bob")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @`app.user`")
        assert cursor.fetchall() == (("bob@logon",),)
    assert mariadb.rows("SELECT a FROM site.t") == ["p bob!", "it's", "bob"]
