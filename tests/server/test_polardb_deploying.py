"""Deploying to PolarDB, as far as it goes without one: DDL triggers of both editions, on the kernel's community server.

That a server is PolarDB is pretended in ``pretended`` alone; all else is the code that a PolarDB server would meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import Mock

import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploying.site import Mischief
from xtrig.cli.doctor_command import print_health_report
from xtrig.connect import open_place
from xtrig.deploy import Canary, DeploymentError, ProofError, RefusedPlanError, apply, drop, plan, run, status
from xtrig.dialect.objects import Action
from xtrig.doctor import _answers, examine
from xtrig.errors import UsageError
from xtrig.registry import get_dialect
from xtrig_polardb.doctor import PolarDBDoctor, questions

pytestmark = pytest.mark.server

QUICK = Canary(login_timeout=5, rounds=0)
EDITIONS = {"polardb": "17", "polardb-oracle": "2.0"}
DDL = """
xtrig: 1
name: guard
schema: audit
tables:
  log:
    columns:
      id: {type: bigint, identity: true, primary_key: true}
      date: {type: varchar(64), nullable: false}
      "odd name": numeric(10, 2)
functions:
  note: {on_error: deny, steps: [{insert: log, values: {date: "${command_tag}"}}]}
triggers:
  _second: {event: ddl_command_end, run: note, tags: [CREATE TABLE, ALTER TABLE]}
  first:
    event: ddl_command_start
    on_error: deny
    steps: [{deny: "not today", when: "${command_tag} = 'CREATE SEQUENCE'"}]
"""
REPLACED = DDL.replace("not today", "never").replace("ALTER TABLE", "CREATE VIEW")
DENIES_ALL = """
xtrig: 1
name: guard
schema: audit
triggers:
  first: {event: ddl_command_start, on_error: deny, steps: [{deny: "MESSAGE"}]}
"""
LOGON = """
xtrig: 1
schema: audit
tables: {log: {columns: {who: text}}}
triggers: {record: {event: logon, steps: [{insert: log, values: {who: "${login_user}"}}]}}
"""
OBJECTS = """
SELECT 'trigger', evtname::text, evtevent || ' ' || evtenabled::text || ' ' || coalesce(evttags::text, ''),
    obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger
UNION ALL SELECT 'function', p.oid::regprocedure::text, prosrc, obj_description(p.oid, 'pg_proc')
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace WHERE nspname IN ('audit', 'public')
UNION ALL SELECT 'table', c.oid::regclass::text, pg_get_userbyid(relowner), obj_description(c.oid, 'pg_class')
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname IN ('audit', 'public')
UNION ALL SELECT 'schema', nspname::text, '', obj_description(oid, 'pg_namespace')
    FROM pg_namespace WHERE nspname = 'audit'
ORDER BY 1, 2
"""


@pytest.fixture(params=EDITIONS)
def pretended(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an edition, which from here on takes every server for one of its own."""
    name: str = request.param
    pretend(monkeypatch, name, EDITIONS[name])
    return name


