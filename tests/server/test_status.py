"""``xtrig status`` on a server: what happened to each object, for whoever asks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.server.conftest import on_17_and_18
from tests.server.deployed import AUDIT, NO_DROP, Here

pytestmark = pytest.mark.server

WITH_DDL = AUDIT + '  on_drop: {event: sql_drop, steps: [{insert: log, values: {at: "${now}", who: "${tag}"}}]}\n'
IN_SYNC = {
    "schema audit": "in sync",
    "table audit.log": "in sync",
    "function audit.note": "in sync",
    "function audit.on_drop": "in sync",
    "trigger on_logon": "in sync",
    "trigger on_drop": "in sync",
}
KEEPER_LIKE = """
CREATE FUNCTION audit.xtrig_canary_1() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
COMMENT ON FUNCTION audit.xtrig_canary_1() IS 'xtrig:1::first'
"""


@pytest.fixture
def stranger(here: Here) -> Iterator[str]:
    here.admin.execute("CREATE ROLE stranger LOGIN")
    yield "stranger"
    here.admin.execute("DROP OWNED BY stranger CASCADE; DROP ROLE stranger")


@on_17_and_18("here")
def test_nothing_there_is_missing(here: Here) -> None:
    said = here.run("status", AUDIT)
    assert (said.code, said.err) == (2, "")
    assert [line.split("  ")[0] for line in said.out.splitlines()[2:]] == ["missing"] * 4
    assert set(here.conditions(WITH_DDL)) == set(IN_SYNC)


@on_17_and_18("here")
def test_what_was_applied_is_in_sync(here: Here) -> None:
    here.apply(WITH_DDL)
    assert here.conditions(WITH_DDL) == IN_SYNC
    said = here.run("status", WITH_DDL)
    assert (said.code, said.err) == (0, "")


@pytest.mark.parametrize(
    ("harm", "harmed"),
    [
        ("ALTER EVENT TRIGGER on_drop DISABLE", {"trigger on_drop": "disabled"}),
        ("ALTER EVENT TRIGGER on_logon DISABLE", {"trigger on_logon": "disabled"}),
        ("ALTER EVENT TRIGGER on_drop ENABLE ALWAYS", {"trigger on_drop": "tampered"}),
        ("DROP EVENT TRIGGER on_logon", {"trigger on_logon": "missing"}),
        (
            "ALTER EVENT TRIGGER on_drop RENAME TO off_drop",
            {"trigger on_drop": "missing", "trigger off_drop": "surplus"},
        ),
        ("ALTER FUNCTION audit.note() SECURITY INVOKER", {"function audit.note": "tampered"}),
        ("ALTER FUNCTION audit.note() SET search_path = public", {"function audit.note": "tampered"}),
        ("ALTER FUNCTION audit.note() RESET ALL", {"function audit.note": "tampered"}),
        ("COMMENT ON FUNCTION audit.note() IS NULL", {"function audit.note": "foreign"}),
        ("COMMENT ON FUNCTION audit.note() IS 'xtrig:1:0:other'", {"function audit.note": "foreign"}),
        ("ALTER TABLE audit.log DROP COLUMN who", {"table audit.log": "tampered"}),
        ("ALTER TABLE audit.log ADD COLUMN more integer", {}),
        ("ALTER TABLE audit.log ALTER COLUMN who TYPE varchar(9)", {"table audit.log": "tampered"}),
        ("ALTER TABLE audit.log RENAME TO diary", {"table audit.log": "missing", "table audit.diary": "kept"}),
        (KEEPER_LIKE, {"function audit.xtrig_canary_1": "left behind"}),
    ],
    ids=lambda value: value.partition(";")[0].strip()[:60] if isinstance(value, str) else "",
)
def test_what_was_done_by_hand_is_told(harm: str, harmed: dict[str, str], here: Here) -> None:
    here.apply(WITH_DDL)
    here.admin.execute(harm.encode())
    found = here.conditions(WITH_DDL)
    assert {name: found.get(name) for name in harmed} == harmed
    assert {**found, **harmed} == {**IN_SYNC, **found, **harmed}
    assert all(condition == "in sync" for name, condition in found.items() if name not in harmed)
    assert here.run("status", WITH_DDL).code == (2 if harmed else 0)


def test_a_body_changed_by_hand_is_not_taken_for_an_older_one(here: Here) -> None:
    here.apply(AUDIT)
    newer = AUDIT.replace("${login_user}", "${client_ip}")
    assert here.conditions(newer)["function audit.note"] == "outdated"
    here.admin.execute(
        "CREATE OR REPLACE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END'"
    )
    assert here.conditions(newer)["function audit.note"] == "tampered"
    assert here.conditions(AUDIT)["function audit.note"] == "tampered"


def test_another_owner_is_told_apart(here: Here, stranger: str) -> None:
    here.apply(AUDIT)
    here.admin.execute(f"ALTER TABLE audit.log OWNER TO {stranger}".encode())
    here.admin.execute(f"ALTER FUNCTION audit.note() OWNER TO {stranger}".encode())
    found = here.conditions(AUDIT)
    assert found["table audit.log"] == found["function audit.note"] == "owner changed"
    assert here.run("status", AUDIT).code == 2
    assert "owner: stranger -> postgres" in here.run("status", AUDIT).out


def test_a_table_of_somebody_who_could_become_superuser_by_it_is_a_problem_and_stops_a_plan(
    here: Here, stranger: str
) -> None:
    here.apply(AUDIT)
    here.admin.execute(f"ALTER TABLE audit.log OWNER TO {stranger}".encode())
    problem = "! table audit.log belongs to stranger, who could become superuser by it; use one of your own\n"
    assert problem in here.run("status", AUDIT).out
    said = here.run("plan", AUDIT)
    assert said.code == 1
    assert problem in said.out


def test_a_set_that_shrank_has_surplus_and_keeps_its_tables(here: Here) -> None:
    more = WITH_DDL.replace("tables:\n", "tables:\n  old: {columns: {a: text}}\n")
    here.apply(more)
    found = here.conditions(AUDIT)
    assert found["trigger on_drop"] == found["function audit.on_drop"] == "surplus"
    assert found["table audit.old"] == "kept"
    assert here.run("status", AUDIT).code == 2
    here.apply(AUDIT, prune=True)
    assert here.conditions(AUDIT)["table audit.old"] == "kept"
    assert here.run("status", AUDIT).code == 0


def test_another_set_is_nobodys_business(here: Here) -> None:
    here.apply(NO_DROP)
    here.apply(AUDIT)
    assert "trigger no_drop" not in here.conditions(AUDIT)
    assert here.run("status", AUDIT).code == 0


@on_17_and_18("here")
def test_an_ordinary_role_sees_what_a_superuser_sees(here: Here, stranger: str) -> None:
    here.apply(WITH_DDL)
    here.admin.execute("REVOKE ALL ON SCHEMA audit FROM PUBLIC")
    here.admin.execute("ALTER EVENT TRIGGER on_drop DISABLE")
    said = here.run("status", WITH_DDL, "--format", "json", url=here.site.url(stranger))
    assert (said.code, said.err) == (2, "")
    assert said.data == json.loads(here.run("status", WITH_DDL, "--format", "json").out)


def test_event_triggers_switched_off_on_the_server_are_a_problem(here: Here) -> None:
    here.apply(AUDIT)
    name = here.site.database.name
    here.admin.execute(f"ALTER DATABASE {name} SET event_triggers = off".encode())
    said = here.run("status", AUDIT)
    assert said.code == 2
    problem, last = said.out.splitlines()[-2:]
    assert problem == "! event_triggers is off here, so nothing would fire; set it to on, then deploy"
    assert last.startswith("last: apply by postgres at ")


def test_status_is_data(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute("ALTER EVENT TRIGGER on_logon DISABLE")
    said = here.run("status", AUDIT, "--format", "json")
    assert said.data["in_sync"] is False
    assert said.data["set"] == "first"
    assert said.data["objects"][-1] == {
        "kind": "trigger",
        "name": "on_logon",
        "condition": "disabled",
        "differences": [{"attribute": "enabled", "live": "disabled", "wanted": "origin"}],
    }


@on_17_and_18("here")
def test_every_harm_is_repaired_by_applying_again(here: Here) -> None:
    here.apply(WITH_DDL)
    here.admin.execute("ALTER EVENT TRIGGER on_drop DISABLE; DROP EVENT TRIGGER on_logon")
    here.admin.execute("ALTER FUNCTION audit.note() SECURITY INVOKER")
    here.admin.execute("CREATE ROLE other_dba SUPERUSER; ALTER FUNCTION audit.on_drop() OWNER TO other_dba")
    here.admin.execute(KEEPER_LIKE.encode())
    here.apply(WITH_DDL)
    assert here.conditions(WITH_DDL) == IN_SYNC
