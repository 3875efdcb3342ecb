"""Which server is a PolarDB, of which edition, and what can be deployed there; no server was at hand for any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import xtrig
from tests.unit.given import load
from xtrig.checks import examine
from xtrig.dialect import Verified
from xtrig.dialect.deployment import Deployment, Inventory, Proof
from xtrig.dialect.objects import Action, Change
from xtrig.errors import UsageError
from xtrig.marks import Mark
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.script import Hazard
from xtrig_pgfamily.driver.traits import Traits
from xtrig_polardb.objects import Function, Table
from xtrig_polardb.platform import RECOGNITION, PolarDBPlatform

EDITIONS = ("polardb", "polardb-oracle")
SESSIONS = """
name: both
schema: audit
tables: {log: {columns: {id: {type: int8, identity: true}, who: text}}}
functions: {note: {steps: [{insert: log, values: {who: "${login_user}"}}]}}
triggers:
  comes: {event: logon, run: note}
  goes: {event: logoff, run: note, enable: always}
"""
RECORD = """
schema: audit
sessions: {retention: 30 days}
"""
RECORDS_DDL = """
schema: audit
tables: {log: {columns: {what: text}}}
triggers:
  record: {event: ddl_command_end, on_error: deny, steps: [{insert: log, values: {what: "${command_tag}"}}]}
