"""What a trial reads and shows, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from xtrig.cli.try_command import print_report
from xtrig.trial import Action, LoginTime, Report
from xtrig_pgfamily.trial.witness import ServerLog

LOG = """\
[9] LOG:  database system is ready to accept connections
[12] other LOG:  another database's
[13] trial LOG:  first
\tof two lines
[13] trial CONTEXT:  PL/pgSQL function public.f() line 1 at RAISE
\t[13] trial LOG:  a line that a user made to look like an entry
[13] trial FATAL:  the client is told this
[13] trial WARNING:  second\u2028[13] trial LOG:  not a line of its own
"""


def test_log_lines_are_those_of_triggers(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("[13] trial LOG:  from before\n", "utf-8")
    log = ServerLog(file)
    with file.open("a", encoding="utf-8") as end:
        end.write(LOG)
    assert log.take() == ("first\nof two lines", "second\u2028[13] trial LOG:  not a line of its own")
    assert log.take() == ()


def report(row: dict[str, object]) -> Report:
    action = Action(1, "log in", "ann", None, None, {"audit.log": (row,)}, (), ())
    return Report("a server", "trial", {"ordinary": "ann"}, ("audit.log",), (action,), LoginTime("ann", 1, 3.0, 2.0))


def test_data_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report({"who": "[red]ann[/red]", "said": "\x1b[31mred\ttab", "n": None, "list": [1, "ä"]}))
    shown = capsys.readouterr().out
    assert "[red]ann[/red]" in shown
    assert r"\x1b[31mred\ttab" in shown
    assert "NULL" in shown
    assert '[1, "ä"]' in shown
    assert "3.00 ms with the triggers, 2.00 ms without: 1.50 times as long" in shown


def test_nothing_is_cut_off_where_it_is_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    row: dict[str, object] = {f"column_{number}": "x" * 30 + str(number) for number in range(8)}
    print_report(report(row))
    shown = capsys.readouterr().out
    for column, value in row.items():
        assert f"{column}={value}" in shown
    assert max(map(len, shown.splitlines())) <= 60
