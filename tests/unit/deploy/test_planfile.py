"""Saved plans: read back as they were written, or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import xtrig
from tests.unit.deploy.live import AUDIT, planned
from tests.unit.given import text_of
from xtrig.deploy import load_plan, planfile, save_plan
from xtrig.errors import UsageError

ROOT = Path(__file__).parents[3]
DEFINITIONS = [*sorted((ROOT / "examples").glob("*.yaml")), *sorted((ROOT / "xtrig" / "presets").glob("*.yaml"))]
HOSTILE = """
name: "It's \\"x\\" %s :y \\\\ $$ Ünï"
functions:
  "f '\\"$$": {steps: [{log: "100% \\\\ \\u2028 é"}]}
triggers:
  "T 1": {event: sql_drop, run: "f '\\"$$"}
"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_plan(planned(AUDIT, []), tmp_path / "plan.json")
    return tmp_path / "plan.json"


def changed(file: Path, **entries: Any) -> Path:
    data = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**data, **entries}), "utf-8")
    return file


@pytest.mark.parametrize("file", DEFINITIONS, ids=lambda file: file.stem)
def test_the_definition_of_an_example_comes_back(file: Path, tmp_path: Path) -> None:
    definition = file.read_text("utf-8").replace("xtrig: 1\n", "")
    save_plan(planned(definition, []), tmp_path / "plan.json")
    found = load_plan(tmp_path / "plan.json")
    assert found.triggers == xtrig.load_text(text_of(definition))
    assert str(xtrig.render(found.triggers)) == str(xtrig.render(xtrig.load_text(text_of(definition))))


def test_hostile_words_come_back(tmp_path: Path) -> None:
    save_plan(planned(HOSTILE, []), tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json").triggers == xtrig.load_text(text_of(HOSTILE))


@pytest.mark.parametrize(("adopt", "prune"), [(False, True), (True, False)])
def test_the_options_come_back(adopt: bool, prune: bool, tmp_path: Path) -> None:
    save_plan(planned(AUDIT, [], adopt=adopt, prune=prune), tmp_path / "plan.json")
    found = load_plan(tmp_path / "plan.json")
    assert (found.adopt, found.prune, found.dialect, found.fingerprint) == (adopt, prune, "postgresql", "fingerprint")


def test_a_saved_plan_shows_a_reviewer_what_would_be_done(saved: Path) -> None:
    shown = json.loads(saved.read_text("utf-8"))["plan"]
    assert shown == planned(AUDIT, []).to_dict()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"{}",
        b'"xtrig_plan"',
        b"7",
        b"NaN",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
        b"xtrig: 1\ntriggers: {}\n",
        b'{"xtrig_plan": 1}',
        b"\x1f\x8b\x08\x00",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_what_is_no_plan_is_one_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        load_plan(file)
    assert str(caught.value) == f"{file}: is not a saved plan; make one with: xtrig plan --out {file}"


def test_no_beginning_of_a_plan_is_a_plan(saved: Path) -> None:
    content = saved.read_bytes().rstrip()
    for length in range(0, len(content), 97):
        saved.write_bytes(content[:length])
        with pytest.raises(UsageError, match="is not a saved plan"):
            load_plan(saved)


@pytest.mark.parametrize(
    "entries",
    [
        {"definition": None},
        {"definition": {"no": "such"}},
        {"definition": {"triggers": {"t": {"event": "no such"}}}},
        {"definition": []},
        {"adopt": "yes"},
        {"prune": 1},
        {"prune": None},
        {"dialect": None},
        {"fingerprint": 7},
    ],
    ids=str,
)
def test_a_plan_with_a_broken_entry_is_no_plan(entries: dict[str, Any], saved: Path) -> None:
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(changed(saved, **entries))


@pytest.mark.parametrize("entry", ["definition", "dialect", "adopt", "prune", "fingerprint", "xtrig_plan"])
def test_a_plan_with_a_missing_entry_is_no_plan(entry: str, saved: Path) -> None:
    data = json.loads(saved.read_text("utf-8"))
    del data[entry]
    saved.write_text(json.dumps(data), "utf-8")
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(saved)


@pytest.mark.parametrize("number", [0, 2, "1", None, True])
def test_a_plan_of_another_format_says_so(number: object, saved: Path) -> None:
    with pytest.raises(UsageError, match="was saved by another version of xtrig; make a new one with: xtrig plan"):
        load_plan(changed(saved, xtrig_plan=number))


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planfile, "_MAX_BYTES", 1000)
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(Path("/dev/zero"))


def test_a_plan_that_is_too_long_is_refused(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planfile, "_MAX_BYTES", saved.stat().st_size)
    assert load_plan(saved).fingerprint == "fingerprint"
    saved.write_bytes(saved.read_bytes() + b" ")
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(saved)


@pytest.mark.parametrize("name", ["none.json", "."])
def test_a_file_that_cannot_be_read_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: .*; check the name and its permissions"):
        load_plan(tmp_path / name)


def test_a_name_that_no_file_can_have_is_one_line() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_plan(Path("a\0b"))
