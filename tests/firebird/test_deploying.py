"""A set deployed to real servers, and the ways in which that can fail; afterwards an ordinary user logs in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

import xtrig
from tests.firebird.servers import PASSWORD, Database, load_client
from xtrig.deploy import Bounds, Canary, DeploymentError, ProofError, RefusedPlanError, apply, drop, plan, status
from xtrig.errors import DatabaseError, UsageError

SET = """
xtrig: 1
schema: {schema}
tables:
  sessions:
    columns:
      id: {{type: bigint, identity: true, primary_key: true}}
      who: {{type: varchar(63), nullable: false}}
      at: {{type: timestamptz, default: current_timestamp}}
      hits: numeric(10, 2)
      note: text
triggers:
  begins: {{event: logon, {policy} steps: [{steps}]}}
  ends: {{event: logoff, steps: [{{insert: sessions, values: {{who: "${{login_user}}", note: "'end'"}}}}]}}
"""
INSERT = '{insert: sessions, values: {who: "${login_user}", note: "\'begin\'"}}'


def audit(steps: str = INSERT, policy: str = "", schema: str = "audit") -> xtrig.TriggerSet:
    return xtrig.load_text(SET.format(steps=steps, policy=policy, schema=schema), "x.yaml")


def url_of(database: Database, user: str = "SYSDBA", more: str = "") -> str:
    host = database.server.host.rstrip(":").replace("/", ":")
    return f"firebird://{user}:{quote(PASSWORD)}@{host}/{database.path}{more}"


@pytest.fixture
def url(database: Database) -> Iterator[str]:
    yield url_of(database)
    for (name,) in database.rows(TRIGGERS):
        database.execute(f"DROP TRIGGER {name}")
    assert database.login() is None


TRIGGERS = "SELECT trim(rdb$trigger_name) FROM rdb$triggers WHERE coalesce(rdb$system_flag, 0) = 0"


def triggers(database: Database) -> list[str]:
    return sorted(name for (name,) in database.rows(TRIGGERS))


def test_a_set_comes_works_and_goes(url: str, database: Database) -> None:
    assert [str(change.action) for change in plan(audit(), url).changes] == ["create"] * 3
    report = apply(audit(), url)
    assert report.done == ["tables", "rehearsal", "live"]
    assert {login.proof for login in report.logins} == {"rehearsal", "before commit"}
    assert plan(audit(), url).is_empty
    assert status(audit(), url).is_in_sync
    assert database.login("BOB") is None
    assert database.rows("SELECT who, note FROM sessions WHERE who = 'BOB' ORDER BY id") == [
        ("BOB", "begin"),
        ("BOB", "end"),
    ]
    drop(audit(), url)
    assert triggers(database) == []
    assert len(database.rows("SELECT 1 FROM sessions")) > 0
    drop(audit(), url, with_data=True)
    assert database.rows("SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'SESSIONS'") == []


def test_a_refusal_of_everybody_is_never_committed(url: str, database: Database) -> None:
    with pytest.raises(ProofError, match=r"SYSDBA could not log in: .*go away.*taken back, and logins work"):
        apply(audit(steps="{deny: go away}"), url)
    assert triggers(database) == []
    assert database.rows("SELECT 1 FROM rdb$exceptions WHERE rdb$system_flag = 0") == []


def test_a_refusal_of_another_account_is_seen_by_its_login(url: str, database: Database) -> None:
    if not database.server.host:
        pytest.skip("the embedded engine believes every name")
    refusing = audit(steps="{deny: not you, when: \"${login_user} = 'BOB'\"}")
    with pytest.raises(ProofError, match=r"BOB could not log in: .*not you"):
        apply(refusing, url, canary=Canary(urls=(url_of(database, "BOB"),)))
    assert triggers(database) == []
    apply(refusing, url)
    assert "not you" in str(database.login("BOB"))
    drop(audit(), url)


def test_steps_that_fail_at_every_run_are_found_before_they_are_live(url: str, database: Database) -> None:
    """With on_error: allow the trigger would do nothing, at every login, and nobody would be told."""
    with pytest.raises(ProofError, match=r"fail when SYSDBA runs them: .*truncation.*everything was taken back"):
        apply(audit(steps="{insert: sessions, values: {who: \"lpad('x', 64)\"}}"), url)
    assert triggers(database) == []


def test_a_statement_that_is_none_is_found(url: str, database: Database) -> None:
    with pytest.raises(ProofError, match=r"NOWHERE.*everything was taken back"):
        apply(audit(steps="{sql: {firebird: INSERT INTO nowhere VALUES (1)}}"), url)
    assert triggers(database) == []


def test_a_body_that_does_not_compile_takes_back_the_tables(url: str, database: Database) -> None:
    by_hand = audit().triggers["begins"].model_copy(update={"steps": (), "body": {"firebird": "BEGIN x = 1; END"}})
    broken = audit().model_copy(update={"triggers": {**audit().triggers, "begins": by_hand}})
    with pytest.raises(DeploymentError, match=r"live: Trigger begins: .*everything was taken back"):
        apply(broken, url)
    assert triggers(database) == []
    assert database.rows("SELECT 1 FROM rdb$relations WHERE rdb$relation_name = 'SESSIONS'") == []


def test_a_change_is_made_in_place_and_a_change_of_the_event_too(url: str, database: Database) -> None:
    apply(audit(), url)
    other = audit(steps=INSERT.replace("begin", "other"))
    assert [str(change.action) for change in plan(other, url).changes] == ["replace"]
    apply(other, url)
    moved = xtrig.load_text(
        SET.format(steps=INSERT, policy="", schema="audit").replace("event: logon", "event: ddl_command_end"), "x.yaml"
    )
    (change,) = plan(moved, url).changes
    assert "event" in {each.attribute for each in change.differences}
    apply(moved, url)
    assert plan(moved, url).is_empty


def test_a_set_is_disabled_and_enabled_again(url: str, database: Database) -> None:
    apply(audit(), url)
    assert len(xtrig.disable(audit(), url).changes) == 2
    inactive = "SELECT count(*) FROM rdb$triggers WHERE coalesce(rdb$system_flag, 0) = 0 AND rdb$trigger_inactive = 1"
    assert database.rows(inactive) == [(2,)]
    assert {str(each.condition) for each in status(audit(), url).objects} == {"in sync", "disabled"}
    assert len(apply(audit(), url).disabled) == 2
    xtrig.enable(audit(), url)
    assert database.rows(inactive) == [(0,)]
    assert status(audit(), url).is_in_sync


def test_what_others_changed_is_seen(url: str, database: Database) -> None:
    apply(audit(), url)
    database.execute("ALTER TRIGGER begins INACTIVE", "ALTER TRIGGER ends POSITION 7")
    assert not status(audit(), url).is_in_sync
    found = {change.name: [each.attribute for each in change.differences] for change in plan(audit(), url).changes}
    assert found == {"begins": ["enabled"], "ends": ["position"]}
    apply(audit(), url)
    assert plan(audit(), url).is_empty


def test_a_trigger_and_a_table_of_others_are_left_alone(url: str, database: Database) -> None:
    database.execute("CREATE TRIGGER begins ACTIVE ON CONNECT AS BEGIN END")
    with pytest.raises(RefusedPlanError, match="trigger begins exists and was not made by xtrig"):
        apply(audit(), url)
    database.execute("DROP TRIGGER begins")
    apply(audit(), url)
    with pytest.raises(RefusedPlanError, match="belongs to the set 'audit'"):
        apply(audit(schema="other"), url)


def test_a_column_of_another_type_is_refused(url: str, database: Database) -> None:
    apply(audit(), url)
    wider = SET.replace("varchar(63)", "varchar(80)").replace("numeric(10, 2)", "numeric(12, 2)")
    changed = xtrig.load_text(wider.format(steps=INSERT, policy="", schema="audit"), "x.yaml")
    with pytest.raises(RefusedPlanError, match=r"column who of table sessions is VARCHAR\(63\)"):
        apply(changed, url)
    more = SET.replace("      note: text\n", "      note: text\n      more: integer\n")
    apply(xtrig.load_text(more.format(steps=INSERT, policy="", schema="audit"), "x.yaml"), url)
    assert database.rows("SELECT more FROM sessions WHERE who = 'nobody'") == []


def test_an_account_without_rights_changes_nothing(url: str, database: Database) -> None:
    if not database.server.host:
        pytest.skip("the embedded engine believes every name")
    with pytest.raises(DatabaseError, match="no privilege"):
        apply(audit(), url_of(database, "BOB"))
    assert triggers(database) == []


def test_a_trigger_that_never_ends_is_noticed_and_its_logins_are_ended(url: str, database: Database) -> None:
    # The transaction of a login is a snapshot, that of the rehearsal is not: the loop is met by logins alone.
    condition = "rdb$get_context('SYSTEM', 'ISOLATION_LEVEL') = 'SNAPSHOT'"
    stuck = audit(steps=f'{{if: "{condition}", then: [{{sql: {{firebird: WHILE (1 = 1) DO BEGIN END}}}}]}}')
    with pytest.raises(ProofError, match=r"the login did not end in 2 s; everything was taken back, and logins work"):
        apply(stuck, url, canary=Canary(login_timeout=2.0))
    assert triggers(database) == []
    for _ in range(50):
        ((left,),) = database.rows("SELECT count(*) FROM mon$attachments WHERE mon$system_flag = 0")
        if left == 1:
            break
        time.sleep(0.1)
    assert left == 1


def test_steps_that_never_end_are_cancelled_in_the_rehearsal(url: str, database: Database) -> None:
    with pytest.raises(ProofError, match=r"fail when SYSDBA runs them: operation was cancelled.*logins work"):
        apply(audit(steps="{sql: {firebird: WHILE (1 = 1) DO BEGIN END}}"), url, canary=Canary(login_timeout=1.0))
    assert triggers(database) == []


def test_a_killed_xtrig_leaves_nothing_live(url: str, database: Database, tmp_path: Path) -> None:
    """It is killed while the trigger is made and not committed: the server takes it back by itself."""
    if not database.server.host:
        pytest.skip("the embedded engine ends with its process")
    program = f"""
