"""Saved plans on a server: what was reviewed is applied, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import xtrig
from tests.server.deployed import AUDIT, NO_DROP, Here
from xtrig.deploy import RefusedPlanError, load_plan, save_plan

pytestmark = pytest.mark.server

WITH_DDL = AUDIT + '  on_drop: {event: sql_drop, steps: [{insert: log, values: {at: "${now}", who: "${tag}"}}]}\n'


def test_a_saved_plan_is_applied_once(here: Here, tmp_path: Path) -> None:
    saved = str(tmp_path / "plan.json")
    assert here.run("plan", AUDIT, "--out", saved).code == 2
    assert here.run("apply", None, "--plan", saved).code == 0
    assert here.status(AUDIT).is_in_sync
    said = here.run("apply", None, "--plan", saved)
    assert (said.code, said.out) == (1, "")
    assert "is not as it was when the plan was made" in said.err
    assert said.err.count("\n") <= 2


FOUND = {
    "at two places": """
xtrig: 1
schema: audit
triggers:
  on_drop: {event: sql_drop, steps: [{deny: "not you", when: "${login_user} <> 'postgres'"}]}
  a_create: {event: ddl_command_start, tags: [CREATE TABLE], steps: [{deny: "nor you", when: "${login_user} = 'x'"}]}
