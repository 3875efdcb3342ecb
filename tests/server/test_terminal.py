"""What reaches people: silence on success for cron, a question on a terminal, a plan for a pull request."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Sequence

import pytest

from tests.server.deployed import AUDIT, NO_DROP, Here
from tests.server.test_plan import OTHER_BODY

pytestmark = pytest.mark.server


@pytest.mark.parametrize("form", ["text", "json"])
def test_quiet_is_silent_on_success_and_says_all_on_failure(form: str, here: Here) -> None:
    quiet = ("--quiet", "--format", form)
    loud = here.run("status", AUDIT, "--format", form)
    missing = here.run("status", AUDIT, *quiet)
    assert (loud.code, loud.out, loud.err) == (missing.code, missing.out, missing.err)
    assert missing.code == 2
    assert missing.out
    for command in ("apply", "status", "plan", "check"):
        url = () if command == "check" else ("--url", here.url)
        done = here.say(command, here.file(AUDIT), *url, *quiet)
        assert (done.code, done.out, done.err) == (0, "", ""), command
    drift = here.run("plan", OTHER_BODY, *quiet)
    assert (drift.code, bool(drift.out)) == (2, True)
    assert (here.run("drop", AUDIT, "--with-data", *quiet).out, here.conditions(AUDIT)["trigger on_logon"]) == (
        "",
        "missing",
    )


def test_quiet_keeps_the_error_and_what_was_said_before_it(here: Here) -> None:
    broken = AUDIT.replace("steps: [{insert: log, ", "steps: [{deny: nobody}, {insert: log, ")
    loud, quiet = here.run("apply", broken), here.run("apply", broken, "--quiet")
    assert (quiet.code, loud.code) == (1, 1)
    assert "FAILED in stage" in quiet.out
    assert "xtrig: comparing the database with the definition" in quiet.err
    gone = here.run("status", AUDIT, "--quiet", url="postgresql://nobody@127.0.0.1:1/gone")
    assert (gone.code, gone.out, gone.err.count("\n")) == (3, "", 1)


def on_a_terminal(answer: str, arguments: Sequence[str]) -> tuple[int, str]:
    """Run xtrig as a user does, and type the answer. Returns the exit code and all that the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "xtrig", *arguments])
    shown = b""
    asked = False
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not read:
            break
        shown += read
        if not asked and b"[y/N]" in shown:
            asked = True
            os.write(terminal, answer.encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")


def test_a_terminal_is_asked_before_anything_is_changed(here: Here) -> None:
    before = here.site.snapshot()
    apply = ["apply", here.file(AUDIT), "--url", here.url]
    code, shown = on_a_terminal("n", apply)
    assert (code, here.site.snapshot()) == (1, before)
    assert "+ create trigger on_logon" in shown
    assert shown.endswith("xtrig: nothing was changed\n")
    code, shown = on_a_terminal("y", apply)
    assert (code, "Apply this plan? [y/N]: y" in shown) == (0, True)
    code, shown = on_a_terminal("y", apply)
    assert (code, "[y/N]" in shown, "Nothing to do" in shown) == (0, False, True)
    code, shown = on_a_terminal("", ["drop", here.file(AUDIT), "--url", here.url])
    assert (code, here.conditions(AUDIT)["trigger on_logon"]) == (1, "in sync")
    assert "- drop trigger on_logon" in shown
    code, shown = on_a_terminal("no", ["drop", here.file(AUDIT), "--url", here.url, "--with-data", "--yes"])
    assert (code, "[y/N]" in shown, here.site.snapshot()) == (0, False, before)


def test_what_is_agreed_to_is_what_is_applied(here: Here) -> None:
    """The plan that was shown is applied, or nothing: here somebody changes the database before the answer."""
    from xtrig.deploy import RefusedPlanError

    made = here.plan(AUDIT)
    here.apply(NO_DROP.replace("schema: guard", "schema: audit"))
    with pytest.raises(RefusedPlanError, match="not as it was when the plan was made"):
        here.apply(made)


def test_a_plan_as_markdown_shows_every_change_and_escapes_names(here: Here) -> None:
    said = here.run("plan", AUDIT, "--format", "markdown")
    assert said.code == 2
    lines = said.out.splitlines()
    assert lines[0] == "### xtrig plan: set first"
    assert "| create | `trigger on_logon` |" in lines
    here.apply(AUDIT)
    assert "nothing to do." in here.run("plan", AUDIT, "--format", "markdown").out
    body = AUDIT.replace('who: "${login_user}"', "who: \"'``` | <b>' || ${login_user}\"")
    diff = here.run("plan", body, "--format", "markdown").out
    assert "````diff\nbody:" in diff
    assert diff.count("````") == 2
    assert "<details><summary>replace function audit" in diff
    named = AUDIT.replace("on_logon:", '"a_b<i>&":')
    assert (
        "<summary>create trigger &quot;a_b&lt;i&gt;&amp;&quot;</summary>"
        in here.run("plan", named, "--format", "markdown").out
    )
    here.admin.execute('CREATE TABLE audit."a|b<i>`" ()')
    foreign = AUDIT.replace("tables:", 'tables:\n  "a|b<i>`": {columns: {x: text}}', 1)
    refused = here.run("plan", foreign, "--format", "markdown")
    assert refused.code == 1
    assert "\n- table " in refused.out
    assert "<i>" not in refused.out.replace("\\<i\\>", "")