import os, sys, time
sys.path.insert(0, {str(Path.cwd())!r})
import xtrig.deploy.run as run
import xtrig
from tests.firebird.servers import load_client
load_client()
prove = run.Deploying._prove
def slow(self, stage):
    if stage.name == "live":
        print("made", flush=True)
        time.sleep(60)
    prove(self, stage)
run.Deploying._prove = slow
from tests.firebird.test_deploying import audit
from xtrig.deploy import apply
apply(audit(steps="{{deny: go away}}"), {url!r})
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ})
    assert child.stdout is not None
    assert child.stdout.readline() == b"made\n"
    assert "go away" in str(database.login("BOB"))
    child.kill()
    child.wait()
    child.stdout.close()
    for _ in range(50):
        if database.login("BOB") is None:
            break
        time.sleep(0.1)
    assert database.login("BOB") is None
    assert triggers(database) == []


def test_a_server_that_crashes_during_a_deployment_leaves_nothing_live(url: str, database: Database) -> None:
    """It crashes while the triggers are made and not committed; the next deployment goes on from there."""
    if not database.server.host:
        pytest.skip("the embedded engine ends with its process")
    program = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
import xtrig.deploy.run as run
import xtrig
from tests.firebird.servers import load_client
load_client()
prove = run.Deploying._prove
def slow(self, stage):
    if stage.name == "live":
        print("made", flush=True)
        sys.stdin.readline()
    prove(self, stage)
