"""The command line: streams, exit codes, formats and help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import xtrig
from tests.json_outputs import parsed
from xtrig.cli import main
from xtrig.cli.exits import Exit, explain
from xtrig.errors import DatabaseError, PluginError, UsageError, XtrigError

EXAMPLES = Path(__file__).parents[2] / "examples"
AUDIT = str(EXAMPLES / "session_audit.yaml")
COMMANDS = ("check", "dialects", "init", "render", "schema", "try")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        said = capsys.readouterr()
        return int(str(int(left.value.code or 0))), said.out, said.err

    return run


def test_render_prints_what_the_library_renders(run):
    for dialect in xtrig.dialects():
        try:
            said = (0, str(xtrig.render(xtrig.load(AUDIT), dialect)))
        except xtrig.RefusedError:
            said = (1, "")
        assert run("render", AUDIT, "--dialect", dialect)[:2] == said


def test_render_as_json_is_the_script_as_data(run):
    code, out, _ = run("render", AUDIT, "-f", "json")
    assert (code, json.loads(out)) == (0, xtrig.render(xtrig.load(AUDIT)).to_dict())


def test_render_finds_the_nearest_file_by_itself(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "xtrig.yaml").write_bytes(Path(AUDIT).read_bytes())
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert run("render", "-d", "polardb")[:2] == run("render", AUDIT, "-d", "polardb")[:2]


def test_a_refusal_is_exit_1_on_stderr_alone(run):
    code, out, err = run("render", AUDIT, "--target-version", "16")
    assert (code, out) == (1, "")
    assert "target 17 or newer" in err


def test_check_prints_findings_to_stdout_and_a_summary_to_stderr(run):
    said = "no findings; no translation was checked: add --dialect NAME, or --dialect all\n"
    assert run("check", AUDIT) == (0, "", said)
    assert run("check", "-d", "polardb", AUDIT)[2] == "no findings\n"
    code, out, err = run("check", AUDIT, "-d", "postgresql", "--target-version", "16")
    assert code == 1
    assert [line[-7:] for line in out.splitlines()] == ["[XT201]"] * 2
    assert err.startswith("2 errors")


def test_check_against_all_dialects(run):
    code, out, _ = run("check", str(EXAMPLES / "no_ddl.yaml"), "-d", "all")
    # MariaDB has no DDL triggers; the others say both notes, which are the same and are said once.
    assert code == 1
    assert [line.rpartition(" [")[2] for line in out.splitlines() if "on mariadb" not in line] == ["XT217]", "XT220]"]
    assert [line.rpartition(" [")[2] for line in out.splitlines() if "on mariadb" in line] == ["XT201]"]


def test_notes_are_for_check_alone(run):
    code, out, err = run("render", str(EXAMPLES / "no_ddl.yaml"))
    assert (code, err) == (0, "")
    assert "note" not in out.partition("BEGIN")[0]


def test_check_as_json_is_data(run):
    code, out, _ = run("check", AUDIT, "-d", "postgresql", "--target-version", "16", "-f", "json")
    findings = parsed(out)["findings"]
    assert code == 1
    assert {finding["code"] for finding in findings} == {"XT201"}
    assert {"code", "severity", "subject", "message", "remedy", "path", "file", "line"} == set(findings[0])


def test_dialects_lists_them_and_shows_one(run):
    code, out, _ = run("dialects")
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, list(xtrig.dialects()))
    assert "ON after_user_logon" in run("dialects", "polardb")[1]
    assert json.loads(run("dialects", "polardb", "-f", "json")[1])["name"] == "polardb"
    assert [each["name"] for each in json.loads(run("dialects", "-f", "json")[1])] == list(xtrig.dialects())


def test_schema_prints_the_schema(run):
    from xtrig.model.triggers import json_schema

    assert json.loads(run("schema")[1]) == json_schema()


def test_version(run):
    assert run("--version") == (0, f"xtrig {xtrig.__version__}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(run, shell: str):
    code, out, err = run("--completion", shell)
    assert (code, err) == (0, "")
    assert "_XTRIG_COMPLETE" in out


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], *([command, "--help"] for command in COMMANDS)])
def test_help_teaches_and_succeeds(run, arguments: list[str]):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: xtrig")


def test_help_lists_every_command_and_the_exit_codes(run):
    out = run("--help")[1]
    assert all(f"  {command} " in out for command in COMMANDS)
    assert "64 wrong usage" in out


def test_without_a_command_the_help_is_shown(run):
    for arguments in ((), ("audit",)):
        code, out, err = run(*arguments)
        assert (code, out) == (64, "")
        assert err.startswith("Usage: xtrig")
        assert "\nCommands:\n" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), Exit.USAGE),
        (PluginError("x"), Exit.USAGE),
        (DatabaseError("x"), Exit.DATABASE),
        (XtrigError("x"), Exit.FINDINGS),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
    ],
)
def test_each_error_has_its_exit_code_and_one_line(capsys: pytest.CaptureFixture[str], error: BaseException, code: int):
    assert explain(error) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_nobody_expected_is_raised():
    with pytest.raises(ZeroDivisionError):
        explain(ZeroDivisionError())


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["plan", "--targets", "a.yaml", "--targets", "b.yaml"], "--targets"),
        (["status", "--jobs=1", "--jobs", "2"], "--jobs"),
        (["apply", "--first", "1", "x.yaml", "--first", "1"], "--first"),
        (["drop", "-d", "postgresql", "--dialect", "postgresql", "--dry-run"], "--dialect"),
        (["enable", "--login-timeout", "3", "--login-timeout", "4"], "--login-timeout"),
        (["import", "--url", "dbname=a", "--url", "dbname=b"], "--url"),
        (["try", "--url", "dbname=a", "--url", "dbname=b"], "--url"),
        (["apply", "--plan", "a.json", "--plan", "b.json"], "--plan"),
        (["render", "-d", "postgresql", "--dialect", "polardb"], "--dialect"),
        (["audit", "who", "--schema", "a", "--schema", "b"], "--schema"),
    ],
)
def test_what_is_meant_once_and_given_twice_is_refused(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    said = capsys.readouterr()
    command = " ".join(["xtrig", *(["audit", "who"] if arguments[0] == "audit" else arguments[:1])])
    assert (left.value.code, said.out) == (64, "")
    assert said.err == f"xtrig: {option} is given 2 times; give it once; see: {command} --help\n"
