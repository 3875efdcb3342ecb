"""A trigger renamed in the definition without --prune, and roles that a definition exempts and nobody made."""

from __future__ import annotations

import pytest

from tests.server.deployed import AUDIT, Here

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


def test_the_doctor_names_it_too_once_the_trigger_is_there(here: Here) -> None:
    here.apply(EXEMPT)
    said = here.say("doctor", "--url", here.url)
    assert "missing-exempt-role" in said.out
    assert "dba_gone" in said.out


def test_the_preset_with_a_break_glass_role_says_that_it_is_not_there(here: Here) -> None:
    policy = here.say("init", "-", "--preset", "login-policy").out
    said = here.run("plan", policy)
    assert "role dba_emergency is exempt and does not exist" in said.out + said.err
