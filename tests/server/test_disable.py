"""``xtrig disable`` and ``enable``, marks of other versions, and the history of deployments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.conftest import on_17_and_18
from tests.server.deployed import AUDIT, QUICK, Here
from xtrig import ProofError, RefusedPlanError, disable, enable, load_text
from xtrig.deploy import Canary

pytestmark = pytest.mark.server

SET = (
    AUDIT
    + '  on_drop: {event: sql_drop, enable: always, steps: [{insert: log, values: {at: "${now}", who: "${tag}"}}]}\n'
    + "  asleep: {event: sql_drop, enable: disabled, steps: [{log: x}]}\n"
)
STATES = "SELECT evtname, evtenabled::text FROM pg_event_trigger ORDER BY 1"
ENTRIES = (
    "SELECT command, set_name, role, xtrig, before, after, changes, proofs FROM xtrig.deployments ORDER BY deployed_at"
)


def states(here: Here) -> dict[str, str]:
    return dict(here.admin.execute(STATES).fetchall())  # type: ignore[arg-type]


def triggers(here: Here, definition: str = SET) -> dict[str, str]:
    return {
        name.removeprefix("trigger "): condition
        for name, condition in here.conditions(definition).items()
        if name.startswith("trigger ")
    }


@on_17_and_18("here")
def test_what_is_disabled_is_said_kept_and_enabled_again(here: Here) -> None:
    here.apply(SET)
    said = here.run("disable", SET)
    assert (said.code, said.err.count("rror")) == (0, 0)
    assert states(here) == {"asleep": "D", "on_drop": "D", "on_logon": "D"}
    assert triggers(here) == {"asleep": "in sync", "on_drop": "disabled", "on_logon": "disabled"}
    status = here.run("status", SET)
    assert (status.code, "xtrig enable enables them again" in status.out) == (2, True)
    planned = here.run("plan", SET)
    assert planned.code == 2
    assert "? trigger on_logon: disabled with xtrig disable, and stays so" in planned.out
    assert here.run("disable", SET).out.endswith("Nothing to do: no trigger of the set was enabled.\n")
    assert here.run("enable", SET, "--login-timeout", "5").code == 0
    assert states(here) == {"asleep": "D", "on_drop": "A", "on_logon": "O"}
    assert here.run("status", SET).code == 0
    assert here.changes(SET) == []


def test_apply_changes_what_else_differs_and_leaves_the_triggers_disabled(here: Here) -> None:
    here.apply(AUDIT)
    disable(load_text(AUDIT), here.url)
    newer = AUDIT.replace("${login_user}", "${client_ip}") + "  added: {event: logon, steps: [{log: new}]}\n"
    said = here.run("apply", newer, "--login-timeout", "5", "--format", "json")
    assert said.code == 2
    assert sorted(said.data["disabled"]) == ["trigger added", "trigger on_logon"]
    assert states(here) == {"added": "D", "on_logon": "D"}
    assert set(here.conditions(newer).values()) == {"in sync", "disabled"}
    again = here.run("apply", newer, "--login-timeout", "5")
    assert (again.code, "stays so; enable it with xtrig enable" in again.out) == (2, True)
    enable(load_text(newer), here.url, canary=QUICK)
    assert states(here) == {"added": "O", "on_logon": "O"}
    assert here.run("status", newer).code == 0


def test_what_was_tampered_with_stays_so_while_it_is_disabled(here: Here) -> None:
    here.apply(SET)
    here.admin.execute("ALTER EVENT TRIGGER on_drop ENABLE REPLICA")
    disable(load_text(SET), here.url)
    assert triggers(here)["on_drop"] == "tampered"
    enable(load_text(SET), here.url, canary=QUICK)
    assert states(here)["on_drop"] == "R"
    assert triggers(here)["on_drop"] == "tampered"


def test_one_that_was_enabled_by_hand_is_seen_and_only_its_mark_changes_at_the_end(here: Here) -> None:
    here.apply(AUDIT)
    disable(load_text(AUDIT), here.url)
    here.admin.execute("ALTER EVENT TRIGGER on_logon ENABLE")
    assert triggers(here, AUDIT) == {"on_logon": "outdated"}
    assert here.changes(AUDIT) == ["comment trigger on_logon"]
    here.apply(AUDIT)
    assert here.run("status", AUDIT).code == 0


def test_one_that_was_disabled_by_hand_is_enabled_as_the_definition_says(here: Here) -> None:
    here.apply(SET)
    here.admin.execute("ALTER EVENT TRIGGER on_drop DISABLE")
    report = enable(load_text(SET), here.url, canary=QUICK)
    assert (report.changes, states(here)["on_drop"]) == (["enable trigger on_drop"], "A")


def test_a_trigger_that_would_refuse_logins_is_disabled_again(here: Here) -> None:
    here.apply(AUDIT)
    disable(load_text(AUDIT), here.url)
    here.admin.execute(
        "CREATE OR REPLACE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "'BEGIN RAISE EXCEPTION ''nobody''; END'"
    )
    with pytest.raises(ProofError, match="nobody"):
        enable(load_text(AUDIT), here.url, canary=Canary(login_timeout=5, rounds=0))
    assert states(here) == {"on_logon": "D"}
    here.site.database.connect().close()


def test_a_trigger_that_refuses_everybody_can_be_disabled(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute(
        "CREATE OR REPLACE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "'BEGIN RAISE EXCEPTION ''nobody''; END'"
    )
    assert here.run("disable", AUDIT).code == 0
    here.site.database.connect().close()


def test_in_a_transaction_of_the_callers_it_is_part_of_it(here: Here) -> None:
    from sqlalchemy import create_engine

    here.apply(AUDIT)
    engine = create_engine(here.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        report = disable(load_text(AUDIT), connection)
        assert report.changes == ["disable trigger on_logon"]
        assert "disabled" in triggers_of(connection)
        connection.rollback()
    assert states(here) == {"on_logon": "O"}
    with engine.begin() as connection:
        disable(load_text(AUDIT), connection)
    engine.dispose()
    assert states(here) == {"on_logon": "D"}
    assert [row[0] for row in here.admin.execute(ENTRIES)] == ["apply", "disable"]


def triggers_of(connection: Any) -> list[str]:
    import xtrig

    return [str(each.condition) for each in xtrig.status(load_text(AUDIT), connection).objects]


VERSIONED = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT oid::regprocedure AS f, obj_description(oid, 'pg_proc') AS said FROM pg_proc
        WHERE proname = 'note'
    LOOP EXECUTE format('COMMENT ON FUNCTION %s IS %L', each.f, regexp_replace(each.said, '^xtrig:[^:]*', 'xtrig:{}'));
    END LOOP; END $$
"""
OTHER = AUDIT.replace("${login_user}", "${client_ip}")


