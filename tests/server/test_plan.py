"""``xtrig plan`` on a server: what it shows, what it asks, and what a saved plan is good for."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, event

import xtrig
from tests.server.conftest import Database, on_17_and_18
from tests.server.deployed import AUDIT, NO_DROP, Here
from xtrig.deploy import RefusedPlanError

pytestmark = pytest.mark.server

OTHER_BODY = AUDIT.replace('who: "${login_user}"}', 'who: "upper(${login_user})"}')
WITH_DDL = AUDIT + '  on_drop: {event: sql_drop, steps: [{insert: log, values: {at: "${now}", who: "${tag}"}}]}\n'
HOSTILE = """
xtrig: 1
name: "Aud'it \\\\ \\"q\\" %s :x $$"
schema: "Wëird \\"schema\\""
tables:
  "log %s :name": {columns: {"who's": text, "Ünï\\\\code": text}}
functions:
  "f$$'\\"%(x)s":
    steps:
      - insert: "log %s :name"
        values: {"who's": "'100% of :who \\\\ $$ $xtrig$ ' || ${login_user}", "Ünï\\\\code": "'\\\\n'"}
triggers:
  "Tr %s \\"x\\" :y": {event: logon, run: "f$$'\\"%(x)s"}
  "ddl $1 'q'": {event: sql_drop, steps: [{log: "it's 100% :gone \\\\"}]}
"""


def engine_of(database: Database) -> Engine:
    return create_engine(database.url.replace("postgresql://", "postgresql+psycopg://"))


@on_17_and_18("here")
def test_a_new_set_is_shown_with_what_is_short_and_without_its_bodies(here: Here) -> None:
    said = here.run("plan", AUDIT)
    assert (said.code, said.err) == (2, "")
    lines = said.out.splitlines()
    assert lines[0].startswith(f"PostgreSQL {here.site.database.server.version}.")
    assert [line for line in lines if line.startswith("+ ")] == [
        "+ create schema audit",
        "+ create table audit.log",
        "+ create function audit.note",
        "+ create trigger on_logon",
    ]
    assert "    event: login" in lines
    assert "    column who: text" in lines
    assert lines[-1].startswith("4 to create. Stages: rehearsal, prepare, canary, go live, ")
    assert "INSERT INTO" not in said.out


def test_nothing_is_changed_by_a_plan(here: Here) -> None:
    before = here.site.snapshot()
    here.run("plan", AUDIT)
    assert here.site.snapshot() == before


@on_17_and_18("here")
def test_a_database_as_the_definition_says_gives_0(here: Here) -> None:
    here.apply(AUDIT)
    said = here.run("plan", AUDIT)
    assert said.code == 0
    assert said.out.endswith("\n\nThe database is as the definition says.\n")


def test_another_body_is_shown_as_a_diff(here: Here) -> None:
    here.apply(AUDIT)
    said = here.run("plan", OTHER_BODY)
    assert said.code == 2
    assert "~ replace function audit.note" in said.out
    changed = [line.strip() for line in said.out.splitlines() if line.startswith(("    -", "    +"))]
    assert [(line[0], "upper" in line) for line in changed] == [("-", False), ("+", True)] * 2


@on_17_and_18("here")
def test_another_event_replaces_the_trigger(here: Here) -> None:
    here.apply(WITH_DDL)
    assert "replace trigger on_drop" in here.changes(WITH_DDL.replace("sql_drop", "ddl_command_start"))


@on_17_and_18("here")
def test_another_state_is_only_set(here: Here) -> None:
    here.apply(WITH_DDL)
    disabled = WITH_DDL.replace("on_drop: {event", "on_drop: {enable: disabled, event")
    said = here.run("plan", disabled)
    assert "~ disable trigger on_drop\n    enabled: origin -> disabled" in said.out
    assert here.apply(disabled).changes == ["disable trigger on_drop"]
    assert here.changes(disabled) == []


def test_a_function_of_another_owner_is_given_back(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute("CREATE ROLE stranger")
    try:
        here.admin.execute("ALTER FUNCTION audit.note() OWNER TO stranger")
        assert here.changes(AUDIT) == ["owner function audit.note"]
        assert here.apply(AUDIT).changes == ["change owner of function audit.note"]
        assert here.site.value("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'note'") == "postgres"
    finally:
        here.admin.execute("DROP OWNED BY stranger; DROP ROLE stranger")


@on_17_and_18("here")
def test_a_new_column_is_added_and_a_changed_type_is_refused(here: Here) -> None:
    here.apply(AUDIT)
    more = AUDIT.replace("who: text}", "who: text, extra: integer}")
    assert here.changes(more) == ["replace table audit.log"]
    here.apply(more)
    assert here.changes(more) == []
    said = here.run("plan", more.replace("extra: integer", "extra: bigint"))
    assert said.code == 1
    assert "! table audit.log: column extra is integer, and the definition says bigint; alter it yourself" in said.out


def test_what_the_definition_has_no_more_is_kept_until_pruned(here: Here) -> None:
    here.apply(WITH_DDL)
    said = here.run("plan", AUDIT)
    assert said.code == 2
    assert "? trigger on_drop: of this set, no more in the definition; kept: drop it with --prune" in said.out
    assert here.changes(AUDIT, prune=True) == ["drop trigger on_drop", "drop function audit.on_drop"]
    here.apply(AUDIT, prune=True)
    assert here.run("plan", AUDIT, "--prune").code == 0


def test_a_table_of_no_definition_is_kept_also_when_pruned(here: Here) -> None:
    more = AUDIT.replace("tables:\n", "tables:\n  old: {columns: {a: text}}\n")
    here.apply(more)
    plan = here.plan(AUDIT, prune=True)
    assert (plan.changes, plan.is_empty) == ((), True)
    assert "? table audit.old: of this set, no more in the definition; kept: it may hold rows" in str(plan)


@on_17_and_18("here")
def test_a_stranger_of_the_same_name_is_replaced_only_with_adopt(here: Here) -> None:
    here.admin.execute("CREATE SCHEMA audit")
    here.admin.execute("CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END'")
    said = here.run("plan", AUDIT)
    assert said.code == 1
    assert (
        "! function audit.note exists and was not made by xtrig; rename one of the two, or replace it with" in said.out
    )
    with pytest.raises(RefusedPlanError, match="--adopt"):
        here.apply(AUDIT)
    assert here.apply(AUDIT, adopt=True).done[-1] == "finish"
    assert here.status(AUDIT).is_in_sync


def test_sets_in_one_database_leave_each_other_alone(here: Here) -> None:
    here.apply(AUDIT)
    first = here.site.snapshot()
    here.apply(NO_DROP, prune=True)
    assert here.changes(AUDIT, prune=True) == []
    assert here.status(NO_DROP).is_in_sync
    assert here.run("drop", NO_DROP, "--with-data").code == 0
    assert here.site.snapshot() == first


def test_an_object_of_another_set_is_named_with_its_set(here: Here) -> None:
    here.apply(AUDIT)
    renamed = AUDIT.replace("name: first", "name: renamed")
    said = here.run("plan", renamed)
    assert said.code == 1
    assert "! trigger on_logon belongs to the set 'first', and this is 'renamed'; rename one of the two, or" in said.out
    assert here.changes(renamed, adopt=True) == [
        "comment table audit.log",
        "comment function audit.note",
        "comment trigger on_logon",
    ]
    here.apply(renamed, adopt=True)
    assert here.status(renamed).is_in_sync
    assert here.conditions(AUDIT)["trigger on_logon"] == "foreign"


def test_without_a_name_the_schema_names_the_set(here: Here) -> None:
    unnamed = AUDIT.replace("name: first\n", "")
    here.apply(unnamed)
    comment = "SELECT obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger"
    assert here.site.value(comment).endswith(":audit")


@on_17_and_18("here")
def test_hostile_names_and_texts_go_all_the_way(here: Here) -> None:
    before = here.site.snapshot()
    said = here.run("plan", HOSTILE)
    assert said.code == 2, said.err
    assert here.run("apply", HOSTILE).code == 0
    row = 'SELECT "who\'s" FROM "Wëird ""schema"""."log %s :name" LIMIT 1'
    assert here.site.value(row) == "100% of :who \\ $$ $xtrig$ postgres"
    assert here.run("status", HOSTILE).code == 0
    assert here.run("apply", HOSTILE).out.endswith("Nothing to do: the database is as the definition says.\n")
    assert here.run("drop", HOSTILE, "--with-data").code == 0
    assert here.site.snapshot() == before


def test_a_body_with_control_characters_stays_on_its_lines(here: Here) -> None:
    written = """
xtrig: 1
functions:
  f:
    body: {postgresql: "begin\\n  raise log 'a\\x1b[31mred\\u2028two';\\nend"}
triggers:
  t: {event: sql_drop, run: f}
"""
    here.apply(written)
    said = here.run("plan", written.replace("red", "blue"))
    assert said.code == 2
    assert "\x1b" not in said.out
    assert "\u2028" not in said.out
    assert sum("blue" in line for line in said.out.splitlines()) == 1


def queries_of(database: Database) -> int:
    engine = engine_of(database)
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", count)
    xtrig.plan(xtrig.load_text(AUDIT), engine)
    engine.dispose()
    return len(asked)


def test_how_many_queries_there_are_does_not_grow_with_the_database(here: Here) -> None:
    database = here.site.database
    make = """
DO $$ BEGIN FOR n IN {} LOOP
    EXECUTE format('CREATE FUNCTION f%s() RETURNS event_trigger LANGUAGE plpgsql AS ''BEGIN END''', n);
    EXECUTE format('CREATE EVENT TRIGGER t%s ON sql_drop EXECUTE FUNCTION f%s()', n, n);
END LOOP; END $$
"""
    here.admin.execute(make.format("1..10").encode())
    few = queries_of(database)
    here.admin.execute(make.format("11..1000").encode())
    assert queries_of(database) == few
    assert few < 35  # those for the history of deployments, and for its trust, among them


def test_a_plan_is_data(here: Here) -> None:
    said = here.run("plan", AUDIT, "--format", "json")
    assert said.code == 2
    assert [(each["action"], each["kind"]) for each in said.data["changes"]] == [
        ("create", "schema"),
        ("create", "table"),
        ("create", "function"),
        ("create", "trigger"),
    ]
    assert said.data["changes"][-1]["hazards"] == ["blocks_logins", "refuses_logins"]
    assert [stage["name"] for stage in said.data["stages"]][:3] == ["rehearsal", "prepare", "canary"]


def test_an_ordinary_role_can_plan_and_is_told_what_applying_needs(here: Here) -> None:
    here.admin.execute("CREATE ROLE olga LOGIN")
    try:
        said = here.run("plan", AUDIT, url=here.site.url("olga"))
    finally:
        here.admin.execute("DROP ROLE olga")
    assert said.code == 2
    assert said.err == (
        "xtrig: note: the role 'olga' is no superuser; PostgreSQL lets only superusers create event triggers, "
        "some services let others: the rehearsal shows it\n"
    )