run.Deploying._prove = slow
from tests.firebird.test_sessions import SET, loaded
from xtrig.deploy import apply
try:
    apply(loaded(SET.replace("ALICE", "BOB")), {url!r})
except Exception as error:
    print(error)
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "made\n"
    database.server.crash()
    said, _ = child.communicate("go on\n", timeout=60)
    assert "everything was taken back, and logins work" in said
    assert triggers(database) == []
    # Tables stay: people may have met the triggers, and left rows.
    recorded = xtrig.load_text("{xtrig: 1, name: record, sessions: {}}")
    apply(recorded, url)
    assert status(recorded, url).is_in_sync
    drop(recorded, url)


def test_what_somebody_else_is_changing_is_waited_for_and_then_left(url: str, database: Database) -> None:
    """There is no lock of deployments: the second one meets the first one's open transaction."""
    apply(audit(), url)
    other = database.connect(no_db_triggers=True)
    other.begin()
    other.execute_immediate("ALTER TRIGGER begins POSITION 5")
    changed = audit(steps=INSERT.replace("begin", "other"))
    with pytest.raises(DeploymentError, match=r"(lock|update) conflict.*logins work"):
        apply(changed, url, bounds=Bounds(lock_timeout=1.0))
    other.rollback()
    other.close()
    assert plan(audit(), url).is_empty
    apply(changed, url)
    assert plan(changed, url).is_empty


def test_past_a_trigger_that_refuses_everybody(url: str, database: Database) -> None:
    database.execute("CREATE EXCEPTION shut 'shut'")
    database.execute("CREATE TRIGGER shut ACTIVE ON CONNECT AS BEGIN EXCEPTION shut; END")
    with pytest.raises(DatabaseError, match="shut"):
        status(audit(), url)
    past = url + "?no_db_triggers=1"
    assert not status(audit(), past).is_in_sync
    database.execute("DROP TRIGGER shut")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("firebird://a:secret@host:port//x", "cannot be read"),
        ("firebird://a:secret@host", "is firebird://"),
        ("firebird://a:secret@host//x?nonsense=1", "'nonsense' is no option"),
    ],
)
def test_a_url_that_cannot_be_read_shows_no_password(where: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        plan(audit(), where)
    assert "secret" not in str(caught.value)


def test_what_cannot_be_reached_is_one_line_without_a_password() -> None:
    load_client()
    with pytest.raises(DatabaseError, match="cannot connect to /nowhere") as caught:
        plan(audit(), "firebird://a:secret@127.0.0.1:1//nowhere")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
