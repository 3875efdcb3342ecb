"""Saved plans: read back as they were written, or refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import xtrig
from tests.unit.deploy.live import AUDIT, planned
from tests.unit.given import text_of
from xtrig.deploy import RefusedPlanError, load_plan, planfile, save_plan
from xtrig.deploy.planfile import difference
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
        b'{"xtrig_plan": 2}',
        b'{"xtrig_plan": 2, "xtrig_plan": 2}',
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
        {"plan": []},
        {"xtrig": None},
        {"more": "words that a reviewer takes for the plan"},
    ],
    ids=str,
)
def test_a_plan_with_a_broken_entry_is_no_plan(entries: dict[str, Any], saved: Path) -> None:
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(changed(saved, **entries))


@pytest.mark.parametrize(
    "entry", ["definition", "dialect", "adopt", "prune", "fingerprint", "xtrig_plan", "xtrig", "plan"]
)
def test_a_plan_with_a_missing_entry_is_no_plan(entry: str, saved: Path) -> None:
    data = json.loads(saved.read_text("utf-8"))
    del data[entry]
    saved.write_text(json.dumps(data), "utf-8")
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(saved)


@pytest.mark.parametrize("number", [0, 1, "2", None, True])
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


KEY = b"k" * 32


def test_a_plan_as_it_was_saved_has_no_difference(saved: Path) -> None:
    assert difference(load_plan(saved), planned(AUDIT, [])) is None


@pytest.mark.parametrize("entry", [key for key in planned(AUDIT, []).to_dict() if key not in ("server", "notes")])
def test_each_part_of_what_is_shown_has_to_be_what_is_done(entry: str, saved: Path) -> None:
    shown = json.loads(saved.read_text("utf-8"))["plan"]
    found = load_plan(changed(saved, plan={**shown, entry: "another"}))
    assert "somebody changed it" in str(difference(found, planned(AUDIT, [])))
    del shown[entry]
    assert difference(load_plan(changed(saved, plan=shown)), planned(AUDIT, []))


def test_a_plan_of_another_xtrig_says_so(saved: Path) -> None:
    found = load_plan(changed(saved, plan={}, xtrig="0.0.1"))
    assert "was made by xtrig 0.0.1" in str(difference(found, planned(AUDIT, [])))


def test_a_key_that_is_given_twice_is_no_plan(saved: Path) -> None:
    text = saved.read_text("utf-8")
    saved.write_text(text.replace('"plan": {', '"plan": {}, "plan": {', 1), "utf-8")
    with pytest.raises(UsageError, match="is not a saved plan"):
        load_plan(saved)


def test_no_character_of_a_saved_plan_hides_another(tmp_path: Path) -> None:
    for char in "\u202e", "\u200b", "\x9b", "\u2066":
        said = AUDIT.replace("is gone", f"\\u{ord(char):04x}")
        save_plan(planned(said, []), tmp_path / "plan.json")
        assert char not in (tmp_path / "plan.json").read_text("utf-8")
        assert load_plan(tmp_path / "plan.json").triggers == xtrig.load_text(text_of(said))


def test_a_signature_is_of_all_that_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    save_plan(planned(AUDIT, []), file, key=KEY)
    content = file.read_text("utf-8")
    assert load_plan(file, key=KEY) == load_plan(file)
    with pytest.raises(RefusedPlanError, match="was changed, or signed with another key"):
        load_plan(file, key=b"K" * 32)
    for entries in ({"fingerprint": "x"}, {"adopt": True}, {"plan": {}}, {"xtrig": "0"}, {"signature": 7}):
        file.write_text(content, "utf-8")
        with pytest.raises(RefusedPlanError, match="was changed, or signed with another key"):
            load_plan(changed(file, **entries), key=KEY)


def test_a_plan_that_is_not_signed_says_so(saved: Path) -> None:
    with pytest.raises(RefusedPlanError, match=r"is not signed; make it with: xtrig plan --out .* --sign"):
        load_plan(saved, key=KEY)


@pytest.mark.parametrize(("key", "said"), [(None, "is not set"), ("", "is not set"), ("short", "is too short")])
def test_a_key_that_is_none_is_one_line(key: str | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(planfile.KEY_VARIABLE, raising=False)
    if key is not None:
        monkeypatch.setenv(planfile.KEY_VARIABLE, key)
    with pytest.raises(UsageError, match=said):
        planfile.signing_key()
