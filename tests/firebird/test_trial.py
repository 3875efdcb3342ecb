"""``xtrig try`` and the fixture ``xtrig_database`` on real Firebird; nothing stays on a server that is the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import xtrig
from tests.firebird.servers import PASSWORD, Database, load_client
from tests.firebird.test_deploying import url_of
from tests.server.trying import Try, actions, rows
from xtrig.errors import UsageError
from xtrig.progress import NoProgress
from xtrig.trial import trial_database, try_out
from xtrig_firebird.embedded import load_engine
from xtrig_firebird.trial import FirebirdTrial

AUDIT = """
xtrig: 1
sessions: {}
tables:
  ddl_log: {columns: {who: varchar(63), command: varchar(63), what: varchar(63)}}
triggers:
  greets:
    event: logon
    exempt_roles: [emergency, alice]
    steps:
      - {set: app.user, value: "${login_user}"}
      - {deny: "no entry, ${login_user}", when: "${login_user} NOT IN ('SYSDBA', 'EMERGENCY', 'ALICE')"}
  records:
    event: ddl_command_end
    steps:
      - for_each: ddl_command
        do: [{insert: ddl_log, values: {who: "${login_user}", command: "${tag}", what: "${object_identity}"}}]
  guards:
    event: ddl_command_start
    tags: [DROP TABLE]
    steps: [{deny: tables stay}]
"""
ENDLESS = """
xtrig: 1
triggers:
  stuck:
    event: logon
    steps: [{if: "${login_user} <> 'SYSDBA'", then: [{sql: {firebird: "WHILE (1 = 1) DO BEGIN END"}}]}]
