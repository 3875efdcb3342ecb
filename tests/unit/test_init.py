"""``xtrig init``: presets that are right, and a file that is never overwritten by accident."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import xtrig
from xtrig.cli import main

CLAIMED = {
    "session-audit": ["postgresql", "polardb", "polardb-oracle", "firebird"],
    "session-rows": ["postgresql", "polardb", "polardb-oracle", "firebird", "oracle", "mariadb"],
    "ddl-audit": ["postgresql", "polardb", "polardb-oracle", "firebird", "oracle", "mariadb"],
    "login-policy": ["postgresql", "firebird", "mariadb", "oracle"],
}
LEFT_OUT = {
    ("session-rows", "mariadb"): ["XT201"],
    ("session-audit", "firebird"): ["XT205"],
    ("ddl-audit", "firebird"): ["XT205"],
    ("ddl-audit", "oracle"): ["XT205"],
    ("ddl-audit", "mariadb"): ["XT201", "XT201"],
}
"""Where triggers, or tags, are left out with a warning, as the preset says."""
CLAIMS = [(preset, dialect) for preset, dialects in CLAIMED.items() for dialect in dialects]


def init(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["init", *arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def preset(name: str) -> xtrig.TriggerSet:
    text = files("xtrig").joinpath("presets", f"{name}.yaml").read_text("utf-8")
    return xtrig.load_text(text, name)


def content(triggers: xtrig.TriggerSet) -> dict[str, Any]:
    """Return a set without the places in its file."""
    return triggers.model_dump()


def test_every_preset_file_is_offered() -> None:
    presets = {Path(entry.name).stem for entry in files("xtrig").joinpath("presets").iterdir()}
    assert presets == set(CLAIMED)


@pytest.mark.parametrize(("name", "dialect"), CLAIMS)
def test_presets_render_without_findings(name: str, dialect: str) -> None:
    triggers = preset(name)
    assert xtrig.check(triggers) == []
    script = xtrig.render(triggers, dialect)
    assert [finding.code for finding in script.warnings] == LEFT_OUT.get((name, dialect), [])
    assert script.statements


@pytest.mark.parametrize("name", CLAIMED)
def test_check_of_all_dialects_says_which_one_cannot_and_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("x.yaml", "--preset", name) == 0
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["check", "x.yaml", "--dialect", "all"])
    refused = {dialect for dialect in xtrig.dialects() if dialect not in CLAIMED[name]}
    assert left.value.code == (1 if refused else 0)
    found = capsys.readouterr().out.splitlines()
    of = [re.match(r"x\.yaml:\d+: (?:\w+: )?([\w, -]+): (?:sessions|trigger|function|table)\b", line) for line in found]
    named = [match[1].split(", ") if match else [] for match in of]
    assert all(set(names) <= set(xtrig.dialects()) and names for names in named), found
    errors = [
        names for line, names in zip(found, named, strict=True) if ": warning: " not in line and ": note: " not in line
    ]
    assert set().union(*errors) == refused
    assert all(len(line) < 500 for line in found)


@pytest.mark.parametrize("name", CLAIMED)
def test_render_for_all_dialects_writes_those_that_can(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("x.yaml", "--preset", name) == 0
    with pytest.raises(SystemExit) as left:
        main(["render", "x.yaml", "--dialect", "all", "--out", "sql"])
    assert left.value.code == (0 if set(CLAIMED[name]) == set(xtrig.dialects()) else 1)
    assert {path.stem for path in Path("sql").iterdir()} == set(CLAIMED[name])
    for path in Path("sql").iterdir():
        assert path.read_text("utf-8") == str(xtrig.render(xtrig.load("x.yaml"), path.stem))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dialect", "all"), "--dialect all writes a file for each dialect; say where: --out FOLDER"),
        (("--out", "x.yaml"), "x.yaml/postgresql.sql: cannot be written: "),
        (("--out", "sql", "--format", "json"), "--out writes SQL; "),
    ],
)
def test_render_into_a_folder_says_what_is_wrong(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("x.yaml", "--preset", "session-rows") == 0
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["render", "x.yaml", *arguments])
    assert left.value.code == 64
    assert f"xtrig: {said}" in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["firebird", "oracle"])
def test_ddl_audit_is_refused_with_the_tags_that_would_be_left_out(dialect: str) -> None:
    triggers = preset("ddl-audit")
    (left_out,) = xtrig.render(triggers, dialect).warnings
    commands = triggers.triggers["ddl_commands"].model_copy(update={"if_unsupported": "refuse"})
    with pytest.raises(xtrig.RefusedError) as caught:
        xtrig.render(triggers.model_copy(update={"triggers": {**triggers.triggers, "ddl_commands": commands}}), dialect)
    (finding,) = caught.value.findings
    assert "if_unsupported: skip" in finding.remedy
    assert finding.message.partition(":")[0] == left_out.message.partition(":")[0]


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_login_policy_is_refused_where_a_deny_does_not_bind(dialect: str) -> None:
    with pytest.raises(xtrig.RefusedError, match="XT203"):
        xtrig.render(preset("login-policy"), dialect)


@pytest.mark.parametrize("name", CLAIMED)
def test_the_file_is_the_preset(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("my audit.yaml", "--preset", name) == 0
    assert content(xtrig.load(folder / "my audit.yaml")) == content(preset(name))
    out, err = capsys.readouterr()
    assert out == ""
    dialect = "firebird" if name == "login-policy" else "polardb"
    assert err.splitlines()[0].startswith(f"wrote my audit.yaml from the preset {name}: ")
    assert f"  xtrig render 'my audit.yaml' --dialect {dialect}" in err.splitlines()


def test_the_default_is_found_by_the_other_commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init() == 0
    assert "  xtrig try\n" in capsys.readouterr().err
    assert content(xtrig.load(folder / "xtrig.yaml")) == content(preset("session-audit"))
    for dialect in ("postgresql", "polardb", "polardb-oracle", "firebird"):
        with pytest.raises(SystemExit) as left:
            main(["check", "--dialect", dialect])
        assert left.value.code == 0


def test_a_file_is_not_overwritten_unless_forced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "xtrig.yaml").write_text("mine")
    assert init() == 64
    assert (folder / "xtrig.yaml").read_text() == "mine"
    out, err = capsys.readouterr()
    assert out == ""
    assert (
        err == "xtrig: xtrig.yaml exists already and was left alone; name another file, or overwrite it with --force\n"
    )
    assert init("--force") == 0
    assert content(xtrig.load(folder / "xtrig.yaml")) == content(preset("session-audit"))


def test_dash_is_stdout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("-", "--preset", "ddl-audit") == 0
    out, err = capsys.readouterr()
    assert content(xtrig.load_text(out)) == content(preset("ddl-audit"))
    assert err == ""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("arguments", [("no/such/folder/x.yaml",), (".", "--force"), ("--preset", "session_audit")])
def test_mistakes_are_one_line(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert init(*arguments) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("xtrig: ")
    assert err.count("\n") == 1
