"""``xtrig import --url`` of what others made, and of databases with several sets: every change is announced."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

import xtrig
from tests.import_samples import SAMPLES
from tests.server.importing import FOREIGN, ONE, TWO, admin, check_announced, check_empty, deploy, imported, lines, live
from tests.server.sides import SEEDS
from xtrig.deploy import apply, plan
from xtrig.deploy.live import import_database
from xtrig.errors import DefinitionError, RefusedError, UsageError
from xtrig.importer import Assembled, import_script
from xtrig_pgfamily.driver.address import address_for
from xtrig_pgfamily.trial.watched import Heard, Refused, log_in

__all__ = ["admin", "live"]

pytestmark = pytest.mark.server


@pytest.mark.parametrize("seed", ["init_session", "no_rewrite"])
def test_a_seed_comes_back_as_from_its_script(seed: str, live: Connection, admin: psycopg.Connection[Any]) -> None:
    script = (SEEDS / f"{seed}.sql").read_bytes()
    admin.execute(script)
    result, triggers = imported(live)
    said = {finding.message for finding in result.findings}
    from_script = import_script(script, "postgresql")
    assert {each.message for each in from_script.findings if each.code in ("XT407", "XT408", "XT409")} <= said
    assert triggers.triggers == from_script.triggers.triggers
    assert triggers.functions == from_script.triggers.functions
    check_announced(live, result, triggers)


@pytest.fixture
def foreign(live: Connection, admin: psycopg.Connection[Any]) -> tuple[Assembled, xtrig.TriggerSet]:
    admin.execute(FOREIGN.encode())
    return imported(live)


def test_triggers_of_others_come_back_with_every_change_announced(
    live: Connection, foreign: tuple[Assembled, xtrig.TriggerSet]
) -> None:
    result, triggers = foreign
    with pytest.raises(RefusedError, match=r"trigger 'f': no search_path: .*XT319"):
        plan(triggers, live)
    waived = triggers.to_dict()
    waived["triggers"]["f"]["ignore"] = {"XT319": "as it was made by others"}
    adopting = check_announced(live, result, xtrig.TriggerSet.model_validate(waived))
    assert {str(change.action) for change in adopting.changes} == {"replace", "comment"}
    assert set(triggers.triggers) == {'Tri "g', "é.$", "a", "f", "kept", "kept3"}
    assert triggers.functions["f$1.x"].schema_ == 'My "Schema.é'
    assert triggers.functions["f"].schema_ == "public"


def test_tables_of_others_come_with_them_where_a_definition_can_make_them(
    foreign: tuple[Assembled, xtrig.TriggerSet],
) -> None:
    result, triggers = foreign
    made = {name for name, table in triggers.tables.items() if table.create}
    assert made == {'we"ird.t$b', "part", "log"}
    assert set(triggers.tables) - made == {"odd", "gone", "v", "away"}
    columns = triggers.tables['we"ird.t$b'].columns
    assert columns["id"].identity
    assert columns["id"].primary_key
    assert columns["m"].type == "b.mood"
    assert columns["U ser"].default == "'x''y'::text"
    said = "\n".join(lines(result))
    for part in (
        'says UNIQUE ("U ser")',
        "says CHECK ((id > 0))",
        "says BY DEFAULT of column id",
        "says PARTITION BY",
        "b.odd is more than a definition says: column m is of type",
        "there is no b.gone, which a function fills",
        "b.v is a view",
        "b.away is a foreign table",
    ):
        assert part in said, part


def test_bodies_of_others_that_are_no_steps_stay_as_they_are(
    foreign: tuple[Assembled, xtrig.TriggerSet], admin: psycopg.Connection[Any]
) -> None:
    result, triggers = foreign
    query = "SELECT prosrc FROM pg_proc WHERE oid = %s::regproc"
    live_bodies = {name: admin.execute(query, (name,)).fetchone() for name in ("b.kept", "b.f")}
    ours = {"b.kept": triggers.functions["kept"], "b.f": triggers.triggers["f"]}
    assert {name: (each.body["postgresql"],) for name, each in ours.items()} == live_bodies
    said = "\n".join(lines(result))
    assert "the body of b.f is kept as it is: it fills b.log, and a definition has one of that name" in said
    assert "removes lock_timeout" not in said  # a body that is kept keeps the settings of its function
    assert "trigger 'kept2': its function public.kept has the name of b.kept" in said


@pytest.mark.parametrize(
    "name",
    [
        "a notice and a row",
        "kept, with a path and a setting of its own",
        "kept, with tables found by the client's path",
        "a refusal that names a condition",
        "settings for the session",
    ],
)
def test_adopted_triggers_do_what_they_did(name: str, admin: psycopg.Connection[Any], live: Connection) -> None:
    (sample,) = (each for each in SAMPLES if each.name == name)
    admin.execute(sample.script.encode())
    address = address_for(live.engine.url.render_as_string(hide_password=False))

    tables = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid > 16384 AND relname = 'who_came'"

    def rows() -> int:
        found = [admin.execute(f"SELECT count(*) FROM {table}").fetchone() for (table,) in admin.execute(tables)]
        return sum(row[0] for row in found if row)

    def seen() -> tuple[object, ...]:
        heard, before = Heard(), rows()
        try:
            with log_in(address, heard) as session:
                names = ("search_path", "work_mem", "TimeZone", "statement_timeout", "DateStyle")
                settings = [session.execute("SELECT current_setting(%s)", [each]).fetchone() for each in names]
                return settings, heard.take(), rows() - before
        except Refused as refused:
            return refused.message, refused.sqlstate, heard.take(), rows() - before

    before = seen()
    result = import_database(live)
    live.rollback()
    apply(result.triggers, live.engine, adopt=True, canary=None)
    assert seen() == before


def test_a_body_that_no_server_compiles_is_kept_and_not_deployed(
    live: Connection, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("""
        SET check_function_bodies = off;
        CREATE FUNCTION public.broken() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF THEN';
        CREATE EVENT TRIGGER broken ON table_rewrite EXECUTE FUNCTION public.broken();
    """)
    result, triggers = imported(live)
    assert triggers.triggers["broken"].body == {"postgresql": "BEGIN IF THEN"}
    said = "\n".join(lines(result))
    assert "function 'broken': its body is kept as it is, for postgresql alone: missing expression" in said
    with pytest.raises(RefusedError, match="'broken': PostgreSQL cannot read it: missing expression"):
        plan(triggers, live, adopt=True)


def test_what_no_definition_can_say_is_left_out_and_named(live: Connection, admin: psycopg.Connection[Any]) -> None:
    admin.execute("""
        CREATE FUNCTION public.c() RETURNS event_trigger LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
        CREATE EVENT TRIGGER c ON ddl_command_end EXECUTE FUNCTION c();
        CREATE FUNCTION public.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''a''; END';
        CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e();
        ALTER EXTENSION plpgsql ADD FUNCTION e();
    """)
    with pytest.raises(DefinitionError) as nothing:
        import_database(live)
    said = str(nothing.value)
    assert "trigger 'c': its function public.c is written in c; it is left out" in said
    assert "trigger 'e': it belongs to the extension plpgsql; it is left out" in said
    assert said.splitlines()[-1].endswith("database: nothing here can be imported; see why in the lines before [XT403]")
    admin.execute("ALTER EXTENSION plpgsql DROP FUNCTION e()")
    live.rollback()
    result, triggers = imported(live)
    assert list(triggers.triggers) == ["e"]
    assert len(lines(result, "XT403")) == 1


NOBODYS = """
    CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE LOG ''a''; END';
    CREATE EVENT TRIGGER f ON ddl_command_end EXECUTE FUNCTION f();
