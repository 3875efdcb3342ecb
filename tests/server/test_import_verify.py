"""``xtrig import --verify``: each script beside what was imported of it, on PostgreSQL 18."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.import_samples import SAMPLES, Sample
from xtrig.errors import UsageError
from xtrig.importer import Assembled, import_script
from xtrig.model import TriggerSet
from xtrig.verify import verify, verify_on
from xtrig_pgfamily.driver.address import address_for
from xtrig_pgfamily.embedded.server import EmbeddedServer
from xtrig_pgfamily.trial import PostgreSQLTrialServer
from xtrig_pgfamily.trial.servers import Server

pytestmark = pytest.mark.server

SCRIPTS = Path(__file__).parents[1] / "import"
FREQUENT = ("CREATE TABLE", "ALTER TABLE", "DROP TABLE", "CREATE VIEW", "COMMENT", "GRANT", "DROP FUNCTION")
QUICK = frozenset(
    {
        "loop with a field of its own",
        "update with a returned value",
        "kept, with clauses that came later",
        "settings for the session",
        "what pg_dump writes",
        "a refusal with all that it can say",
        "variables along branches",
        "PostgREST's watchers",
    }
)


@pytest.fixture
def server(server18: EmbeddedServer) -> PostgreSQLTrialServer:
    address = address_for(server18.conninfo(tcp=True))
    return PostgreSQLTrialServer(Server(address, "postgres", "the server of the tests", 18, None, is_own=True))


def weighed(sample: Sample) -> object:
    marks = () if sample.name in QUICK else (pytest.mark.slow,)
    return pytest.param(sample, id=sample.name, marks=marks)


ON_POSTGRESQL = [each for each in SAMPLES if each.dialect == "postgresql" and each.becomes != "refused"]


@pytest.mark.parametrize("sample", [weighed(each) for each in ON_POSTGRESQL])
def test_a_sample_does_what_it_did(sample: Sample, server: PostgreSQLTrialServer) -> None:
    found = verify_on(server, sample.imported(), sample.dialect, most=FREQUENT)
    assert found.actions >= 6
    assert found.differences == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ours-inferred-logoff", "seed-init_session", "seed-no_rewrite"])
def test_a_script_does_what_it_did(name: str, server: PostgreSQLTrialServer) -> None:
    assert verify_on(server, read(name), "postgresql").differences == ()


def read(name: str) -> Assembled:
    return import_script((SCRIPTS / f"{name}.sql").read_bytes(), "postgresql", f"{name}.sql")


def changed(result: Assembled, **fields: object) -> Assembled:
    """Return an import whose trigger t was changed by hand."""
    data = result.triggers.to_dict()
    data["functions"]["f"] |= fields
    return Assembled(TriggerSet.model_validate(data), result.findings, result.origin, result.original)


WELCOME = """
CREATE TABLE public.l (who text, what text);
GRANT INSERT ON public.l TO PUBLIC;
CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF session_user = 'nobody' THEN RAISE EXCEPTION 'no'; END IF;
  INSERT INTO public.l VALUES (session_user, 'a');
  SET work_mem = '8MB';
  RAISE NOTICE 'welcome';
END $$;
CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION public.f();
"""
NO = {"deny": "no", "when": "${login_user} = 'nobody'", "sqlstate": "P0001"}
ROW = {"insert": "l", "values": {"who": "${login_user}", "what": "'a'"}}
STEPS: tuple[dict[str, object], ...] = (
    NO,
    ROW,
    {"set": "work_mem", "value": "'8MB'"},
    {"log": "welcome", "level": "notice"},
)


@pytest.mark.parametrize(
    ("number", "other", "said"),
    [
        (
            0,
            {"deny": "never", "when": "${login_user} = 'nobody'", "sqlstate": "P0001"},
            "refusal: the script 'FATAL: no'",
        ),
        (0, {"deny": "no", "when": "${login_user} = 'nobody'"}, "SQLSTATE: the script 'P0001', the definition '42501'"),
        (
            1,
            {"insert": "l", "values": {"who": "${login_user}", "what": "'b'"}},
            "rows: the script 'public.l: what=a, who=",
        ),
        (2, {"set": "work_mem", "value": "'9MB'"}, "settings of the session: the script 'work_mem: 8MB'"),
        (3, {"log": "welcome"}, "messages to the client: the script 'NOTICE: welcome'"),
    ],
)
def test_a_difference_is_found(number: int, other: dict[str, object], said: str, server: PostgreSQLTrialServer) -> None:
    result = import_script(WELCOME.encode(), "postgresql", "a.sql")
    assert changed(result, steps=STEPS).triggers == result.triggers
    steps = [other if place == number else step for place, step in enumerate(STEPS)]
    found = verify_on(server, changed(result, steps=steps), "postgresql")
    assert any(said in line for line in found.differences), found


def test_a_constraint_that_no_definition_says_is_announced(server: PostgreSQLTrialServer) -> None:
    found = verify_on(server, read("mixed-bag"), "postgresql", most=FREQUENT)
    assert found.differences == ()
    assert any(": rows: " in line and line.endswith("[XT406]") for line in found.announced)
    # Without that finding the same difference is one that nothing has announced.
    imported = read("mixed-bag")
    unsaid = replace(imported, findings=tuple(each for each in imported.findings if each.code != "XT406"))
    assert verify_on(server, unsaid, "postgresql", most=FREQUENT).differences != ()


CONSTRAINED = """
CREATE TABLE public.other (who text);
CREATE TABLE public.l (who text CHECK (who IS NULL), n int DEFAULT 1 UNIQUE);
CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.other VALUES (session_user);
  INSERT INTO public.l (who) VALUES (session_user);
END $$;
CREATE EVENT TRIGGER t ON login EXECUTE FUNCTION public.f();
"""


def test_a_refusal_by_a_constraint_is_announced(server: PostgreSQLTrialServer) -> None:
    result = import_script(CONSTRAINED.encode(), "postgresql", "a.sql")
    found = verify_on(server, result, "postgresql")
    assert found.differences == ()
    assert any("violates check constraint" in line and line.endswith("[XT406]") for line in found.announced)


def test_rows_of_a_table_without_a_constraint_are_not_announced_by_that_of_another(
    server: PostgreSQLTrialServer,
) -> None:
    caught = CONSTRAINED.replace("END $$", "EXCEPTION WHEN OTHERS THEN RAISE LOG 'x'; END $$")
    found = verify_on(server, import_script(caught.encode(), "postgresql", "a.sql"), "postgresql")
    assert found.differences
    assert all(": rows: " in line and "public.other" in line for line in found.differences)


def test_a_dialect_without_a_server_says_so() -> None:
    result = import_script((SCRIPTS / "seed-users-log.sql").read_bytes(), "polardb", "a.sql")
    with pytest.raises(UsageError, match="has no server on which --verify could run"):
        verify(result, "polardb")
