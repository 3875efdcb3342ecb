"""A trigger that gives a role its search_path, and what the role makes of it; what roles without rights cannot do.

The attack succeeds against our own text once its order is changed: so it is the order that stops it.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.sides import refusal, rendered
from xtrig.errors import RefusedError

pytestmark = pytest.mark.server

SET = "{set: search_path, value: \"quote_ident(${login_user}) || ', pg_catalog, public'\"}"
RECORD = '{insert: log, values: {who: "${login_user}", ip: "${client_ip}", at: "${now}"}}'
LOG = '{log: "login of ${login_user} from ${client_ip}"}'
FIRST = """
xtrig: 1
schema: audit
tables: {log: {columns: {who: text, ip: text, at: timestamptz}}}
triggers:
  give_path:
    event: logon
"""
ALICE = """
    CREATE SCHEMA alice AUTHORIZATION alice;
    SET SESSION AUTHORIZATION alice;
    SET search_path = pg_catalog;
    CREATE FUNCTION alice.take() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF current_user OPERATOR(pg_catalog.=) 'postgres' THEN ALTER ROLE alice SUPERUSER; END IF;
    END $$;
    CREATE FUNCTION alice.format(text, name, text) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN 'x'; END $$;
    CREATE FUNCTION alice.host(inet) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN 'x'; END $$;
    CREATE FUNCTION alice.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN pg_catalog.now(); END $$;
    CREATE FUNCTION alice.set_config(text, text, boolean) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN pg_catalog.set_config($1, $2, $3); END $$;
    CREATE FUNCTION alice.pg_is_in_recovery() RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN false; END $$;
    CREATE FUNCTION alice.lower(text) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN $1; END $$;
    CREATE FUNCTION alice.same(name, text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM alice.take(); RETURN true; END $$;
    CREATE OPERATOR alice.= (FUNCTION = alice.same, LEFTARG = name, RIGHTARG = text);
    CREATE DOMAIN alice.boolean AS pg_catalog.bool CHECK (alice.take() IS NOT NULL);
    CREATE DOMAIN alice.text AS pg_catalog.text CHECK (alice.take() IS NOT NULL);
    RESET SESSION AUTHORIZATION;
    RESET search_path;
"""
# What somebody else has put on the table: a deferred trigger whose function trusts the path.
DEFERRED = """
    CREATE FUNCTION audit.look() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM lower(NEW.who); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER look AFTER INSERT ON audit.log DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION audit.look();
"""


@pytest.fixture
def place(login_database: Database) -> Iterator[Database]:
    with login_database.connect() as admin:
        admin.execute("CREATE ROLE alice LOGIN")
        admin.execute(ALICE)
    yield login_database
    with login_database.connect(options="-c event_triggers=off") as admin:
        admin.execute("ALTER ROLE alice NOSUPERUSER")
        admin.execute("DROP OWNED BY alice CASCADE")
        admin.execute("DROP ROLE alice")


def definition(*steps: str, policies: str = "") -> str:
    return FIRST + policies + "    steps:\n" + "".join(f"      - {step}\n" for step in steps)


def deploy(place: Database, script: str) -> None:
    with place.connect(options="-c event_triggers=off") as admin:
        admin.execute(script)


def is_taken(place: Database) -> bool:
    """Log in as alice three times, and return whether she is a superuser then."""
    for _ in range(3):
        refusal(lambda: place.connect("alice").close())
    with place.connect() as admin:
        row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'alice'").fetchone()
    return row == (True,)


@pytest.mark.parametrize("policies", ["", "    standby: run\n", "    on_error: deny\n"], ids=["", "run", "deny"])
@pytest.mark.parametrize(
    "steps",
    [
        (LOG, SET),
        (RECORD, LOG, SET),
        (f"{{if: \"${{login_user}} = 'alice'\", then: [{RECORD}, {LOG}, {SET}], else: [{LOG}]}}",),
        (LOG, '{set: app.user, value: "${login_user}"}', SET),
    ],
    ids=["log", "record", "branch", "two settings"],
)
def test_a_path_that_is_given_last_gives_nothing_away(place: Database, steps: tuple[str, ...], policies: str):
    deploy(place, rendered(definition(*steps, policies=policies)))
    deploy(place, DEFERRED)
    assert not is_taken(place)
    with place.connect("alice") as alice:
        assert alice.execute("SHOW search_path").fetchone() == ("alice, pg_catalog, public",)


@pytest.mark.parametrize(
    "before",
    ["RAISE LOG '%', format(", "PERFORM set_config('app.user'", "INSERT INTO audit.log"],
    ids=["function", "set_config", "insert"],
)
def test_in_another_order_she_takes_the_owners_rights(place: Database, before: str):
    """What check refuses: the same text, with the path before a step of each kind."""
    steps = (RECORD, LOG, '{set: app.user, value: "${login_user}"}', SET)
    script = rendered(definition(*steps, policies="    standby: run\n"))
    line = next(each for each in script.splitlines() if "PERFORM set_config('search_path'" in each)
    assert script.count(before) == 1
    deploy(place, script.replace(line, "").replace(before, f"{line.strip()}\n{before}"))
    assert is_taken(place)


@pytest.mark.parametrize("later", [LOG, RECORD, '{set: app.user, value: "${login_user}"}'])
def test_that_order_is_refused(later: str):
    with pytest.raises(RefusedError, match="XT240"):
        xtrig.render(xtrig.load_text(definition(SET, later)))


def test_set_role_fails_under_definer_and_works_under_invoker(place: Database):
    script = rendered(definition("{set: role, value: \"'pg_monitor'\"}", policies="    security: invoker\n"))
    assert "SECURITY INVOKER" in script
    deploy(place, "GRANT pg_monitor TO alice")
    deploy(place, script)
    with place.connect("alice") as alice:
        assert alice.execute("SELECT current_user").fetchone() == ("pg_monitor",)
    start = len(place.server.log_text())
    deploy(place, script.replace("SECURITY INVOKER", "SECURITY DEFINER"))
    with place.connect("alice") as alice:
        assert alice.execute("SELECT current_user").fetchone() == ("alice",)
    assert "within security-definer function" in place.server.log_text()[start:]


@pytest.mark.parametrize("security", ["invoker", "definer"])
def test_an_insert_with_the_rights_of_the_user_is_denied(place: Database, security: str):
    policies = f"    security: {security}\n    on_error: deny\n"
    deploy(place, rendered(definition(RECORD, policies=policies)))
    denied = None if security == "definer" else "permission denied for schema audit"
    assert refusal(lambda: place.connect("alice").close()) == denied


@pytest.mark.parametrize("name", ["log", "replace", "abs"])
def test_a_table_named_like_a_function_is_not_found_under_the_pinned_path(place: Database, name: str):
    with place.connect() as admin:
        admin.execute(f"CREATE TABLE public.{name} (who text)")
        admin.execute(
            "CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS "
            f"$$ BEGIN INSERT INTO {name} VALUES ('x'); END $$"
        )
        with pytest.raises(psycopg.errors.UndefinedTable):
            admin.execute("SELECT public.f()")


@pytest.mark.parametrize(
    ("body", "is_valid"),
    [
        ("INSRT INTO x VALUES (1);", False),
        ("IF true THEN NULL;", False),
        ("x := 1;", False),
        ("RETURN NULL;", False),
        ("DECLARE r pg_catalog.pg_class; BEGIN r.relname := 'x'; END;", True),
    ],
)
def test_the_server_refuses_what_xt318_finds(place: Database, body: str, is_valid: bool):
    create = f"CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
    with place.connect() as admin:
        assert (refusal(lambda: admin.execute(create)) is None) is is_valid
