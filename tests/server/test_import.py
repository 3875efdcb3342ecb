"""The seeds, imported and rendered again, beside the seeds themselves: the same logins, rewrites and rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

import xtrig
from tests.server.clock import NOON, Clocked
from tests.server.conftest import Database
from tests.server.deploy import deploy
from tests.server.init_session import WORKERS, at, forget, log_in
from tests.server.sides import Side, Sides, example, refusal, rendered, roles, seed, side_by_side
from tests.server.test_seed_no_rewrite import NEVER, TABLES, TOO_BIG, TOO_LATE, attempt
from xtrig.deploy import apply, drop
from xtrig.importer import Assembled, import_script, to_yaml
from xtrig_polardb.compilation import in_plsql

if TYPE_CHECKING:
    from tests.parsers.plsql import PlsqlParser

pytestmark = pytest.mark.server
clock = pytest.mark.xdist_group("clock")


def imported(name: str, dialect: str = "postgresql") -> Assembled:
    """Import a seed."""
    return import_script(seed(name).encode(), dialect, f"{name}.sql")


@pytest.fixture(scope="module")
def init_session(clocked: Clocked) -> Iterator[Sides]:
    clocked.stand_at(NOON)
    definition = to_yaml(imported("init_session"))
    with (
        roles(clocked.server, *WORKERS, alice="LOGIN", boss="LOGIN SUPERUSER"),
        side_by_side(clocked.server, "init_session", definition) as sides,
    ):
        yield sides


@clock
@pytest.mark.parametrize("user", ["alice", "boss"])
@pytest.mark.parametrize("moment", [at(0), at(2), at(4, 59, 59), at(5), at(8), at(20, 59, 59), at(21)])
def test_a_login_is_the_seeds(moment: datetime, user: str, init_session: Sides, clocked: Clocked) -> None:
    clocked.stand_at(moment)
    for before in (None, *WORKERS):
        forget(init_session.seed, user, before)
        theirs = log_in(init_session.seed, user)
        forget(init_session.ours, user, before)
        assert log_in(init_session.ours, user) == theirs
        assert theirs.refused == ("Login forbidden" if 2 <= moment.hour <= 4 else None)
        if theirs.refused is None:
            assert theirs.roles == ["day_worker" if 8 <= moment.hour <= 20 else "night_worker"]
            assert theirs.rows == [(user, moment)]


@clock
def test_the_trigger_is_the_seeds(init_session: Sides) -> None:
    query = """
        SELECT evtname, evtevent, evtenabled, evttags, evtfoid::regproc::text, prosecdef
        FROM pg_event_trigger JOIN pg_proc ON pg_proc.oid = evtfoid
    """
    found = [side.admin.execute(query).fetchall() for side in (init_session.seed, init_session.ours)]
    assert found[0] == found[1] == [("init_session", "login", "A", None, "init_session", True)]


@pytest.fixture(scope="module")
def no_rewrite(clocked: Clocked) -> Iterator[Sides]:
    def prepare(side: Side) -> None:
        side.admin.execute(TABLES)

    definition = to_yaml(imported("no_rewrite"))
    with (
        roles(clocked.server, carol="LOGIN"),
        side_by_side(clocked.server, "no_rewrite", definition, prepare) as sides,
    ):
        yield sides


@clock
@pytest.mark.parametrize("hour", [0, 1, 6, 7, 23])
def test_a_rewrite_is_the_seeds(hour: int, no_rewrite: Sides, clocked: Clocked) -> None:
    clocked.stand_at(at(hour, 30))
    theirs = {table: attempt(no_rewrite.seed, table) for table in ("foo", "big", "small")}
    assert {table: attempt(no_rewrite.ours, table) for table in theirs} == theirs
    assert theirs == {"foo": NEVER, "big": TOO_BIG, "small": None if 1 <= hour <= 6 else TOO_LATE}


@clock
@pytest.mark.parametrize("zone", ["UTC-3", "UTC+5"])
def test_the_client_moves_the_window_as_in_the_seed(zone: str, no_rewrite: Sides, clocked: Clocked) -> None:
    options = f"-c TimeZone={zone}"
    found = set()
    for hour in range(0, 24, 3):
        clocked.stand_at(at(hour))
        theirs = attempt(no_rewrite.seed, "small", options=options)
        assert attempt(no_rewrite.ours, "small", options=options) == theirs
        found.add(theirs)
    assert found == {None, TOO_LATE}


@clock
def test_without_the_table_it_names_every_rewrite_is_refused_as_in_the_seed(no_rewrite: Sides) -> None:
    for side in (no_rewrite.seed, no_rewrite.ours):
        side.admin.execute("ALTER TABLE public.foo RENAME TO bar")
        try:
            said = attempt(side, "small")
        finally:
            side.admin.execute("ALTER TABLE public.bar RENAME TO foo")
        assert said is not None
        assert said.endswith('relation "foo" does not exist')


def test_the_mismatch_of_the_polardb_seed_is_reported() -> None:
    (finding,) = (each for each in imported("users_log", "polardb").findings if each.code == "XT404")
    assert str(finding).startswith("users_log.sql:15: warning: function 'sample_event_trigger': it uses the table ")
    assert "polar_loginout.users_log, but the script creates users_log" in finding.message


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_the_polardb_seed_is_rendered_in_the_documented_form(dialect: str, plsql: PlsqlParser) -> None:
    triggers = xtrig.load_text(to_yaml(imported("users_log", "polardb")))
    script = xtrig.render(triggers, dialect)
    helper, function = (each.sql for each in script if each.sql.startswith("CREATE OR REPLACE FUNCTION"))
    assert in_plsql(function)
    assert plsql.parse(f"{function};").errors == ()
    assert "INSERT INTO public.users_log (user_name, database_name, event, client_ip, tag, instance_num)" in helper
    text = "".join(helper.split())
    values = "polar_login_user,polar_database_name,tg_event,polar_client_ip,tg_tag,polar_instance_num"
    assert f"VALUES({values});" in text
    clauses = [each.sql for each in script if each.sql.startswith("CREATE EVENT TRIGGER")]
    expected = {
        "polardb": ("ON after_user_logon", "ON before_user_logoff"),
        "polardb-oracle": ("AFTER LOGON ON DATABASE", "BEFORE LOGOFF ON DATABASE"),
    }
    assert [clause in sql for clause, sql in zip(expected[dialect], clauses, strict=True)] == [True, True]


def test_the_polardb_seed_records_logins_on_postgresql(database18: Database) -> None:
    definition = to_yaml(imported("users_log", "polardb"))
    inferred = definition.replace("event: logoff\n", "event: logoff\n    if_unsupported: infer\n")
    with roles(database18.server, alice="LOGIN"), database18.connect() as admin:
        deploy(admin, inferred)
        for _ in range(2):
            database18.connect("alice").close()
        query = "SELECT user_name, database_name, event, client_ip, tag, instance_num FROM public.users_log ORDER BY id"
        rows = admin.execute(query).fetchall()
    assert ("alice", database18.name, "login", None, "LOGIN", 1) in rows
    assert len([row for row in rows if row[2] == "login"]) == 2


def test_the_polardb_seed_is_refused_where_there_is_no_logoff() -> None:
    with pytest.raises(xtrig.RefusedError, match="PostgreSQL has no logoff event"):
        xtrig.render(imported("users_log", "polardb").triggers)


def test_the_postgresql_seed_is_refused_where_a_deny_does_not_bind() -> None:
    with pytest.raises(xtrig.RefusedError, match="XT203"):
        xtrig.render(imported("init_session").triggers, "polardb")


def test_the_rewrite_policy_is_rendered_for_polardb() -> None:
    script = str(xtrig.render(imported("no_rewrite").triggers, "polardb"))
    assert "ON table_rewrite" in script
    assert "you''re not allowed to rewrite the table %s" in script


@pytest.mark.parametrize("name", ["session_audit", "ddl_audit", "no_ddl"])
def test_a_script_of_ours_can_be_imported_and_run_again(name: str, database18: Database) -> None:
    script = rendered(example(name))
    again = rendered(to_yaml(import_script(script.encode(), "postgresql")))
    with database18.connect() as admin:
        deploy(admin, example(name))
        query = "SELECT evtname, evtevent, evtenabled, evttags, evtfoid::regproc::text FROM pg_event_trigger ORDER BY 1"
        before = admin.execute(query).fetchall()
        admin.execute(again.encode())
        assert admin.execute(query).fetchall() == before
        assert before


def test_a_kept_body_runs_as_it_did(database18: Database) -> None:
    text = """
        CREATE FUNCTION public.hello() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'not % with %', tg_tag, upper(session_user) USING HINT = 'ask';
        END $$;
        CREATE EVENT TRIGGER hello ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION public.hello();
    """
    result = import_script(text.encode(), "postgresql")
    assert list(result.triggers.triggers["hello"].body) == ["postgresql"]
    with database18.connect() as admin:
        deploy(admin, to_yaml(result))
        said = refusal(lambda: admin.execute("CREATE VIEW v AS SELECT 1"))
        assert said == "not CREATE VIEW with POSTGRES"


def test_a_table_that_no_trigger_uses_is_neither_adopted_nor_dropped(database18: Database) -> None:
    text = """
        CREATE TABLE public.customers (id int PRIMARY KEY, name text);
        CREATE TABLE public.ddl_log (tag text, customer int REFERENCES public.customers);
        CREATE VIEW public.names AS SELECT name FROM public.customers;
        CREATE FUNCTION public.log_ddl() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            -- customers are not asked
            INSERT INTO public.ddl_log (tag) VALUES (tg_tag);
        END $$;
        CREATE EVENT TRIGGER log_ddl ON ddl_command_end EXECUTE FUNCTION public.log_ddl();
    """
    triggers = import_script(text.encode(), "postgresql").triggers
    with database18.connect() as admin:
        admin.execute(text)
        admin.execute("INSERT INTO public.customers VALUES (1, 'first')")
        apply(triggers, database18.url, adopt=True, canary=None)
        row = admin.execute("SELECT obj_description('public.customers'::regclass)").fetchone()
        assert row == (None,)
        drop(triggers, database18.url, with_data=True)
        assert admin.execute("SELECT name FROM public.names").fetchall() == [("first",)]
        assert admin.execute("SELECT to_regclass('public.ddl_log')").fetchone() == (None,)


def test_a_table_in_a_condition_is_still_found(database18: Database) -> None:
    text = """
        CREATE FUNCTION public.ban() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF EXISTS (SELECT FROM banned WHERE who = session_user) THEN RAISE EXCEPTION 'banned'; END IF;
        END $$;
        CREATE EVENT TRIGGER ban ON login EXECUTE FUNCTION public.ban();
    """
    with roles(database18.server, alice="LOGIN", carol="LOGIN"), database18.connect() as admin:
        admin.execute("CREATE TABLE public.banned (who text)")
        admin.execute("INSERT INTO public.banned VALUES ('alice')")
        deploy(admin, to_yaml(import_script(text.encode(), "postgresql")))
        found = {user: refusal(lambda user=user: database18.connect(user).close()) for user in ("alice", "carol")}
    assert found == {"alice": "banned", "carol": None}
