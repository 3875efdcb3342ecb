"""YAML 1.2 and JSON as data: what a word is, where it stands, and what is no definition at all."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from xtrig.errors import DefinitionError
from xtrig.load import yaml12
from xtrig.load.yaml12 import Document, read_document


def read(text: str | bytes, name: str = "a.yaml") -> Document:
    return read_document(text.encode() if isinstance(text, str) else text, name)


def refusal(text: str | bytes, name: str = "a.yaml") -> str:
    with pytest.raises(DefinitionError) as caught:
        read(text, name)
    (finding,) = caught.value.findings
    assert finding.code == "XT001"
    return str(finding)


@pytest.mark.parametrize(
    "word",
    ["no", "No", "NO", "on", "off", "yes", "y", "n", "Y", "tRue", "nuLL", "2026-01-01", "12:30:45", "1_000"],
)
def test_a_word_of_yaml_1_1_stays_text(word: str):
    assert read(f"a: {word}").data == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("False", False),
        ("FALSE", False),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
    ],
)
def test_a_word_of_the_core_schema_is_its_value(word: str, value: Any):
    found = read(f"a: {word}").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("quoted", ["'true'", '"null"', "'10'", "|-\n  1.5", ">-\n  no"])
def test_quoted_text_is_text(quoted: str):
    assert isinstance(read(f"a: {quoted}").data["a"], str)


@pytest.mark.parametrize("key", ["true", "null", "1", "no", "~", "1.5"])
def test_a_key_is_its_own_text(key: str):
    assert read(f"{key}: x").data == {key: "x"}


def test_every_path_has_its_line():
    document = read("a: 1\nb:\n  - c: x\n    d:\n      - y\n")
    lines = {path: location.line for path, location in document.locations.items()}
    assert lines == {
        (): 1,
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 0, "c"): 3,
        ("b", 0, "d"): 4,
        ("b", 0, "d", 0): 5,
    }


def test_a_name_given_twice_names_both_places():
    (finding,) = read("t:\n  a: 1\n  b: 2\n  a: 3\n").findings
    assert finding.code == "XT002"
    assert str(finding.location) == "a.yaml:4"
    assert "a.yaml:2" in finding.message


def test_names_that_differ_only_in_quotes_are_the_same_name():
    assert len(read("{'1': x, 1: y}").findings) == 1


def test_an_alias_is_what_it_stands_for():
    assert read("a: &x [1, {b: c}]\nd: *x\n").data == {"a": [1, {"b": "c"}], "d": [1, {"b": "c"}]}


@pytest.mark.parametrize("text", ["a: *x\n", "a: &x [*x]\n", "a: &x {b: *x}\n"])
def test_an_alias_of_nothing_before_it_is_refused(text: str):
    assert "alias *x of nothing before it" in refusal(text)


def test_aliases_cannot_expand_without_bound():
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    assert "too large" in refusal(bomb)


ONE_LINE = "a.yaml:1: definition: is nested too deeply"


@pytest.mark.parametrize("parser", [yaml.CBaseLoader, yaml.BaseLoader])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, ONE_LINE),
        ("{a: " * 100_000, ONE_LINE),
        ("[{a: " * 100_000, ONE_LINE),
        ("[" * 600 + "]" * 600, ONE_LINE),
        ("[" * 2000 + "]" * 2000, ONE_LINE),
        ("- " * 5000, ONE_LINE),
        ("- " * 60 + "[" * 60, ONE_LINE),
        ("# only in its third line\n\na: " + "[" * 2000, "a.yaml:3: definition: is nested too deeply"),
        ("[\n" * 5000, "a.yaml:102: definition: is nested too deeply"),
        ("".join(f"{' ' * n}a:\n" for n in range(1500)), "a.yaml:102: definition: is nested too deeply"),
        ("".join(f"{' ' * n}-\n" for n in range(1500)), "a.yaml:102: definition: is nested too deeply"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_depth_is_bounded_alike_whichever_parser_reads(text: str, said: str, parser: Any, monkeypatch: Any):
    monkeypatch.setattr(yaml12, "_Loader", parser)
    assert said in refusal(text)


@pytest.mark.parametrize("parser", [yaml.CBaseLoader, yaml.BaseLoader])
def test_brackets_in_a_wrong_text_do_not_make_it_deep(parser: Any, monkeypatch: Any):
    monkeypatch.setattr(yaml12, "_Loader", parser)
    assert "is not YAML" in refusal("a: [" + "[], " * 300 + "\nb: '")


def test_depth_by_aliases_is_bounded_too():
    chain = "a0: &a0 " + "[" * 60 + "]" * 60 + "\na1: [" + "[" * 60 + "*a0" + "]" * 60 + "]\n"
    assert "a.yaml:2: definition: is nested too deeply" in refusal(chain)
    assert read(chain.replace("[" * 60, "[" * 30).replace("]" * 60, "]" * 30)).data["a1"]


@pytest.mark.parametrize("depth", [101, 450, 990, 5000, 100_000])
@pytest.mark.parametrize(("opened", "closed"), [('{"a": ', "}"), ("[", "]"), ('[{"a":\t', "}]")])
def test_deep_json_is_refused_like_deep_yaml(opened: str, closed: str, depth: int):
    text = opened * depth + "1" + closed * depth
    assert "a.json: definition: is nested too deeply" in refusal(text, "a.json")


def test_the_deepest_that_is_read_is_as_deep_in_json_as_in_yaml():
    for name in ("a.yaml", "a.json"):
        read("[" * 100 + "1" + "]" * 100, name)
        assert "nested too deeply" in refusal("[" * 101 + "1" + "]" * 101, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "is not YAML"),
        ("a: b: c\n", "a.yaml:1: .*is not YAML"),
        ("a: 1\n\tb: 2\n", "a.yaml:2: .*is not YAML"),
        ("a: 'x", "is not YAML"),
        ("%YAML 9.9\n---\na: 1", "is not YAML"),
        ("a: !!python/object:os.system x\n---\nb: 1", "second document"),
        ("? [a]\n: b\n", "a key that is not a word"),
        ("x: {[a]: b}", "a key that is not a word"),
        ("a: \0", "a.yaml:1: .*binary data"),
        (b"a: 1\nb: \xff\xfe", "a.yaml:2: .*not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0", "not UTF-8"),
        ("a\0".encode("utf-16"), "not UTF-8"),
        ("a: \x01", "is not YAML"),
        ('a: "\\q"', "is not YAML"),
    ],
)
def test_what_is_no_yaml_is_one_finding_with_its_place(text: str | bytes, said: str):
    assert re.search(said, refusal(text))


def test_no_tag_makes_an_object():
    assert read("a: !!python/object/apply:os.getcwd []\nb: !x y").data == {"a": [], "b": "y"}


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n"])
def test_an_empty_text_is_nothing(text: str):
    assert read(text).data is None


@pytest.mark.parametrize("text", ["\ufeffa: 1\r\nb: x\r\n", "a: 1\rb: x\r", "---\na: 1\nb: x\n...\n"])
def test_byte_order_marks_and_any_line_ends_are_fine(text: str):
    assert read(text).data == {"a": 1, "b": "x"}


JSON = {"a": 'it\'s "q" / \\ \n\t é 😀 \u2028', "b": [1, -2, 1.5, True, False, None], "c": {"d": {}}, "": ""}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_a_json_file_is_what_json_says(ascii_only: bool, indent: Any, separators: Any):
    text = json.dumps(JSON, ensure_ascii=ascii_only, indent=indent, separators=separators)
    assert read(text, "a.json").data == JSON


def test_json_may_escape_a_slash():
    assert read('{"a": "x\\/y"}', "a.json").data == {"a": "x/y"}


def test_a_long_json_key_is_a_key():
    assert read(json.dumps({"a" * 2000: 1}), "a.json").data == {"a" * 2000: 1}


def test_json_lines_count():
    assert read('{\n "a": 1,\n "b": 2\n}', "a.json").locations[("b",)].line == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,}', "a.json:1: .*is not JSON"),
        ('{\n"a": 1\n"b": 2}', "a.json:3: .*is not JSON"),
        ("a: 1", "is not JSON"),
        ("", "is not JSON"),
        ("{\"a\": 'x'}", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": "\\ud83d"}', "XT001"),
    ],
)
def test_a_json_file_is_strict(text: str, said: str):
    assert re.search(said, refusal(text, "a.json"))


def test_json_names_given_twice_are_found():
    assert [finding.code for finding in read('{"a": 1, "a": 2}', "a.json").findings] == ["XT002"]
