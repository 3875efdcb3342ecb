"""A set deployed to AcmeDB, through the driver, and the ways in which that can fail."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import acmedb
import pytest

import xtrig
from xtrig.deploy import DeploymentError, ProofError, RefusedPlanError, apply, drop, plan, status

ROWS = """
xtrig: 1
schema: {name}
tables:
  Sessions: {{columns: {{id: {{type: bigint, identity: true, primary_key: true}}, who: text}}}}
triggers:
  {trigger}:
    event: logon
    {policy}
    steps: [{steps}]
"""
INSERT = "{insert: Sessions, values: {who: '${login_user}'}}"


@pytest.fixture
def url(tmp_path: Path) -> str:
    acmedb.create(tmp_path / "acme.db")
    return f"acmedb://{tmp_path}/acme.db"


def audit(name: str = "audit", trigger: str = "begins", steps: str = INSERT, policy: str = "") -> xtrig.TriggerSet:
    return xtrig.load_text(ROWS.format(name=name, trigger=trigger, steps=steps, policy=policy), "x.yaml")


def execute(url: str, sql: str, user: str = "owner") -> list[dict[str, object]]:
    with closing(acmedb.Connection(Path(url.removeprefix("acmedb://")), user, triggers=user != "owner")) as session:
        return session.execute(sql)


def names(url: str) -> list[object]:
    rows = execute(url, "SELECT NAME FROM ACME_TRIGGERS UNION SELECT NAME FROM ACME_TABLES ORDER BY 1")
    return [row["NAME"] for row in rows]


def test_a_set_comes_works_and_goes(url: str) -> None:
    assert [str(change.action) for change in plan(audit(), url).changes] == ["create"] * 3
    report = apply(audit(), url)
    assert report.done == ["tables", "rehearsal", "live"]
    assert {login.proof for login in report.logins} == {"rehearsal", "live"}
    assert plan(audit(), url).is_empty
    assert status(audit(), url).is_in_sync
    before = len(execute(url, "SELECT who FROM Sessions"))
    execute(url, "SELECT 1", "ann")
    assert execute(url, "SELECT who FROM Sessions ORDER BY id")[before:] == [{"who": "ann"}]
    drop(audit(), url)
    assert names(url) == ["Sessions", "XTRIG_MARKS"]
    drop(audit(), url, with_data=True)
    assert names(url) == []


def test_a_trigger_that_refuses_everybody_is_found_before_it_is_live(url: str) -> None:
    with pytest.raises(ProofError, match="fail when owner runs them: go away; everything was taken back"):
        apply(audit(steps="{deny: go away}"), url)
    assert names(url) == []


def test_a_trigger_that_refuses_only_logins_is_taken_back(url: str) -> None:
    """Rehearsed by a session that is not at logon it passes: only the login shows it."""
    apply(audit(), url)
    text = "{deny: go away, when: '${native_event} = ''AFTER LOGON'''}"
    with pytest.raises(ProofError, match="owner could not log in: go away; everything was taken back, and logins work"):
        apply(audit(steps=text), url)
    assert status(audit(), url).is_in_sync


def test_an_error_that_would_be_hidden_at_logon_is_found(url: str) -> None:
    """With on_error: allow the trigger would do nothing, at every login."""
    with pytest.raises(ProofError, match="no such table: nowhere"):
        apply(audit(steps="{sql: INSERT INTO nowhere VALUES (1)}", policy="on_error: allow"), url)
    assert names(url) == []


def test_what_cannot_be_made_takes_back_what_was_committed_before(url: str) -> None:
    """Each command is committed at once, so there is something to take back."""
    broken = audit().model_copy(deep=True)
    body = {"triggers": {"begins": broken.triggers["begins"].model_copy(update={"steps": (), "body": {"acmedb": "x"}})}}
    with pytest.raises((DeploymentError, ProofError), match="BEGIN has to stand; everything was taken back"):
        apply(broken.model_copy(update=body), url)
    assert names(url) == []


def test_names_are_compared_without_their_case(url: str) -> None:
    apply(audit(), url)
    execute(url, "DROP TABLE `sessions`")
    execute(url, "CREATE TABLE `SESSIONS` (`id` AUTONUMBER, `who` LONGTEXT)")
    assert plan(audit(), url).is_empty
    twice = audit().model_copy(update={"triggers": {each: audit().triggers["begins"] for each in ("a", "A")}})
    with pytest.raises(xtrig.RefusedError, match="'A' and 'a' are one name on AcmeDB; rename one of them"):
        plan(twice, url)


def test_what_is_of_others_is_left_alone(url: str) -> None:
    execute(url, "CREATE TABLE `sessions` (`who` LONGTEXT)")
    execute(url, "CREATE OR REPLACE TRIGGER `begins` AFTER LOGON AS BEGIN NULL; END")
    with pytest.raises(RefusedPlanError, match="was not made by xtrig"):
        apply(audit(), url)
    assert [str(each.condition) for each in status(audit(), url).objects] == ["missing", "foreign", "foreign"]
    drop(audit(), url, with_data=True)
    assert names(url) == ["begins", "sessions"]


def test_two_sets_share_the_table_of_marks(url: str) -> None:
    apply(audit(), url)
    with pytest.raises(RefusedPlanError, match="belongs to the set 'audit', and this is 'other'"):
        apply(audit("other", "other"), url)
    note = "xtrig: 1\nschema: other\ntriggers: {other: {event: logon, steps: [{log: came}]}}"
    other = xtrig.load_text(note, "x.yaml")
    apply(other, url)
    drop(audit(), url, with_data=True)
    assert names(url) == ["other", "XTRIG_MARKS"]
    assert status(other, url).is_in_sync


def test_a_change_by_hand_is_told_from_an_old_definition(url: str) -> None:
    apply(audit(), url)
    changed = audit(steps=f"{INSERT}, {{log: came}}")
    assert [str(each.condition) for each in status(changed, url).objects if not each.is_good] == ["outdated"]
    execute(url, "CREATE OR REPLACE TRIGGER `begins` AFTER LOGON AS BEGIN NULL; END")
    assert [str(each.condition) for each in status(changed, url).objects if not each.is_good] == ["tampered"]
    apply(changed, url)
    assert status(changed, url).is_in_sync


def test_a_table_with_other_columns_is_not_touched(url: str) -> None:
    apply(audit(), url)
    execute(url, "ALTER TABLE Sessions ADD COLUMN more LONGTEXT")
    (refusal,) = plan(audit(), url).refusals
    assert refusal.startswith("table `Sessions` has other columns; alter it by hand")


def test_a_trigger_without_end_is_stopped(url: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    execute(url, f"CREATE OR REPLACE TRIGGER `x` AFTER LOGON\nWITH (TIMEOUT = 50) AS\nBEGIN {endless}; END")
    with pytest.raises(acmedb.AcmeError, match="interrupted"):
        execute(url, "SELECT 1", "ann")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("acmedb://host/file", "without a host or a password"),
        ("acmedb://ann:secret@/file", "without a host or a password"),
        ("acmedb://", "without a host or a password"),
        ("acmedb:///no/such/file", "cannot connect to file: there is no database /no/such/file"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(where: str, said: str) -> None:
    with pytest.raises(xtrig.XtrigError) as caught:
        plan(audit(), where)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ("t: {columns: {a: text, A: text}}", "table 't': 'A' and 'a' are one name on AcmeDB"),
        ("t: {columns: {a: text}}, T: {columns: {a: text}}", "table 'T': 'T' and 't' are one name on AcmeDB"),
        ("t: {schema: other, columns: {a: text}}", "schema 'other': AcmeDB has no schemas"),
        ("t: {columns: {a: uuid}}", "column 'a': AcmeDB has no type uuid; its types are boolean, smallint"),
        ("t: {columns: {a: varchar}}", "column 'a': AcmeDB has no type varchar; its types are"),
        ("t: {columns: {a: {type: integer, identity: true}}}", "numbers the primary key and nothing else"),
    ],
)
def test_what_acmedb_cannot_hold_is_refused(tables: str, said: str) -> None:
    text = f"xtrig: 1\nschema: audit\ntables: {{{tables}}}\ntriggers: {{x: {{event: logon, steps: [{{log: a}}]}}}}"
    with pytest.raises(xtrig.RefusedError) as refusal:
        xtrig.render(xtrig.load_text(text, "x.yaml"), "acmedb")
    assert [finding.code for finding in refusal.value.findings] == ["XT204"]
    assert said in str(refusal.value)