""",
    "in a table": AUDIT.replace("timestamptz", "timestamp"),
}


@pytest.mark.parametrize("definition", FOUND.values(), ids=FOUND)
def test_a_plan_with_findings_is_applied(here: Here, tmp_path: Path, definition: str) -> None:
    """They are shown with file and line, which a saved definition has not."""
    saved = tmp_path / "plan.json"
    assert here.run("plan", definition, "--out", str(saved)).code == 2
    shown = json.loads(saved.read_text("utf-8"))["plan"]["findings"]
    assert any(each["line"] for each in shown), shown
    assert here.run("apply", None, "--plan", str(saved)).code == 0


@pytest.mark.parametrize("edit", [lambda found: found.pop(), lambda found: found[0].update(message="all is well")])
def test_a_plan_whose_findings_somebody_has_edited_is_refused(
    here: Here, tmp_path: Path, edit: Callable[[list[dict[str, object]]], object]
) -> None:
    saved = tmp_path / "plan.json"
    assert here.run("plan", FOUND["at two places"], "--out", str(saved)).code == 2
    data = json.loads(saved.read_text("utf-8"))
    edit(data["plan"]["findings"])
    saved.write_text(json.dumps(data), "utf-8")
    said = here.run("apply", None, "--plan", str(saved))
    assert said.code == 1
    assert "somebody changed it" in said.err


@pytest.mark.parametrize("version", ["0.0.9", "99.0"])
@pytest.mark.parametrize("changed", [{}, {"fingerprint": "0"}], ids=["rendered otherwise", "compared otherwise"])
def test_a_plan_of_another_version_says_so(here: Here, tmp_path: Path, version: str, changed: dict[str, str]) -> None:
    saved = tmp_path / "plan.json"
    save_plan(here.plan(AUDIT), saved)
    data = json.loads(saved.read_text("utf-8"))
    data |= {"xtrig": version, **changed}
    data["plan"]["stages"][0]["statements"].append("SELECT 1")
    saved.write_text(json.dumps(data), "utf-8")
    said = here.run("apply", None, "--plan", str(saved))
    assert (said.code, said.out) == (1, "")
    assert f"made by xtrig {version}" in said.err
    assert "somebody changed it" not in said.err
    assert "xtrig plan" in said.err


@pytest.mark.parametrize(
    "meanwhile",
    [
        "CREATE TABLE audit.log (at timestamptz)",
        "CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER theirs ON login EXECUTE FUNCTION public.f()",
    ],
    ids=["a table", "a function", "a login trigger of others"],
)
def test_a_saved_plan_is_refused_if_the_database_has_changed(meanwhile: str, here: Here, tmp_path: Path) -> None:
    here.admin.execute("CREATE SCHEMA audit")
    saved = tmp_path / "plan.json"
    save_plan(here.plan(AUDIT), saved)
    here.admin.execute(meanwhile.encode())
    before = here.site.snapshot()
    with pytest.raises(RefusedPlanError):
        xtrig.apply(load_plan(saved), here.url)
    assert here.site.snapshot() == before


def test_a_saved_plan_is_refused_by_another_database(here: Here, server18: object, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    save_plan(here.plan(NO_DROP), saved)
    with pytest.raises(RefusedPlanError, match=r"'postgres' is not as it was .* or is another one"):
        xtrig.apply(load_plan(saved), here.site.database.server.url())


def test_a_saved_plan_with_another_definition_inside_is_refused(here: Here, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    save_plan(here.plan(AUDIT), saved)
    data = json.loads(saved.read_text("utf-8"))
    data["definition"]["functions"]["note"]["steps"][0]["values"]["who"] = "'nobody'"
    saved.write_text(json.dumps(data), "utf-8")
    assert here.run("apply", None, "--plan", str(saved), "--dry-run").code == 1
    assert here.run("apply", None, "--plan", str(saved)).code == 1
    assert here.conditions(AUDIT)["trigger on_logon"] == "missing"


def test_a_saved_plan_says_all_options_by_itself(here: Here, tmp_path: Path) -> None:
    here.apply(WITH_DDL)
    saved = str(tmp_path / "plan.json")
    assert here.run("plan", AUDIT, "--prune", "--out", saved).code == 2
    assert here.run("apply", None, "--plan", saved, "--prune").code == 64
    assert here.run("apply", AUDIT, "--plan", saved).code == 64
    assert here.run("apply", None, "--plan", saved).code == 0
    assert "trigger on_drop" not in here.conditions(AUDIT)


def test_a_plan_that_cannot_be_applied_is_not_saved(here: Here, tmp_path: Path) -> None:
    here.admin.execute("CREATE SCHEMA audit; CREATE VIEW audit.log AS SELECT 1 AS at")
    saved = tmp_path / "plan.json"
    said = here.run("plan", AUDIT, "--adopt", "--out", str(saved))
    assert said.code == 1
    assert "! audit.log is no table, and cannot become one; rename one of the two" in said.out
    assert not saved.exists()


def test_a_plan_that_cannot_be_written_is_one_line(here: Here, tmp_path: Path) -> None:
    said = here.run("plan", AUDIT, "--out", str(tmp_path / "no" / "plan.json"))
    assert said.code == 64
    path = tmp_path / "no" / "plan.json"
    assert said.err == f"xtrig: {path}: cannot be written: No such file or directory; name another file\n"


def test_a_signed_plan_is_applied_and_no_other(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = str(tmp_path / "plan.json")
    assert here.run("plan", AUDIT, "--out", saved, "--sign").code == 64, "there is no key"
    monkeypatch.setenv("XTRIG_PLAN_KEY", "k" * 32)
    assert here.run("plan", AUDIT, "--sign").code == 64, "there is no file"
    assert here.run("apply", AUDIT, "--verify").code == 64, "there is no plan"
    assert here.run("plan", AUDIT, "--out", saved).code == 2
    said = here.run("apply", None, "--plan", saved, "--verify")
    assert (said.code, "is not signed" in said.err, said.err.count("\n")) == (1, True, 1)
    assert here.run("plan", AUDIT, "--out", saved, "--sign").code == 2
    assert here.run("apply", None, "--plan", saved, "--verify").code == 0


def test_a_plan_is_for_one_server_where_the_role_may_not_ask_which_it_is(here: Here, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    save_plan(here.plan(AUDIT), saved)
    here.admin.execute("CREATE ROLE asker LOGIN; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
    try:
        url = here.site.database.server.url("asker", here.site.database.name)
        assert xtrig.plan(load_plan(saved).triggers, url).server.system == ""
        assert here.plan(AUDIT).server.system.isdigit()
    finally:
        here.admin.execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC; DROP ROLE asker")
