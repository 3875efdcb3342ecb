"""What became of a set since: renamed without --prune, made by an older xtrig, copied, its exempt roles gone."""

from __future__ import annotations

from pathlib import Path

import pytest

import xtrig
from tests.server.deployed import AUDIT, Here
from xtrig.checks import examine
from xtrig.connect import open_place
from xtrig.deploy import RefusedPlanError, apply, load_plan
from xtrig.deploy.target import find_target
from xtrig.marks import mark
from xtrig_pgfamily.objects import Function

pytestmark = pytest.mark.server

RENAMED = AUDIT.replace("on_logon", "on_login")
EXEMPT = AUDIT.replace("functions:\n  note: {", "functions:\n  note: {exempt_roles: [postgres, dba_gone], ")


def rows(here: Here) -> int:
    row = here.admin.execute("SELECT count(*) FROM audit.log WHERE who = 'postgres'").fetchone()
    assert row is not None
    return int(row[0])


def test_a_renamed_trigger_is_at_work_twice_until_it_is_pruned_and_every_command_says_so(here: Here) -> None:
    here.apply(AUDIT)
    first = here.run("apply", RENAMED)
    again = here.run("apply", RENAMED)
    assert (first.code, again.code) == (2, 2)
    left = "trigger on_logon is of this set, no more in the definition, and still at work: --prune drops it"
    assert left in first.out
    assert left in again.out
    assert "Nothing to do" not in again.out
    before = rows(here)
    here.site.database.connect().close()
    assert rows(here) == before + 2
    assert (here.run("plan", RENAMED).code, here.run("status", RENAMED).code) == (2, 2)
    assert here.run("apply", RENAMED, "--format", "json").data["surplus"] == ["trigger on_logon"]
    assert here.run("apply", RENAMED, "--prune").code == 0
    assert here.run("status", RENAMED).code == 0


def test_a_table_that_is_wanted_no_more_is_no_difference(here: Here) -> None:
    more = AUDIT.replace("  log: {", "  old: {columns: {who: text}}\n  log: {")
    here.apply(more)
    assert here.run("apply", AUDIT).code == 0


@pytest.mark.parametrize("verb", ["plan", "apply", "status"])
def test_a_role_that_is_exempt_and_not_there_is_said(verb: str, here: Here) -> None:
    said = here.run(verb, EXEMPT)
    assert "role dba_gone is exempt and does not exist" in said.out + said.err


ASKING = """
xtrig: 1
triggers:
  gate:
    event: logon
    exempt_roles: [postgres]
    steps:
      - {deny: "no contractors", when: "${member_of('contractrs')}"}
      - {deny: "by night", when: "NOT ${member_of('night shift')} AND ${hour_utc} = 25"}
      - {log: "${member_of('pg_monitor')}"}
"""


@pytest.mark.parametrize("verb", ["plan", "apply", "status"])
def test_a_role_of_which_nobody_can_be_a_member_is_said(verb: str, here: Here) -> None:
    said = here.run(verb, ASKING)
    for role in ("contractrs", '"night shift"'):
        assert f"role {role} does not exist, and so no one is a member_of it" in said.out + said.err
    assert "pg_monitor does not exist" not in said.out + said.err


def test_the_doctor_names_it_too_once_the_trigger_is_there(here: Here) -> None:
    here.apply(EXEMPT)
    said = here.say("doctor", "--url", here.url)
    assert "missing-exempt-role" in said.out
    assert "dba_gone" in said.out


def test_the_preset_with_a_break_glass_role_says_that_it_is_not_there(here: Here) -> None:
    policy = here.say("init", "-", "--preset", "login-policy").out
    said = here.run("plan", policy)
    assert "role dba_emergency is exempt and does not exist" in said.out + said.err


def test_what_an_older_xtrig_rendered_is_outdated_and_not_tampered_with(here: Here) -> None:
    here.apply(AUDIT)
    text = "BEGIN INSERT INTO audit.log (at, who) VALUES (now(), session_user); END"
    settings = "SET search_path = pg_catalog, pg_temp SECURITY DEFINER"
    function = "CREATE OR REPLACE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql"
    here.admin.execute(f"{function} {settings} AS '{text}'".encode())
    with open_place(here.url, None) as place, place.session.reading():
        target = find_target(examine(xtrig.load_text(AUDIT)), place.session, None)
        objects = target.inventory(place.session).objects
    (found,) = [each for each in objects if isinstance(each, Function) and each.path == ("audit", "note")]
    assert here.conditions(AUDIT)["function audit.note"] == "tampered"
    here.admin.execute(f"COMMENT ON FUNCTION audit.note() IS '{mark(found.state, 'first')}'".encode())
    assert here.conditions(AUDIT)["function audit.note"] == "outdated"
    assert (here.run("plan", AUDIT).code, here.run("status", AUDIT).code) == (2, 2)
    assert here.run("apply", AUDIT).code == 0
    assert here.run("status", AUDIT).code == 0


def test_a_copied_database_is_in_sync_and_takes_no_plan_of_the_other(here: Here, tmp_path: Path) -> None:
    here.apply(AUDIT)
    file = tmp_path / "plan.json"
    assert here.run("plan", AUDIT.replace("${now}", "now()"), "--out", str(file)).code == 2
    server, name = here.site.database.server, here.site.database.name
    with server.connect() as root:
        here.admin.close()
        root.execute(f"CREATE DATABASE {name}_copy TEMPLATE {name}".encode())
        try:
            there = server.url(database=f"{name}_copy")
            assert here.run("status", AUDIT, url=there).code == 0
            assert here.run("plan", AUDIT, url=there).code == 0
            with pytest.raises(RefusedPlanError, match="is another one"):
                apply(load_plan(file), there)
            root.execute(f"ALTER DATABASE {name}_copy RENAME TO {name}_renamed".encode())
            assert here.run("status", AUDIT, url=server.url(database=f"{name}_renamed")).code == 0
        finally:
            for each in (f"{name}_copy", f"{name}_renamed"):
                root.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)".encode())