"""


@pytest.fixture
def try_(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Try:
    load_client()
    return Try(tmp_path, capsys)


@pytest.fixture
def url(database: Database) -> Any:
    """Give the URL of a server on which no file and no account may be left."""

    def there() -> Any:
        users = database.rows("SELECT sec$user_name FROM sec$users ORDER BY 1") if database.server.host else []
        return users, sorted(each.name for each in database.path.parent.iterdir())

    before = there()
    yield url_of(database)
    assert there() == before
    assert database.login("BOB") is None


def test_every_role_logs_in_and_changes_tables(try_: Try, url: str, database: Database) -> None:
    report = try_(AUDIT, "--url", url, "--format", "json", "--rounds", "2").report
    assert report["server"].startswith(f"Firebird {database.server.version}.")
    assert ("the server of --url" in report["server"]) == bool(database.server.host)
    # ALICE has a password of her own on the user's server, where EMERGENCY is made for the trial.
    assert report["roles"]["exempt"] == "EMERGENCY"
    ordinary = report["roles"]["ordinary"]
    assert ordinary.startswith("XTRIG_TRY_")
    admins = ("SYSDBA", "EMERGENCY")
    refused = [("DROP TABLE", "SYSDBA"), ("log in", ordinary), ("DROP TABLE", "EMERGENCY")]
    assert actions(report, "refused") == refused
    errors = [each["error"] for each in report["actions"] if each["error"]]
    assert [f"no entry, {ordinary}" in each["message"] for each in errors] == [False, True, False]
    assert {each["sqlstate"] for each in errors} == {"HY000"}
    effects = {(each["action"], each["role"]): each["effects"] for each in report["actions"]}
    assert effects["log in", "SYSDBA"] == ["app.user = SYSDBA"]
    assert effects["log in", "EMERGENCY"] == []
    assert [effects["log off", each] for each in admins] == [["sessions: the end of 1 session"]] * 2
    assert [row["login_user"] for row in rows(report, "sessions")] == [*admins]
    assert [(row["who"], row["command"], row["what"]) for row in rows(report, "ddl_log")] == [
        (who, command, f"{what}_OF_{kind}")
        for who, kind in zip(admins, ("SUPERUSER", "EXEMPT"), strict=True)
        for command, what in (
            ("CREATE TABLE", "NEW_TABLE"),
            ("ALTER TABLE", "TABLE"),
            ("ALTER TABLE", "TABLE"),
            ("CREATE FUNCTION", "FUNCTION"),
        )
    ]
    assert report["login_time"]["rounds"] == 2


def test_without_a_url_the_engine_of_the_wheel_runs_it(try_: Try) -> None:
    outcome = try_(AUDIT, "--dialect", "firebird", "--rounds", "0")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0].startswith("Firebird 5.0.")
    assert "no entry, APP_USER" in " ".join(outcome.out.split())
    assert lines[-1] == "not measured: --rounds 0"
    assert "xtrig: Firebird 5.0: loading the engine" in outcome.err.splitlines()


def test_refusing_everybody_is_a_result(url: str) -> None:
    triggers = xtrig.load_text("{xtrig: 1, triggers: {a: {event: logon, steps: [{deny: nobody}]}}}")
    report = try_out(triggers, url=url)
    assert [(each.name, bool(each.error)) for each in report.actions] == [("log in", True)] * 2
    assert report.login_time == "not measured: the login of SYSDBA was refused"


def test_a_trigger_that_never_ends_is_a_result(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xtrig_firebird.trial.LOGIN_SECONDS", 1.0)
    report = try_out(xtrig.load_text(ENDLESS), url=url, rounds=0)
    (refused,) = [each for each in report.actions if each.error]
    assert refused.role != "SYSDBA"
    assert refused.error is not None
    assert "did not end in 1 s" in refused.error.message


def test_a_definition_that_cannot_be_applied_leaves_nothing(try_: Try, url: str) -> None:
    calls = "{xtrig: 1, triggers: {a: {event: logon, steps: [{sql: {firebird: DELETE FROM nothing}}]}}}"
    outcome = try_(calls, "--url", url)
    assert outcome.code == 3
    assert "cannot apply the definition: Trigger a: " in outcome.err
    assert "NOTHING" in outcome.err


def test_who_may_not_make_a_database_is_told(try_: Try, url: str, database: Database) -> None:
    if not database.server.host:
        pytest.skip("the embedded engine believes every name")
    outcome = try_(AUDIT, "--url", url_of(database, "BOB"))
    assert outcome.code == 3
    assert "cannot make a database for the trial: no permission for CREATE access" in outcome.err


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        (f"firebird://a:{PASSWORD}@127.0.0.1:1//nowhere", 3, "cannot connect to /nowhere"),
        (f"firebird://a:{PASSWORD}@host:port//x", 64, "cannot be read"),
        ("mariadb://a@127.0.0.1/", 64, "dialect 'mariadb' cannot try a definition on a server; print its script"),
    ],
)
def test_what_cannot_be_tried_is_one_line(try_: Try, where: str, code: int, said: str) -> None:
    outcome = try_(AUDIT, "--url", where)
    assert (outcome.code, outcome.out) == (code, "")
    (line,) = outcome.err.splitlines()
    assert said in line
    assert PASSWORD not in line


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "firebird.embedded.provider", None)
    with pytest.raises(UsageError, match=r"install it: pip install 'xtrig\[firebird\]' 'firebird-embedded"):
        load_engine()


def test_a_test_of_a_definition_decides_who_does_what(try_: Try) -> None:
    with FirebirdTrial().server(None, NoProgress()) as server:
        with trial_database(server, xtrig.load_text(AUDIT), "firebird") as database:
            assert "no entry, CAROL" in database.login_as("carol", {}).refusal
            login = database.login_as("alice", {})
            assert (login.refusal, login.effects, login.log) == ("", (), ())
            assert [row["login_user"] for row in login.rows["sessions"]] == ["ALICE"]
            database.execute("CREATE TABLE orders (id INTEGER)")
            database.execute("GRANT ALTER ANY TABLE TO USER alice")
            changed = database.run_as("alice", "ALTER TABLE orders ADD note VARCHAR(9)", {})
            assert changed.rows["ddl_log"] == ({"who": "ALICE", "command": "ALTER TABLE", "what": "ORDERS"},)
            assert "tables stay" in database.run_as("sysdba", "DROP TABLE orders", {}).refusal
            assert database.execute("SELECT count(*) number FROM ddl_log") == [{"number": 1}]
            with pytest.raises(UsageError, match="a login to Firebird takes no parameters"):
                database.login_as("alice", {"application_name": "psql"})
        with trial_database(server, xtrig.load_text(AUDIT), "firebird") as database:
            assert database.execute("SELECT * FROM ddl_log") == []
