"""``xtrig check`` and hand-written texts: which are read without a dialect being named, and how to waive."""

from __future__ import annotations

from pathlib import Path

import pytest

import xtrig
from tests.unit.given import load
from xtrig.cli import main
from xtrig.handwritten import written_for
from xtrig.resolve import resolve

DEFINITION = """xtrig: 1
triggers:
  x:
    event: logon
    body:
      postgresql: |
        BEGIN
          PERFORM pg_sleep(1);
        END
      polardb: |
        BEGIN
          PERFORM a.f();
        END
"""
STEP = "xtrig: 1\ntriggers:\n  x: {event: logon, steps: [{sql: PERFORM pg_sleep(1)}]}\n"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def check(definition: str, *arguments: str) -> tuple[int, list[str]]:
        (tmp_path / "a.yaml").write_text(definition, "utf-8")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as left:
            main(["check", "a.yaml", *arguments])
        lines = capsys.readouterr().out.splitlines()
        return int(str(int(left.value.code or 0))), [f"{line.split(' ')[0]} {line.split(' ')[-1]}" for line in lines]

    return check


def test_without_a_dialect_each_text_is_read_as_its_own(check):
    assert check(DEFINITION) == (1, ["a.yaml:12: [XT315]", "a.yaml:8: [XT304]"])


def test_of_a_dialect_that_is_not_named_its_texts_alone_are_judged(check):
    unverified = DEFINITION.replace("event: logon", "event: logon\n    language: plpgsql")
    assert check(unverified) == (0, ["a.yaml:9: [XT304]"])
    assert "a.yaml:3: [XT210]" in check(unverified, "-d", "polardb")[1]


def test_with_a_dialect_its_own_text_alone(check):
    code, lines = check(DEFINITION, "-d", "postgresql")
    assert (code, [line for line in lines if "XT3" in line]) == (0, ["a.yaml:8: [XT304]"])


def test_a_statement_for_every_dialect_is_read_for_those_named(check):
    assert check(STEP) == (0, [])
    assert check(STEP, "-d", "polardb") == (0, ["a.yaml:3: [XT304]"])
    in_plsql = STEP.replace("event: logon", "event: logon, language: plsql, ignore: {XT227: x}")
    assert [line[-7:] for line in check(in_plsql, "-d", "polardb")[1]] == ["[XT315]", "[XT304]"]


def test_a_finding_can_be_waived_with_a_reason(check):
    waived = DEFINITION.replace("event: logon", "event: logon\n    ignore: {XT304: a test of slow logins, XT315: x}")
    assert check(waived) == (0, [])
    unused = waived.replace("XT315: x", "XT315: x, XT308: x")
    assert [line for line in check(unused, "-d", "all")[1] if "XT112" in line] == ["a.yaml:5: [XT112]"]


def test_dialects_that_are_named_by_texts():
    assert written_for(resolve(xtrig.load_text(DEFINITION))) == {"postgresql", "polardb"}
    assert written_for(resolve(load(STEP.removeprefix("xtrig: 1\n")))) == set()


def test_a_dialect_that_nobody_installed_is_passed_over(check):
    body = "    body:\n      nosuch: |\n        COMMIT;\n"
    assert check(f"xtrig: 1\ntriggers:\n  x:\n    event: logon\n{body}") == (0, [])