"""
ROW: Mapping[str, Any] = {
    "server_version": "14.15",
    "number": 140015,
    "polardb_version": "PolarDB V2.0.14.15.31.0",
    "build": "PostgreSQL 14.15 (PolarDB 14.15.31.0 build 0000) on x86_64-linux-gnu",
    "compatibility_mode": "pg",
    "database": "app",
    "database_oid": "16384",
    "role": "admin",
    "is_superuser": False,
    "is_standby": False,
    "event_triggers": None,
    "backend_pid": 7,
}
COMMUNITY = {
    "number": 180004,
    "polardb_version": None,
    "build": "PostgreSQL 18.4 on x86_64-pc-linux-gnu, compiled by gcc",
    "compatibility_mode": None,
}
# Numbers as the vendor's pages and third parties print them; what a row is taken for follows from no page.
ROWS: Mapping[str, tuple[Mapping[str, Any], str | None, str | None]] = {
    "community": (COMMUNITY, None, None),
    "edition PostgreSQL": ({}, "14", None),
    "edition Oracle": ({"compatibility_mode": "ora"}, None, "2.0.14.15.31.0"),
    "edition not told": ({"compatibility_mode": None}, "14", "2.0.14.15.31.0"),
    "edition of another name": ({"compatibility_mode": "mysql"}, "14", "2.0.14.15.31.0"),
    "older, SHOW polar_version": (
        {"number": 110009, "polardb_version": "1.1.26", "compatibility_mode": None},
        "11",
        "1.0",
    ),
    "open source 11, by its build alone": (
        {"number": 110009, "polardb_version": None, "build": "PostgreSQL 11.9 (POLARDB 11.9)"},
        "11",
        None,
    ),
    "open source 17": ({"number": 170011, "polardb_version": "PolarDB V17.11.1.0 (open)"}, "17", None),
    "a number that is no revision": (
        {"number": 140020, "polardb_version": "PolarDB V14.20.41.0", "compatibility_mode": "ora"},
        None,
        "2.0",
    ),
    "a revision of another kernel": (
        {"number": 160003, "polardb_version": "PolarDB V2.0.16.3.1.1", "compatibility_mode": "ora"},
        None,
        "2.0",
    ),
}


def deployment_of(definition: str, dialect: str = "polardb", version: str | None = None) -> Deployment:
    target = get_dialect(dialect)
    parsed = target.parse_version(version)
    found = target.deployment(translate(examine(load(definition)), target, parsed)[0].triggers, parsed)
    assert found is not None
    return found


def platform(edition: str = "polardb") -> PolarDBPlatform:
    found = get_dialect(edition).platform
    assert isinstance(found, PolarDBPlatform)
    return found


def creations(deployment: Deployment) -> list[Change]:
    return [Change(Action.CREATE, each) for each in deployment.objects]


@pytest.mark.parametrize(("row", "postgresql", "oracle"), ROWS.values(), ids=ROWS)
def test_a_server_is_recognised_by_what_it_reports(
    row: Mapping[str, Any], postgresql: str | None, oracle: str | None
) -> None:
    assert platform("polardb").recognise({**ROW, **row}) == postgresql
    assert platform("polardb-oracle").recognise({**ROW, **row}) == oracle


@pytest.mark.parametrize("dialect", EDITIONS)
def test_what_is_recognised_is_a_version_to_render_for(dialect: str) -> None:
    for row, *versions in ROWS.values():
        told = versions[EDITIONS.index(dialect)]
        if told is not None:
            assert get_dialect(dialect).parse_version(told), row


def test_recognition_is_marked_unverified_and_is_one_query() -> None:
    assert RECOGNITION.count("polar_compatibility_mode") == 1
    assert all(platform(name).recognition == RECOGNITION for name in EDITIONS)


@pytest.mark.parametrize(("row", "named"), [({}, False), ({"compatibility_mode": None}, True)])
def test_an_edition_that_is_not_told_may_be_either(row: Mapping[str, Any], named: bool) -> None:
    server = platform().server({**ROW, **row})
    assert any("may be either" in note and "--dialect" in note for note in server.notes) is named


def test_a_server_says_what_it_is_and_what_is_not_known_of_it() -> None:
    server = platform().server(ROW)
    assert server.title == "PolarDB for PostgreSQL on PostgreSQL 14.15 (PolarDB V2.0.14.15.31.0)"
    assert server.version == "14"
    assert server.identity == "app/16384"
    assert (server.problems, server.idle) == ((), ())
    notes = "\n".join((*server.notes, *deployment_of(SESSIONS).notes(server)))
    for said in ("not verified on a PolarDB server", "lets in a login whose trigger fails", "polar_superuser", "marks"):
        assert said in notes


def test_a_server_where_nothing_can_be_deployed_says_why() -> None:
    (problem,) = platform().server({**ROW, "event_triggers": "off"}).idle
    assert "set it to on" in problem


def test_a_read_only_node_says_where_to_deploy() -> None:
    assert "primary endpoint" in platform().server({**ROW, "is_standby": True}).read_only


def test_deploying_is_marked_unverified() -> None:
    assert all(deployment_of(SESSIONS, edition).verified is Verified.UNVERIFIED for edition in EDITIONS)


@pytest.mark.parametrize("edition", EDITIONS)
def test_everything_is_tried_in_a_transaction_that_is_rolled_back(edition: str) -> None:
    deployment = deployment_of(SESSIONS, edition)
    probe, apply = deployment.stages(creations(deployment), Inventory(()))
    assert (probe.proof, probe.probes, probe.undo) == (Proof.REHEARSAL, (), ())
    assert apply.proof is Proof.LOGINS
    tried = [statement.sql for statement in probe.statements]
    made, undone = ([statement.sql for statement in each] for each in (apply.statements, apply.undo))
    rehearsed = [sql for sql in tried if "xtrig_rehearsal" in sql]
    assert len(rehearsed) == 3, "a function, and its two events"
    assert tried[1:] == [*made, *rehearsed, *undone]
    rendered = [each.sql for each in xtrig.render(load(SESSIONS), edition) if not each.sql.startswith("DROP ")]
    assert [sql for sql in made if "EVENT TRIGGER" in sql] == [sql for sql in rendered if "EVENT TRIGGER" in sql]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("definition", [SESSIONS, RECORD], ids=["triggers", "a session record"])
def test_what_is_new_replaces_nothing_that_somebody_else_has_made_meanwhile(edition: str, definition: str) -> None:
    deployment = deployment_of(definition, edition)
    made = [each.sql for each in deployment.direct(creations(deployment), Inventory(()))]
    assert any(sql.startswith("CREATE FUNCTION") for sql in made)
    assert not [
        sql for sql in made if "OR REPLACE" in sql or "EXISTS" in sql.partition("\n")[0] or sql.startswith("DROP")
    ]


def test_no_event_trigger_is_made_before_its_function() -> None:
    deployment = deployment_of(SESSIONS)
    made = [each.sql for each in deployment.direct(creations(deployment), Inventory(()))]
    first = next(number for number, sql in enumerate(made) if "EVENT TRIGGER" in sql)
    assert not [sql for sql in made[first:] if "EVENT TRIGGER" not in sql]


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(("event", "word"), [("after_user_logon", "LOGON"), ("before_user_logoff", "LOGOFF")])
def test_a_session_trigger_is_restored_by_the_clause_of_its_edition(edition: str, event: str, word: str) -> None:
    deployment = deployment_of(SESSIONS, edition)
    row = {
        "name": "size",
        "event": event,
        "enabled": "A",
        "function_schema": "audit",
        "function_name": "note",
        "tags": None,
        "owner": "admin",
        "comment": "xtrig:1:0:both",
    }
    (found,) = deployment.inventory([[row], [], [], [], [], [], []]).objects
    assert found.name == '"size"'
    _, create, enable, comment, owner = (statement.sql for statement in found.restore(None))
    clause = {"polardb": f"ON {event}", "polardb-oracle": f"{create.split()[4]} {word} ON DATABASE"}[edition]
    assert create.startswith(f'CREATE EVENT TRIGGER "size" {clause}\n    EXECUTE ')
    assert enable.endswith("ENABLE ALWAYS")
    assert "xtrig:1:0:both" in comment
    assert owner.endswith("OWNER TO admin")


def test_what_cannot_be_read_is_held_against_the_mark() -> None:
    deployment = deployment_of(SESSIONS)
    helper, wanted = (each for each in deployment.objects if isinstance(each, Function))
    assert not helper.unseen & set(helper.state), "of plpgsql the catalogs show all"
    live = replace(wanted, body="as the vendor shows it", text="", owner="admin", is_live=True)
    assert list(wanted.differences(live)) == []
    for mark in (None, Mark("0", "both")):
        (difference,) = wanted.differences(replace(live, mark=mark))
        assert (difference.attribute, difference.wanted) == ("sql", wanted.sql)


def test_a_number_that_the_server_gives_is_one_that_must_be_there() -> None:
    table = next(each for each in deployment_of(SESSIONS).objects if isinstance(each, Table))
    assert table.state == {"column id": "bigint NOT NULL", "column who": "text"}


def test_removal_cannot_bring_back_what_it_does_last() -> None:
    deployment = deployment_of(SESSIONS)
    again = deployment.inventory([[], [], [], [], [], [], []])
    assert deployment.removal(again, with_data=True) == []
    own = tuple(replace(each, owner="admin", comment=str(each.mark), is_live=True) for each in deployment.objects)
    remove, finish = deployment.removal(Inventory(own), with_data=True)
    assert remove.proof is Proof.LOGINS
    assert finish.undo == ()
    assert [Hazard.LOSES_DATA in each.hazards for each in finish.statements] == [True, False]
    assert not [each for each in remove.statements if Hazard.LOSES_DATA in each.hazards]
    kept = [each.sql for stage in deployment.removal(Inventory(own), with_data=False) for each in stage.statements]
    assert not [sql for sql in kept if "DROP TABLE" in sql]


def test_a_set_with_a_system_trigger_is_rendered_and_not_deployed() -> None:
    with pytest.raises(UsageError, match=r"'record': a system trigger .* xtrig render -d polardb-oracle") as caught:
        deployment_of(RECORDS_DDL, "polardb-oracle")
    assert "no page of the vendor's" in str(caught.value)
    assert deployment_of(RECORDS_DDL, "polardb-oracle", "2.0").objects
    assert deployment_of(RECORDS_DDL, "polardb").objects


def test_no_word_needs_a_newer_kernel() -> None:
    traits = platform().traits((14,))
    assert not traits.has_canary  # has_parameter_privilege() came with PostgreSQL 15
    assert not traits.past_triggers  # event_triggers came with PostgreSQL 17
    assert "search_path" not in str([*traits.opening(1), *traits.unbounded()])
    assert "search_path" in str([*Traits().opening(1), *Traits().unbounded()])
    assert "to_regtypemod" not in "".join(deployment_of(SESSIONS).queries())
    made = "".join(statement.sql for each in deployment_of(RECORD).objects for statement in each.create())
    assert "date_trunc('month', now())" in made, "the form with a time zone came with PostgreSQL 12"
    assert "MATERIALIZED" not in made  # from PostgreSQL 12 on
