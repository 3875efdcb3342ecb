"""Whatever passes the checks runs on PostgreSQL 18, lets an ordinary role in, and goes away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from hypothesis import assume, given, settings

import xtrig
from tests.properties.definitions import definitions
from tests.properties.steps import ROLES, Data
from tests.server.deploy import execute
from tests.server.sides import Side, side
from xtrig.model import Deny
from xtrig.resolve import ResolvedTrigger, resolve, walk
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

CASES = max(120, settings.default.max_examples // 2)
# What definitions call and expect to be there.
TOOLS = """
    CREATE SCHEMA tools;
    CREATE TABLE tools.existing (who text);
    CREATE FUNCTION tools.touch() RETURNS void LANGUAGE sql RETURN NULL;
    CREATE FUNCTION tools.touch(text) RETURNS void LANGUAGE sql RETURN NULL;
    CREATE PROCEDURE tools.proc(text) LANGUAGE plpgsql AS 'BEGIN END';
    CREATE TABLE public.standing (a integer);
    GRANT CREATE ON SCHEMA public TO ordinary;
"""
LEFT = """
    SELECT evtname FROM pg_event_trigger
    UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE obj_description(oid, 'pg_proc') LIKE 'xtrig:%'
    UNION ALL SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p'
        AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema|tools)')
        AND oid <> 'public.standing'::regclass
"""
COMMANDS = (
    "CREATE TABLE public.probe (a integer, b text)",
    "ALTER TABLE public.probe ALTER COLUMN a TYPE bigint",
    "ALTER TABLE public.probe DROP COLUMN b",
    "COMMENT ON TABLE public.probe IS 'x'",
    "DROP TABLE public.probe",
)


@pytest.fixture(scope="module")
def place(server18: EmbeddedServer) -> Iterator[Side]:
    names = [psycopg.sql.Identifier(name).as_string() for name in ROLES]
    with side(server18, "model") as place:
        place.admin.execute("CREATE ROLE ordinary LOGIN")
        for name in names:
            place.admin.execute(f"CREATE ROLE {name}".encode())
        place.admin.execute(TOOLS)
        try:
            yield place
        finally:
            place.admin.execute("SET event_triggers = off; DROP OWNED BY ordinary")
            place.admin.execute(f"DROP ROLE ordinary, {', '.join(names)}".encode())


class Deployed:
    """A definition on the server, for as long as the block lasts."""

    def __init__(self, place: Side, triggers: xtrig.TriggerSet) -> None:
        self.place = place
        self.scripts = xtrig.render(triggers), xtrig.render(triggers, drop=True, with_data=True)

    def __enter__(self) -> Deployed:
        self._run(self.scripts[0])
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self.scripts[1])
        assert self.place.admin.execute(LEFT).fetchall() == []

    def _run(self, script: xtrig.Script) -> None:
        try:
            execute(self.place.admin, script)
        except BaseException:
            clear(self.place)
            raise

    def log_in(self) -> str | None:
        """Log in and out as an ordinary role; return what the client heard if the server refused."""
        try:
            self.place.database.connect("ordinary").close()
        except psycopg.OperationalError as error:
            return str(error)
        return None


def clear(place: Side) -> None:
    """Take away by hand what a failed script may have left."""
    place.admin.execute("ROLLBACK")
    place.admin.execute("SET event_triggers = off")
    for (name,) in place.admin.execute("SELECT quote_ident(evtname) FROM pg_event_trigger").fetchall():
        place.admin.execute(f"DROP EVENT TRIGGER {name}".encode())
    place.admin.execute('DROP SCHEMA IF EXISTS audit, "Odd ""S""", public CASCADE; CREATE SCHEMA public')
    place.admin.execute("CREATE TABLE public.standing (a integer)")
    place.admin.execute("GRANT ALL ON SCHEMA public TO ordinary; RESET event_triggers")


def accepted(given: Data) -> xtrig.TriggerSet:
    """Return the definition if xtrig would render it."""
    triggers = xtrig.TriggerSet.model_validate(given)
    with suppress(xtrig.DefinitionError, xtrig.RefusedError):
        xtrig.render(triggers)
        return triggers
    assume(False)
    raise AssertionError


def fires(trigger: ResolvedTrigger) -> bool:
    return trigger.event == "logon" and trigger.enable in ("origin", "always")


def denies(trigger: ResolvedTrigger) -> bool:
    """Whether the trigger denies every login: by a step that nothing stands before."""
    return fires(trigger) and any(
        isinstance(step, Deny) and (step.when is None or step.when == "true") for step in trigger.function.steps
    )


def may_deny_ddl(trigger: ResolvedTrigger) -> bool:
    return not trigger.event.is_session and any(isinstance(visit.step, Deny) for visit in walk(trigger.function))


@settings(max_examples=CASES)
@given(given=definitions(sound=True))
def test_a_sound_definition_lets_an_ordinary_role_in_and_its_ddl_through(place: Side, given: Data) -> None:
    triggers = accepted(given)
    with Deployed(place, triggers) as deployed:
        assert deployed.log_in() is None
        with place.database.connect("ordinary") as session:
            if not any(may_deny_ddl(trigger) for trigger in resolve(triggers).triggers):
                for command in COMMANDS:
                    session.execute(command)


@settings(max_examples=CASES)
@given(given=definitions(sound=False))
def test_a_definition_whose_steps_fail_lets_an_ordinary_role_in_where_errors_allow_it(place: Side, given: Data) -> None:
    with Deployed(place, accepted(given)) as deployed:
        assert [deployed.log_in(), deployed.log_in()] == [None, None]


@settings(max_examples=CASES // 2)
@given(given=definitions(sound=True, may_deny=True))
def test_a_sound_definition_that_denies_every_login_keeps_an_ordinary_role_out(place: Side, given: Data) -> None:
    triggers = accepted(given)
    with Deployed(place, triggers) as deployed:
        refused = deployed.log_in() is not None
        assert refused or not any(denies(trigger) for trigger in resolve(triggers).triggers)


@settings(max_examples=CASES // 4)
@given(given=definitions(sound=True))
def test_a_second_run_of_the_same_script_changes_nothing(place: Side, given: Data) -> None:
    state = "SELECT oid, evtname, evtenabled, evtfoid FROM pg_event_trigger ORDER BY 1"
    with Deployed(place, accepted(given)) as deployed:
        before = place.admin.execute(state).fetchall()
        execute(place.admin, deployed.scripts[0])
        assert place.admin.execute(state).fetchall() == before