"""


def test_a_set_is_picked_by_its_name(live: Connection, admin: psycopg.Connection[Any]) -> None:
    deploy(admin, ONE)
    assert check_empty(live)[1].name == "one"
    deploy(admin, TWO)
    with pytest.raises(UsageError, match=r"has several sets.*: 'one' \(1 trigger\), 'second' \(1 trigger\)"):
        import_database(live)
    _, one = check_empty(live, "one")
    _, two = check_empty(live, "second")
    assert (one.name, one.schema_, list(one.triggers)) == ("one", "first", ["one"])
    assert (two.name, two.schema_, list(two.triggers)) == (None, "second", ["two"])
    with pytest.raises(UsageError, match=r"no set 'three' of xtrig's; it has: 'one'"):
        import_database(live, set_name="three")


def test_what_is_of_no_set_comes_first_and_the_sets_are_named(live: Connection, admin: psycopg.Connection[Any]) -> None:
    deploy(admin, ONE)
    deploy(admin, TWO)
    admin.execute(NOBODYS)
    result, triggers = imported(live)
    assert list(triggers.triggers) == ["f"]
    left_out = [line for line in lines(result, "XT402") if "is left out" in line]
    assert [line.partition("the set ")[2].partition(",")[0] for line in left_out] == ["'one'", "'second'"]
    check_empty(live, "one")