@pytest.mark.parametrize("head", ["1", "1/0.0.9", "1/9.0.0", "2/9.0.0", "2/9.0.0/later=x"])
def test_what_another_version_worded_otherwise_is_outdated_and_never_tampered(head: str, here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute(VERSIONED.format(head).encode())
    assert here.conditions(AUDIT)["function audit.note"] == "in sync"
    assert here.conditions(OTHER)["function audit.note"] == "outdated"


def test_a_hash_of_another_format_is_no_sign_of_tampering(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute(VERSIONED.format("2/9.0.0:0123456789abcdef:first\n--").encode())
    assert here.conditions(OTHER)["function audit.note"] == "outdated"


def test_an_older_version_does_not_change_back_what_a_newer_one_made(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute(VERSIONED.format("1/9.0.0").encode())
    assert here.run("plan", AUDIT).code == 0
    said = here.run("plan", OTHER)
    assert said.code == 1
    assert "! function audit.note was made by xtrig 9.0.0" in said.out
    with pytest.raises(RefusedPlanError, match="take it over with --adopt"):
        here.apply(OTHER)
    here.apply(OTHER, adopt=True)
    assert here.run("status", OTHER).code == 0


def test_a_plan_names_the_older_version_that_made_what_it_changes(here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute(VERSIONED.format("1/0.0.9").encode())
    said = here.run("plan", OTHER)
    assert (said.code, "xtrig 0.0.9 has made some of what is to be changed" in said.err) == (2, True)
    here.apply(OTHER)
    assert "0.0.9" not in here.run("plan", AUDIT).err


@on_17_and_18("here")
def test_the_history_says_who_did_what_from_what_to_what(here: Here) -> None:
    from xtrig import __version__

    here.apply(AUDIT)
    here.apply(AUDIT)  # nothing to do is no deployment
    here.apply(OTHER)
    disable(load_text(OTHER), here.url)
    here.run("drop", OTHER)
    found = here.admin.execute(ENTRIES).fetchall()
    assert [row[0] for row in found] == ["apply", "apply", "disable", "drop"]
    assert {row[1:4] for row in found} == {("first", "postgres", __version__)}
    assert [row[4] for row in found] == ["", *(row[5] for row in found[:-1])]
    assert len({row[5] for row in found}) == 4
    assert "create trigger on_logon" in found[0][6]
    assert any("login as postgres (live)" in proof for proof in found[0][7])
    here.run("drop", OTHER, "--with-data")
    assert here.admin.execute("SELECT to_regnamespace('xtrig')").fetchone() == (None,)


def test_status_shows_the_last_deployment_to_everybody(here: Here) -> None:
    here.apply(AUDIT)
    last = here.status(AUDIT).last
    assert last is not None
    assert (last.command, last.role, last.before) == ("apply", "postgres", "")
    said = here.run("status", AUDIT).out.splitlines()[-1]
    assert said.startswith(f"last: apply by postgres at {last.at}, xtrig ")
    assert here.status(AUDIT.replace("name: first", "name: second")).last is None


def test_a_set_that_refuses_ddl_does_not_keep_its_own_deployment_out_of_the_history(here: Here) -> None:
    nobody = "xtrig: 1\nname: second\nschema: guard\ntriggers:\n  no: {event: ddl_command_start, steps: [{deny: no}]}\n"
    report = here.apply(nobody)
    assert report.notes == []
    with here.site.database.connect() as other, pytest.raises(Exception, match="no"):
        other.execute("CREATE TABLE x ()")
    assert [row[0] for row in here.admin.execute(ENTRIES)] == ["apply"]


@pytest.mark.parametrize("given", ["null", "5", "true", '{"a": 1}', '"text"'])
def test_an_entry_that_its_owner_has_rewritten_is_shown_as_it_is(given: str, here: Here) -> None:
    here.apply(AUDIT)
    here.admin.execute("UPDATE xtrig.deployments SET changes = %s, unproved = '[null, 1]'", [given])
    last = here.status(AUDIT).last
    assert last is not None
    assert (last.changes, last.unproved) == ((given,), ("None", "1"))


SQUATTED = [
    "CREATE SCHEMA xtrig AUTHORIZATION mallory",
    "CREATE SCHEMA xtrig; CREATE TABLE xtrig.deployments (a int); ALTER TABLE xtrig.deployments OWNER TO mallory",
    "CREATE SCHEMA xtrig; GRANT CREATE ON SCHEMA xtrig TO mallory",
    "CREATE SCHEMA xtrig; CREATE VIEW xtrig.deployments AS SELECT 1; ALTER VIEW xtrig.deployments OWNER TO mallory",
]


@pytest.mark.parametrize("squatted", SQUATTED)
def test_what_somebody_else_has_put_in_its_place_is_neither_read_nor_written(squatted: str, here: Here) -> None:
    here.admin.execute("CREATE ROLE mallory LOGIN")
    try:
        here.admin.execute(squatted.encode())
        report = here.apply(AUDIT)
        assert len([note for note in report.notes if "not in the history" in note and "mallory" in note]) == 1
        assert here.status(AUDIT).last is None
    finally:
        here.admin.execute("DROP OWNED BY mallory CASCADE; DROP ROLE mallory")
