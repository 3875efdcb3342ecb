"""``xtrig init``: presets that are right, and a file that is never overwritten by accident."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import xtrig
from xtrig.cli import main

CLAIMED = {
    "session-audit": ["postgresql", "polardb", "polardb-oracle"],
    "session-rows": ["postgresql", "polardb", "polardb-oracle"],
    "ddl-audit": ["postgresql", "polardb", "polardb-oracle"],
    "login-policy": ["postgresql"],
}
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
    assert script.warnings == ()
    assert script.statements


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
    dialect = "postgresql" if name == "login-policy" else "polardb"
    assert err.splitlines()[0].startswith(f"wrote my audit.yaml from the preset {name}: ")
    assert f"  xtrig render 'my audit.yaml' --dialect {dialect}" in err.splitlines()


def test_the_default_is_found_by_the_other_commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init() == 0
    assert "  xtrig try\n" in capsys.readouterr().err
    assert content(xtrig.load(folder / "xtrig.yaml")) == content(preset("session-audit"))
    # Firebird and Oracle have no record of sessions, and say so: see below.
    for dialect in ("postgresql", "polardb", "polardb-oracle"):
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
