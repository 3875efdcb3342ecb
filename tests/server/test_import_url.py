"""``xtrig import --url`` of what xtrig made: planning again with what came back changes nothing.

A definition that is imported is planned with again, on the same session: one that is older than the triggers, so
that none of them can refuse it.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, create_engine

from tests.server.conftest import Database
from tests.server.deploy import execute
from tests.server.importing import HOSTILE, ONE, admin, check_empty, deploy, imported, lines, live
from tests.server.test_goldens_run import FOR_18, drop_roles, golden, make_roles
from tests.test_golden import definition
from xtrig.deploy import apply, plan
from xtrig.deploy.live import import_database
from xtrig.importer import to_yaml

__all__ = ["admin", "live"]

pytestmark = pytest.mark.server


@pytest.mark.parametrize("case", FOR_18)
def test_a_golden_comes_back_and_the_plan_is_empty(
    case: str, database18: Database, live: Connection, admin: psycopg.Connection[Any]
) -> None:
    make_roles(admin)
    try:
        execute(admin, golden(case))
        result, triggers = check_empty(live)
        given = definition(case)
        offered = {name for name, each in given.triggers.items() if each.if_unsupported != "skip"}
        assert set(triggers.triggers) == offered
        assert {name: triggers.triggers[name].event for name in offered} == {
            name: given.triggers[name].event for name in offered
        }
        assert {each.if_unsupported for each in triggers.triggers.values() if each.event == "logoff"} <= {"infer"}
        assert (triggers.name or triggers.schema_) == (given.name or given.schema_)
        assert {finding.code for finding in result.findings} <= {"XT410", "XT405", "XT402"}
        assert (case == "logon-portable") == bool(lines(result, "XT402"))
        assert (case == "logon-sql-per-dialect") == bool(lines(result, "XT405"))
    finally:
        drop_roles(database18)


@pytest.mark.parametrize("case", ["example-session-audit", "example-ddl-audit", "logon-replica-only"])
def test_what_apply_deployed_comes_back_too(case: str, database18: Database, live: Connection) -> None:
    given = definition(case)
    apply(given, database18.url, canary=None)
    _, triggers = check_empty(live)
    assert set(triggers.triggers) == set(given.triggers)


def test_hostile_names_and_unusual_spellings_come_back(live: Connection, admin: psycopg.Connection[Any]) -> None:
    admin.execute("CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a'); CREATE TABLE other.there (who text)")
    given = deploy(admin, HOSTILE)
    result, triggers = check_empty(live)
    assert triggers.name == given.name
    assert triggers.schema_ == given.schema_
    table = triggers.tables['Tab "le$.1']
    types = {name: column.type for name, column in table.columns.items()}
    assert types == {name: column.type for name, column in given.tables['Tab "le$.1'].columns.items()}
    assert (triggers.tables["there"].create, triggers.tables["there"].schema_) == (False, "other")
    assert "unused" in triggers.tables
    # The reader of scripts runs it from one trigger of its name, so it is written there.
    kept = triggers.triggers["kept"]
    assert kept.body == given.functions["kept"].body
    assert (kept.security, kept.lock_timeout) == ("invoker", "2s")
    assert triggers.triggers["also$"].enable == "disabled"
    assert triggers.triggers['Trig "ger.é'].tags == given.triggers['Trig "ger.é'].tags
    assert lines(result, "XT40") == []


def test_leftovers_of_a_deployment_are_left_out(live: Connection, admin: psycopg.Connection[Any]) -> None:
    deploy(admin, ONE)
    for name in ("xtrig_keeper", "xtrig_canary_1"):
        admin.execute(f"""
            CREATE FUNCTION first.{name}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
            COMMENT ON FUNCTION first.{name}() IS 'xtrig:1::one';
            CREATE EVENT TRIGGER {name} ON login EXECUTE FUNCTION first.{name}();
            COMMENT ON EVENT TRIGGER {name} IS 'xtrig:1::one';
        """)
    result, triggers = imported(live)
    assert list(triggers.triggers) == ["one"]
    left = [finding for finding in result.findings if "left by a deployment that was interrupted" in finding.message]
    assert len(left) == 4
    assert {str(change.action) for change in plan(triggers, live).changes} == {"drop"}


def test_a_change_made_by_hand_is_said(live: Connection, admin: psycopg.Connection[Any]) -> None:
    deploy(admin, ONE)
    admin.execute("""
        CREATE OR REPLACE FUNCTION first.one() RETURNS event_trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET work_mem = '8MB'
        AS 'BEGIN PERFORM pg_backend_pid(); END';
    """)
    result, triggers = imported(live)
    assert triggers.triggers["one"].body == {"postgresql": "BEGIN PERFORM pg_backend_pid(); END"}
    said = "\n".join(lines(result))
    assert "function 'one': apply changes its settings: removes work_mem=8MB" in said
    (change,) = plan(triggers, live).changes
    assert {difference.attribute for difference in change.differences} == {"settings"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("RETURNING o.*", "RETURNING o.*, 1 AS more"), ("LOOP\n", "LOOP\n        RAISE NOTICE 'ended';\n")],
    ids=["in other words", "with another form"],
)
def test_an_inferred_logoff_that_was_changed_is_kept(
    before: str, after: str, live: Connection, admin: psycopg.Connection[Any]
) -> None:
    execute(admin, golden("logoff-inferred"))
    name, text = admin.execute(
        "SELECT oid::regproc::text, pg_get_functiondef(oid) FROM pg_proc WHERE proname ~ '_inferred$'"
    ).fetchone() or ("", "")
    assert before in text
    admin.execute(text.replace(before, after, 1).encode())
    result, triggers = imported(live)
    kept = [each for each in triggers.functions if each == name.partition(".")[2]]
    assert kept, to_yaml(result)
    assert any("XT405" in line for line in lines(result))
    assert {difference.attribute for change in plan(triggers, live).changes for difference in change.differences} == {
        "mark"
    }


def test_the_callers_session_is_as_it_was(live: Connection, admin: psycopg.Connection[Any]) -> None:
    deploy(admin, ONE)
    asked = "SELECT current_setting('search_path'), current_setting('quote_all_identifiers')"
    live.exec_driver_sql("SET search_path = first, public")
    before = live.exec_driver_sql(asked).one()
    import_database(live)
    assert live.exec_driver_sql(asked).one() == before
    live.rollback()
    import_database(live)
    assert not live.in_transaction()


def test_a_session_with_unusual_settings_reads_the_same(database18: Database, live: Connection) -> None:
    with database18.connect(options="-c event_triggers=off") as admin:
        admin.execute("CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('a'); CREATE TABLE other.there (who text)")
        deploy(admin, HOSTILE)
    usual = to_yaml(import_database(live))
    url = f"{database18.url}&options=-csearch_path%3Dother%20-cquote_all_identifiers%3Don"
    engine = create_engine(url)
    with engine.connect() as unusual:
        assert to_yaml(import_database(unusual)) == usual
    engine.dispose()
