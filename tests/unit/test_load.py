"""Files to a set: reading, the first key, and finding the default file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import xtrig
from tests.unit.given import wrong
from xtrig.errors import DefinitionError, UsageError
from xtrig.load import MAX_BYTES, find_definition

ONE = "xtrig: 1\ntriggers:\n  a: {event: logon, steps: [{log: hi}]}\n"


def messages(*paths: Path) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        xtrig.load(*paths)
    return [str(finding) for finding in caught.value.findings]


def same(one: xtrig.TriggerSet, other: xtrig.TriggerSet) -> bool:
    return one.model_dump() == other.model_dump()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str | bytes) -> Path:
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
        return Path(name)

    return write


def test_a_file_and_its_text_are_the_same_set(write):
    assert same(xtrig.load(write("a.yaml", ONE)), xtrig.load_text(ONE))


def test_json_and_yaml_are_the_same_set(write):
    text = '{"xtrig": 1, "triggers": {"a": {"event": "logon", "steps": [{"log": "hi"}]}}}'
    assert same(xtrig.load(write("a.json", text)), xtrig.load_text(ONE))


def test_python_and_yaml_are_the_same_set():
    made = xtrig.TriggerSet(triggers={"a": {"event": "logon", "steps": [{"log": "hi"}]}})
    assert same(made, xtrig.load_text(ONE))


def test_text_has_its_places_under_the_given_name():
    place = xtrig.load_text(ONE, "mine.yaml").locate(("triggers", "a", "event"))
    assert str(place) == "mine.yaml:3"


def test_without_a_file_there_is_nothing_to_load():
    with pytest.raises(UsageError, match=r"xtrig\.yaml"):
        xtrig.load()


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_says_why(write, name: str):
    with pytest.raises(UsageError, match=r"cannot be read: .*; check"):
        xtrig.load(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a mapping of keys; start it with the line 'xtrig: 1'"),
        ("- a", "not a mapping"),
        ("just words", "not a mapping"),
        ("42", "not a mapping"),
        ("triggers: {}", "does not say its format version; start it with the line 'xtrig: 1'"),
        ("{}", "does not say its format version"),
    ],
)
def test_another_kind_of_file_is_told_how_to_begin(write, text: str, said: str):
    (message,) = messages(write("a.yaml", text))
    assert message.startswith("a.yaml: definition: ")
    assert said in message


def test_a_file_beyond_the_bound_is_refused_unread(write):
    (message,) = messages(write("a.yaml", b"#" * (MAX_BYTES + 1)))
    assert "larger than 4 MiB" in message


def test_a_file_at_the_bound_is_read(write):
    text = ONE + "#" * (MAX_BYTES - len(ONE))
    assert list(xtrig.load(write("a.yaml", text)).triggers) == ["a"]


def test_findings_of_all_files_come_together(write):
    said = messages(write("a.yaml", "xtrig: 1\nx: 1\n"), write("b.yaml", "xtrig: 1\ny: 1\n"))
    assert [message.partition(":")[0] for message in said] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize("version", ["2", "'1'", "true", "null", "[1]", "1.5"])
def test_another_format_version_is_refused_at_its_line(version: str):
    with pytest.raises(DefinitionError, match=r"x\.yaml:2: .*xtrig"):
        xtrig.load_text(f"# comment\nxtrig: {version}\n", "x.yaml")


def test_steps_nested_to_the_bound_load_and_one_more_is_refused():
    def nested(depth: int) -> str:
        return (
            "triggers: {a: {event: logon, steps: " + "[{if: 'true', then: " * depth + "[{log: x}]" + "}]" * depth + "}}"
        )

    xtrig.load_text("xtrig: 1\n" + nested(30))
    (finding,) = wrong(nested(60))
    assert "nested too deeply" in finding.message


@pytest.mark.parametrize("given", ["", " null", " ~", " # later"])
@pytest.mark.parametrize("inside", [False, True])
def test_a_condition_that_is_not_there_is_no_step_for_everybody(given: str, inside: bool):
    step = f"- deny: nobody\n        when:{given}\n"
    if inside:
        step = f"- if: ${{ssl}}\n        then:\n          - deny: nobody\n            when:{given}\n"
    text = f"xtrig: 1\ntriggers:\n  t:\n    event: logon\n    steps:\n      {step}"
    with pytest.raises(DefinitionError) as error:
        xtrig.load_text(text)
    (finding,) = error.value.findings
    assert "when: has no condition" in finding.message
    assert finding.location is not None
    assert finding.location.line == (9 if inside else 7)


def test_a_column_may_be_called_when():
    columns = "tables: {t: {columns: {when: text}}}"
    insert = "triggers: {t: {event: logon, steps: [{insert: t, values: {when: null}}]}}"
    assert xtrig.load_text(f"xtrig: 1\n{columns}\n{insert}\n").tables["t"].columns


class TestFindDefinition:
    def test_the_nearest_file_is_found(self, tmp_path: Path):
        (tmp_path / "xtrig.yaml").touch()
        deep = tmp_path / "a" / "b"
        deep.mkdir(parents=True)
        assert find_definition(deep) == tmp_path / "xtrig.yaml"
        (tmp_path / "a" / "xtrig.yaml").touch()
        assert find_definition(deep) == tmp_path / "a" / "xtrig.yaml"

    def test_a_folder_of_that_name_is_no_definition(self, tmp_path: Path):
        (tmp_path / "a" / "xtrig.yaml").mkdir(parents=True)
        (tmp_path / "xtrig.yaml").touch()
        assert find_definition(tmp_path / "a") == tmp_path / "xtrig.yaml"

    def test_without_one_the_remedy_is_init(self):
        with pytest.raises(UsageError, match="xtrig init"):
            find_definition(Path(os.sep))