def pretend(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> None:
    """Let an edition take every server for one of its own."""
    kind = type(get_dialect(name))
    platform = get_dialect(name).platform
    assert platform is not None
    monkeypatch.setattr(platform, "recognise", lambda row: version)
    monkeypatch.setattr(kind, "platform", platform)


def objects(database: Database) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(OBJECTS).fetchall()


def execute(database: Database, sql: str) -> None:
    with database.connect() as connection:
        connection.execute(sql.encode())


def deploy(database: Database, dialect: str, definition: str = DDL, **options: Any) -> Any:
    return apply(xtrig.load_text(definition), database.url, dialect=dialect, canary=QUICK, **options)


def changes(database: Database, dialect: str, definition: str = DDL, **options: Any) -> Mapping[str, str]:
    planned = plan(xtrig.load_text(definition), database.url, dialect=dialect, **options)
    assert not planned.refusals
    return {f"{each.kind} {each.name}": str(each.action) for each in planned.changes}


def test_what_was_deployed_fires_and_is_planned_no_more(database18: Database, pretended: str) -> None:
    report = deploy(database18, pretended)
    assert report.done == ["probe", "apply"]
    assert [each for each in report.unproved if each.startswith("triggers on commands: none is given")]
    assert changes(database18, pretended) == {}
    assert status(xtrig.load_text(DDL), database18.url, dialect=pretended).is_in_sync
    with database18.connect() as connection:
        connection.execute("CREATE TABLE t (a int)")
        assert connection.execute("SELECT date FROM audit.log").fetchall() == [("CREATE TABLE",)]
        with pytest.raises(Exception, match="not today"):
            connection.execute("CREATE SEQUENCE s")


TAKEN = {
    "a function": "CREATE FUNCTION audit.note() {returns} AS 'BEGIN END'",
    "a function of the trigger's own": "CREATE FUNCTION audit.first() {returns} AS 'BEGIN END'",
    "a function with a mark": "CREATE FUNCTION audit.note() {returns} AS 'BEGIN END';"
    "COMMENT ON FUNCTION audit.note() IS 'xtrig:1:0123456789abcdef:guard'",
    "a table": "CREATE TABLE audit.log (id bigint, date text)",
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_name_that_somebody_takes_after_the_plan_is_not_made_ours(
    database18: Database, pretended: str, what: str
) -> None:
    """What is replaced stays his, and he could change what every user's commands run."""
    role = f"taker_of_{database18.name}"
    execute(database18, f"CREATE ROLE {role}; CREATE SCHEMA audit; GRANT CREATE, USAGE ON SCHEMA audit TO {role}")
    taken = TAKEN[what].format(returns="RETURNS event_trigger LANGUAGE plpgsql")
    comes = Mischief("apply", lambda: execute(database18, f"SET ROLE {role}; {taken}"))
    try:
        with pytest.raises(DeploymentError, match="already exists"):
            deploy(database18, pretended, listener=comes)
        assert comes.done
        with database18.connect() as connection:
            assert connection.execute("SELECT FROM pg_event_trigger").fetchall() == []
    finally:
        execute(database18, f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def test_it_is_marked_as_unverified(database18: Database, pretended: str) -> None:
    planned = plan(xtrig.load_text(DDL), database18.url, dialect=pretended)
    told = planned.to_dict()
    assert objects(database18) == []
    assert told["verified"] == "unverified"
    assert any("not verified on a PolarDB server by this project" in note for note in told["notes"])
    assert any("--dialect (polardb, polardb-oracle)" in note for note in told["notes"])
    assert [stage["name"] for stage in told["stages"]] == ["probe", "apply"]
    assert set(told["stages"][1]["statements"]) <= set(told["stages"][0]["statements"])
    assert set(told["stages"][1]["undo"]) <= set(told["stages"][0]["statements"])


def test_what_is_in_the_definition_is_replaced_while_it_fires(database18: Database, pretended: str) -> None:
    deploy(database18, pretended)
    assert changes(database18, pretended, REPLACED) == {
        "function audit.first": "replace",
        'trigger "_second"': "replace",
    }
    function, _ = plan(xtrig.load_text(REPLACED), database18.url, dialect=pretended).changes
    assert [each.attribute for each in function.differences] == ["body"]
    deploy(database18, pretended, REPLACED)
    assert changes(database18, pretended, REPLACED) == {}
    with database18.connect() as connection, pytest.raises(Exception, match="never"):
        connection.execute("CREATE SEQUENCE s")


def test_a_trigger_that_denies_every_command_is_replaced_and_dropped(database18: Database, pretended: str) -> None:
    deploy(database18, pretended, DENIES_ALL)
    deploy(database18, pretended, DENIES_ALL.replace("MESSAGE", "other"))
    with database18.connect() as connection, pytest.raises(Exception, match="other"):
        connection.execute("CREATE TABLE t (a int)")
    drop(xtrig.load_text(DENIES_ALL), database18.url, dialect=pretended)
    assert objects(database18) == []


def test_a_new_column_is_added(database18: Database, pretended: str) -> None:
    deploy(database18, pretended)
    wider = DDL.replace("numeric(10, 2)", "numeric(10, 2)\n      from: text")
    assert changes(database18, pretended, wider) == {"table audit.log": "replace"}
    deploy(database18, pretended, wider)
    assert changes(database18, pretended, wider) == {}


@pytest.mark.parametrize(
    ("by_hand", "seen"),
    [
        ('ALTER EVENT TRIGGER "_second" DISABLE', {'trigger "_second"': "enable"}),
        ('DROP EVENT TRIGGER "_second"', {'trigger "_second"': "create"}),
        ("COMMENT ON EVENT TRIGGER first IS NULL", {"trigger first": "replace"}),
        ("COMMENT ON TABLE audit.log IS 'xtrig:1:0:guard'", {"table audit.log": "comment"}),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_change_by_hand_is_seen_and_put_right(
    database18: Database, pretended: str, by_hand: str, seen: Mapping[str, str]
) -> None:
    deploy(database18, pretended)
    before = objects(database18)
    execute(database18, f"SET event_triggers = off; {by_hand}")
    assert changes(database18, pretended, adopt=True) == seen
    deploy(database18, pretended, adopt=True)
    assert objects(database18) == before


def test_a_body_changed_by_hand_is_seen_by_its_text(database18: Database, pretended: str) -> None:
    deploy(database18, pretended)
    with database18.connect(options="-c event_triggers=off") as connection:
        text = connection.execute("SELECT pg_get_functiondef('audit.note()'::regprocedure)").fetchone()
        assert text is not None
        connection.execute(text[0].replace("INSERT", "-- quiet\nINSERT", 1).encode())
    (change,) = plan(xtrig.load_text(DDL), database18.url, dialect=pretended).changes
    assert (change.action, change.name) == (Action.REPLACE, "audit.note")
    assert [each.attribute for each in change.differences] == ["body"]
    assert "-- quiet" in str(change.differences[0].live)


def test_a_plan_after_a_rendered_script_is_empty(database18: Database, pretended: str) -> None:
    script = xtrig.render(xtrig.load_text(DDL), pretended, target_version=EDITIONS[pretended])
    execute(database18, str(script))
    assert changes(database18, pretended) == {}
    by_script = objects(database18)
    drop(xtrig.load_text(DDL), database18.url, dialect=pretended, with_data=True)
    assert objects(database18) == []
    deploy(database18, pretended)
    assert objects(database18) == by_script


def test_a_rendered_script_marks_nothing_of_others(database18: Database, pretended: str) -> None:
    execute(
        database18,
        "CREATE SCHEMA audit; CREATE TABLE audit.log (id bigserial PRIMARY KEY, date varchar(64) NOT NULL, "
        "\"odd name\" numeric(10, 2)); INSERT INTO audit.log (date) VALUES ('theirs')",
    )
    script = xtrig.render(xtrig.load_text(DDL), pretended, target_version=EDITIONS[pretended])
    execute(database18, str(script))
    refused = plan(xtrig.load_text(DDL), database18.url, dialect=pretended).refusals
    assert refused == (
        "table audit.log exists and was not made by xtrig; rename one of the two, or replace it with --adopt",
    )
    assert changes(database18, pretended, adopt=True) == {"table audit.log": "comment"}
    assert ("schema", "audit", "", None) in objects(database18)
    deploy(database18, pretended, adopt=True)
    assert changes(database18, pretended) == {}


def test_a_strange_function_is_left_alone_until_it_is_adopted(database18: Database, pretended: str) -> None:
    text = "CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end'"
    execute(database18, f"CREATE SCHEMA audit; {text}")
    before = objects(database18)
    with pytest.raises(RefusedPlanError, match=r"function audit\.note exists and was not made by xtrig"):
        deploy(database18, pretended)
    assert objects(database18) == before
    deploy(database18, pretended, adopt=True)
    assert changes(database18, pretended) == {}


def test_a_failed_proof_brings_back_what_was(
    database18: Database, pretended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(database18, pretended, DENIES_ALL.replace("MESSAGE", "as it was"))
    before = objects(database18)
    changed = DENIES_ALL.replace("MESSAGE", "other").replace("ddl_command_start", "ddl_command_end")
    changed += '  last: {event: sql_drop, on_error: deny, steps: [{deny: "nothing is dropped"}]}\n'
    # No trigger of such a set can refuse a login, so the proof itself is made to fail.
    failing = Mock(side_effect=run.StageError("somebody could not log in", is_proof=True))
    monkeypatch.setattr(run.Deploying, "_prove", failing)
    with pytest.raises(ProofError, match="everything was taken back, and logins work again"):
        deploy(database18, pretended, changed)
    assert objects(database18) == before
    with database18.connect() as connection, pytest.raises(Exception, match="as it was"):
        connection.execute("CREATE TABLE t (a int)")


def test_dropping_leaves_what_is_not_of_the_set(database18: Database, pretended: str) -> None:
    execute(
        database18,
        "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end';"
        "CREATE EVENT TRIGGER theirs ON sql_drop EXECUTE FUNCTION f()",
    )
    before = objects(database18)
    deploy(database18, pretended)
    report = drop(xtrig.load_text(DDL), database18.url, dialect=pretended)
    assert "table audit.log stays; --with-data drops it" in report.notes
    assert ("table", "audit.log") in [row[:2] for row in objects(database18)]
    assert not [row for row in objects(database18) if row[:2] == ("trigger", "first")]
    drop(xtrig.load_text(DDL), database18.url, dialect=pretended, with_data=True)
    assert objects(database18) == before


def test_an_event_that_the_server_has_not_stops_at_the_probe(database18: Database, pretended: str) -> None:
    before = objects(database18)
    with pytest.raises(DeploymentError) as caught:
        deploy(database18, pretended, LOGON.replace("event: logon", "event: logon, language: plpgsql"))
    said = str(caught.value)
    expected = {
        "polardb": 'unrecognized event name "after_user_logon"',
        "polardb-oracle": 'syntax error at or near "AFTER"',
    }
    assert said.startswith("probe: Trigger record: logon: ")
    assert expected[pretended] in said
    assert said.endswith("nothing was changed, and logins work")
    assert objects(database18) == before


def test_a_function_in_a_language_that_the_server_has_not_stops_at_the_probe(
    database18: Database, pretended: str
) -> None:
    before = objects(database18)
    with pytest.raises(DeploymentError, match=r"^probe: Function audit\.record.*: syntax error .* nothing was changed"):
        deploy(database18, pretended, LOGON)
    assert objects(database18) == before


def test_logins_that_fail_open_are_told_of(database18: Database, pretended: str) -> None:
    notes = plan(xtrig.load_text(LOGON), database18.url, dialect=pretended).to_dict()["notes"]
    assert any("lets in a login whose trigger fails" in note and "look at the rows" in note for note in notes)
    quiet = plan(xtrig.load_text(DDL), database18.url, dialect=pretended).to_dict()["notes"]
    assert not any("lets in a login" in note for note in quiet)


def test_a_role_that_would_be_granted_has_to_be_there(database18: Database, pretended: str) -> None:
    granting = LOGON.replace('{insert: log, values: {who: "${login_user}"}}', "{grant_role: gone, to: '${login_user}'}")
    refusals = plan(xtrig.load_text(granting), database18.url, dialect=pretended).refusals
    assert "role gone does not exist; create it first" in refusals


@pytest.mark.parametrize("dialect", EDITIONS)
def test_a_community_server_is_not_taken_for_polardb(database18: Database, dialect: str) -> None:
    with pytest.raises(UsageError, match=f"this server is not one of dialect '{dialect}'"):
        plan(xtrig.load_text(DDL), database18.url, dialect=dialect)
    assert plan(xtrig.load_text(DDL), database18.url).dialect == "postgresql"


def test_an_older_kernel_is_read_and_changed_as_well(
    database16: Database, pretended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has neither to_regtypemod() nor the parameter event_triggers, nor have the kernels of most PolarDB servers.
    older = {"polardb": "14", "polardb-oracle": "2.0"}
    pretend(monkeypatch, pretended, older[pretended])
    assert deploy(database16, pretended).done == ["probe", "apply"]
    assert changes(database16, pretended) == {}
    deploy(database16, pretended, REPLACED)
    assert changes(database16, pretended, REPLACED) == {}
    drop(xtrig.load_text(DDL), database16.url, dialect=pretended, with_data=True)
    assert objects(database16) == []


def test_the_doctor_asks_what_harms_nobody_and_prints_the_rest(
    database18: Database, pretended: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = objects(database18)
    report = examine(database18.url, pretended)
    assert report.is_safe
    answers = {each.name: each.message for each in report.problems}
    assert list(answers) == [name for name, each in questions(pretended).items() if "tried" in each]
    # What the community's server has, it answers; the documented form it does not take.
    assert answers["statistics-of-others"] == "may is True"
    assert answers["empty-is-null"] == "is_null is False"
    assert answers["giving-away"] == "owner is xtrig_question"
    with database18.connect() as connection:
        assert not connection.execute("SELECT FROM pg_roles WHERE rolname = 'xtrig_question'").fetchall()
    assert all("syntax error" in answers[name] for name in ("rights-of-the-form", "events-in-a-transaction"))
    assert objects(database18) == before
    print_health_report(report)
    said = capsys.readouterr().out
    clause = {"polardb": "ON before_user_logoff EXECUTE PROCEDURE", "polardb-oracle": "BEFORE LOGOFF ON DATABASE"}
    assert f"CREATE EVENT TRIGGER xtrig_question_off {clause[pretended]}" in said
    assert "What only a login can answer" in said
    assert "If nobody can log in" not in said


def test_what_is_tried_is_taken_back_also_where_it_works(database18: Database) -> None:
    class Tries(PolarDBDoctor):
        def trials(self) -> Mapping[str, Sequence[str]]:
            return {"works": ["CREATE SCHEMA tried", "SELECT to_regnamespace('tried')::text AS made"]}

    with open_place(database18.url, None) as place, place.session.reading():
        assert _answers(place.session, Tries("polardb"))["works"].rows == ({"made": "tried"},)
    with database18.connect() as connection:
        assert connection.execute("SELECT to_regnamespace('tried')::text").fetchone() == (None,)
