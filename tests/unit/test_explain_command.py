"""``xtrig explain`` and ``xtrig dialects``: formats, exit codes and what is a file."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

import xtrig
from xtrig.cli import main
from xtrig.cli.dialects_command import versions_shown
from xtrig.explain.markdown import as_markdown
from xtrig.registry import get_dialect

EXAMPLES = Path(__file__).parents[2] / "examples"
AUDIT = str(EXAMPLES / "session_audit.yaml")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        said = capsys.readouterr()
        return int(str(int(left.value.code or 0))), said.out, said.err

    return run


def test_markdown_is_that_of_the_library(run):
    expected = as_markdown(xtrig.explain(xtrig.load(AUDIT)), xtrig.__version__)
    assert run("explain", AUDIT, "--format", "markdown") == (0, expected, "")


def test_a_record_of_sessions_is_not_passed_over_in_silence(run, tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text("xtrig: 1\nschema: audit\nsessions: {}\n", "utf-8")
    code, _, said = run("explain", str(file))
    assert code == 0
    assert said.startswith("xtrig: note: sessions: is no trigger of the definition, so it is not explained; see ")


def test_json_is_one_document(run):
    code, out, _ = run("explain", "login_event_trigger", AUDIT, "-f", "json", "-d", "polardb", "-d", "postgresql")
    data = json.loads(out)
    assert (code, data["xtrig"]) == (0, xtrig.__version__)
    assert data["definition"]["files"] == [AUDIT]
    assert [each["dialect"] for each in data["explanations"]] == ["polardb", "postgresql"]
    assert {each["trigger"] for each in data["explanations"]} == {"login_event_trigger"}


def test_text_stands_side_by_side_where_there_is_room(run, monkeypatch: pytest.MonkeyPatch):
    arguments = ("explain", "login_event_trigger", AUDIT, "-d", "polardb", "-d", "postgresql")
    for columns, together in (("120", True), ("119", False)):
        monkeypatch.setenv("COLUMNS", columns)
        code, out, _ = run(*arguments)
        assert code == 0
        heads = [line for line in out.splitlines() if "PolarDB for PostgreSQL 14" in line]
        assert ("PostgreSQL 18" in heads[0]) is together
        assert max(map(len, out.splitlines())) <= int(columns)


def test_text_says_every_sentence(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "9999")
    for example in sorted(EXAMPLES.glob("*.yaml")):
        _, out, _ = run("explain", str(example), "-d", "postgresql")
        for explanation in xtrig.explain(xtrig.load(str(example)), dialects=["postgresql"]):
            assert all(sentence.text in out for sentence in explanation.sentences), example


def test_a_refusal_is_a_result(run):
    code, out, err = run("explain", str(EXAMPLES / "init_session.yaml"), "-d", "polardb")
    assert (code, err) == (0, "")
    assert "What to do: " in out


def test_the_nearest_definition_is_found_and_stdin_read(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "xtrig.yaml").write_bytes(Path(AUDIT).read_bytes())
    monkeypatch.chdir(tmp_path)
    found = run("explain", "login_event_trigger", "-d", "polardb")
    assert found == run("explain", "login_event_trigger", "./xtrig.yaml", "-d", "polardb")[:1] + found[1:]
    assert "xtrig.yaml" in found[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(AUDIT).read_bytes())))
    code, out, _ = run("explain", "-", "-d", "polardb")
    assert code == 0
    assert "<stdin>" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["login_event", AUDIT], "did you mean 'login_event_trigger'"),
        (["x", AUDIT], "triggers: login_event_trigger, logout_event_trigger"),
        ([AUDIT, "--dialect", "postgre"], "did you mean 'postgresql'?"),
        ([AUDIT, "--target-version", "17"], "--target-version goes with exactly one --dialect"),
        ([AUDIT, "-d", "postgresql", "--target-version", "12"], "versions: 13"),
        (["missing.yaml"], "missing.yaml: cannot be read"),
    ],
)
def test_wrong_usage_is_64_and_says_what_to_do(run, arguments: list[str], told: str):
    code, out, err = run("explain", *arguments)
    assert (code, out) == (64, "")
    assert told in err
    assert err.count("\n") == 1


def test_a_wrong_definition_is_1(run, tmp_path: Path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("xtrig: 1\ntriggers: {x: {event: logon, run: nothing}}\n", "utf-8")
    code, out, err = run("explain", str(wrong))
    assert (code, out) == (1, "")
    assert "XT102" in err


def test_no_definition_moves_the_terminal(run, tmp_path: Path):
    hostile = tmp_path / "hostile.yaml"
    hostile.write_text('xtrig: 1\ntriggers: {x: {event: logon, steps: [{log: "\\e[2J[bold]x[/bold]"}]}}\n', "utf-8")
    code, out, _ = run("explain", str(hostile), "-d", "postgresql")
    assert code == 0
    assert "\x1b" not in out
    assert "[bold]x[/bold]" in out


def test_dialects_shows_the_matrix_for_each_version(run):
    code, out, _ = run("dialects", "postgresql")
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ") and line.strip()}
    assert code == 0
    assert lines["logon"].split()[:3] == ["logon", "refused,", "documented"] or "refused" in out
    assert out.splitlines()[4].split() == ["13", "14", "15", "16", "17", "18", "19"]
    assert "events on 18" in out
    assert "events on 17" in run("dialects", "postgresql", "--target-version", "17")[1]


@pytest.mark.parametrize("name", ["postgresql", "polardb", "polardb-oracle"])
def test_dialects_as_json_has_every_cell_of_every_version(run, name: str):
    data = json.loads(run("dialects", name, "-f", "json")[1])
    dialect = get_dialect(name)
    assert len(data["events"]) == 6 * len(versions_shown(dialect))
    for row in data["events"]:
        for cell in ("support", "on_error", "deny_binds", "exempt", "transaction", "order", "way_out"):
            assert set(row[cell]) == {"value", "verified", "source"}
    assert set(data["facts"][0]) == {"fact", "sql", "events", "item", "note", "verified", "source"}


def test_a_version_without_a_dialect_is_wrong_usage(run):
    assert run("dialects", "--target-version", "17")[0] == 64
