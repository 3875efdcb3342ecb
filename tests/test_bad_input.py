"""Whatever is given to the command line, a user gets one clear line for each mistake and never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from xtrig.cli import main

FINDING = re.compile(r"(?P<place>\S+?(:\d+)?): (warning: |note: )?.+: .+; .+ \[XT\d{3}\]\Z")
GOOD = "xtrig: 1\ntriggers:\n  x: {event: logon, steps: [{set: a.b, value: 1}]}\n"


@dataclass(frozen=True)
class Answer:
    """What a run of the command line said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What a user reads on stderr, line by line."""
        return self.err.splitlines()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: bytes | None = None) -> Answer:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Answer(left.value.code, said.out, said.err)

    return run


def refused(answer: Answer, line: int | None = None, name: str = "a.yaml") -> str:
    """Assert that the answer is one finding at its place, and return it."""
    assert answer.code == 1
    assert answer.out == ""
    (said,) = answer.lines
    found = FINDING.match(said)
    assert found, said
    assert found["place"] == (name if line is None else f"{name}:{line}")
    return said


def usage(answer: Answer) -> str:
    """Assert that the answer is one line about the call itself, and return it."""
    assert (answer.code, answer.out) == (64, "")
    (said,) = answer.lines
    assert said.startswith("xtrig: ")
    return said


def write(text: str | bytes, name: str = "a.yaml") -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def trigger(inner: str) -> str:
    return f"xtrig: 1\ntables:\n  log: {{columns: {{who: text}}}}\ntriggers:\n  x:\n    event: logon\n    {inner}\n"


BOMB = "xtrig: 1\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = trigger("steps: " + "[{if: 'true', then: " * 3000 + "[{log: x}]" + "}]" * 3000)
STEPS = "steps: " + "[{if: 'true', then: " * 41 + "[{log: x}]" + "}]" * 41
UNREADABLE = {
    "unclosed": ("xtrig: 1\ntriggers: [a: b\n", 3, "not YAML"),
    "tabs": ("xtrig: 1\ntriggers:\n\tx: 1\n", 3, "not YAML"),
    "two colons": ("xtrig: 1\ntriggers: x: y\n", 2, "not YAML"),
    "bad escape": ('xtrig: 1\nschema: "\\q"\n', 2, "not YAML"),
    "empty": ("", None, "start it with the line 'xtrig: 1'"),
    "only comments": ("# nothing\n", None, "start it with the line 'xtrig: 1'"),
    "no version": ("triggers: {}\n", None, "start it with the line 'xtrig: 1'"),
    "a list": ("- xtrig: 1\n", None, "not a mapping"),
    "prose": ("Dear reader\n", None, "not a mapping"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "not UTF-8"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0", 1, "binary"),
    "latin-1": ("xtrig: 1\nschema: caf\xe9\n".encode("latin-1"), 2, "UTF-8"),
    "utf-16": ("xtrig: 1\n".encode("utf-16"), 1, "UTF-8"),
    "nul": (b"xtrig: 1\nschema: a\0b\n", 2, "binary"),
    "ten megabytes": (b"xtrig: 1\n" + b"#" * 10_000_000, None, "larger than"),
    "a deep list": ("xtrig: 1\ntriggers: " + "[" * 100_000, 2, "too deeply"),
    "a deep mapping": ("xtrig: 1\ntriggers: " + "{a: " * 100_000, 2, "too deeply"),
    "deep in words": ("xtrig: 1\ntriggers:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 1500)), 103, "too deeply"),
    "steps in steps": (trigger(STEPS), 7, "steps are nested more than 40 deep"),
    "deep steps": (DEEP, 7, "too deeply"),
    "an alias bomb": (BOMB, None, "too large"),
    "a recursive alias": ("xtrig: 1\ntriggers: &t {x: *t}\n", 2, "alias *t"),
    "two documents": ("xtrig: 1\n---\nxtrig: 1\n", 3, "second document"),
    "a list for a key": ("xtrig: 1\n? [a]\n: b\n", 2, "quote the key"),
    "next year's format": ("xtrig: 2\n", 1, "2 is not legal"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_definition_is_one_finding(run, case: str):
    text, line, said = UNREADABLE[case]
    answer = run("render", write(text))
    if case == "an alias bomb":
        line = int(re.search(r":(\d+):", answer.err)[1])
    assert said in refused(answer, line)


WRONG = {
    "unknown section": ("xtrig: 1\ntrigers: {}\n", 2, "'triggers'"),
    "unknown key": (trigger("evnt: x\n    steps: [{log: x}]"), 7, "'event'"),
    "unknown step": (trigger("steps: [{insrt: log}]"), 7, "'insert'"),
    "unknown fact": (trigger("steps: [{log: '${login_usr}'}]"), 7, "'login_user'"),
    "unknown policy": (trigger("on_errr: deny\n    steps: [{log: x}]"), 7, "'on_error'"),
    "unknown policy value": (trigger("on_error: denny\n    steps: [{log: x}]"), 7, "'deny'"),
    "unknown event": (trigger("").replace("logon", "login"), 6, "'logon'"),
    "table that is missing": (trigger("steps: [{insert: lg, values: {who: '1'}}]"), 7, "'log'"),
    "column that is missing": (trigger("steps: [{insert: log, values: {whom: '1'}}]"), 7, "'who'"),
    "function that is missing": (trigger("run: f"), 7, "functions: none"),
    "number for a name": (trigger("run: 5"), 7, "got 5"),
    "text for triggers": ("xtrig: 1\ntriggers: x\n", 2, "got 'x'"),
    "nothing for triggers": ("xtrig: 1\ntriggers:\n", 2, "got nothing"),
    "list for tables": ("xtrig: 1\ntables: []\n", 2, "got a list"),
    "mapping for steps": (trigger("steps: {log: x}"), 7, "got a mapping"),
    "text for a step": (trigger("steps: [log]"), 7, "got 'log'"),
    "list for a message": (trigger("steps: [{log: [x]}]"), 7, "got a list"),
    "boolean for a condition": (trigger("steps: [{log: x, when: true}]"), 7, "got True"),
    "semicolon": (trigger("steps: [{log: x, when: 'a; b'}]"), 7, "semicolon"),
    "unclosed quote": (trigger('steps: [{log: x, when: "\'a"}]'), 7, "not closed"),
    "unclosed placeholder": (trigger("steps: [{log: '${tag'}]"), 7, "not closed"),
    "duration": (trigger("timeout: fast\n    steps: [{log: x}]"), 7, "not a duration"),
    "column type": ("xtrig: 1\ntables:\n  t: {columns: {a: 'text; x'}}\n", 3, "not a column type"),
    "name twice": ("xtrig: 1\ntriggers:\n  x: {}\n  x: {}\n", 4, "first at a.yaml:3"),
    "key twice": ("xtrig: 1\nschema: a\nschema: b\n", 3, "first at a.yaml:2"),
    "no trigger": ("xtrig: 1\n", 1, "add one under triggers"),
}


@pytest.mark.parametrize("command", ["render", "check"])
@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_finding_at_its_line_with_the_nearest_word(run, case: str, command: str):
    text, line, said = WRONG[case]
    answer = run(command, write(text))
    if command == "check":
        summary = answer.err
        assert summary == "1 error, 0 other\n"
        answer = Answer(answer.code, "", answer.out)
    assert said in refused(answer, line)


def test_several_mistakes_are_a_line_each_in_order(run):
    answer = run("render", write(trigger("steps: [{lg: x}]\n    timeout: fast\n    on_error: no")))
    assert [re.search(r":(\d+):", line)[1] for line in answer.lines] == ["7", "8", "9"]


def test_a_name_in_two_files_names_both(run):
    said = refused(run("render", write(GOOD), write(GOOD, "b.yaml")), 3, "b.yaml")
    assert "first at a.yaml:3" in said


@pytest.mark.parametrize(
    ("text", "line"), [('{"xtrig": 1,}', 1), ('{\n"xtrig": 1\n"a": 2}', 3), ("xtrig: 1", 1), ("", 1), ("{", 1)]
)
def test_json_that_is_none_is_one_finding(run, text: str, line: int):
    assert "not JSON" in refused(run("render", write(text, "a.json")), line, "a.json")


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a.yaml/b.yaml", "x" * 300 + ".yaml", "-"])
def test_a_file_that_cannot_be_read_is_a_wrong_call(run, name: str):
    write(GOOD)
    if name == "-":
        assert run("render", "a.yaml", "-").code == 64
    else:
        assert "cannot be read" in usage(run("render", name))


@pytest.mark.parametrize("name", ["a\nb.yaml", "a\0b.yaml"])
def test_a_strange_file_name_is_still_one_line(run, name: str):
    usage(run("render", name))


@pytest.mark.skipif(os.geteuid() == 0, reason="needs an ordinary user: root reads everything")
def test_a_file_without_permission_is_a_wrong_call(run):
    Path(write(GOOD)).chmod(0)
    assert "Permission denied" in usage(run("render", "a.yaml"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rendr"], "did you mean 'render'"),
        (["render", "--dialct", "x"], "--dialect"),
        (["render", "-d", "postgres", "a.yaml"], "did you mean 'postgresql'"),
        (["render", "-d", "", "a.yaml"], "installed dialects"),
        (["render", "-d"], "--dialect|-d"),
        (["render", "--target-version", "9", "a.yaml"], "versions: 13"),
        (["render", "--target-version", "new", "a.yaml"], "versions: 13"),
        (["render", "--target-version", "-1", "a.yaml"], "versions: 13"),
        (["render", "--format", "xml", "a.yaml"], "sql"),
        (["render", "--with-data", "a.yaml"], "--drop"),
        (["check", "-d", "polar", "a.yaml"], "did you mean 'polardb'"),
        (["check", "--format", "xml", "a.yaml"], "json"),
        (["dialects", "polar"], "did you mean 'polardb'"),
        (["dialects", "a", "b"], "unexpected extra argument"),
        (["schema", "x"], "is not one of"),
        (["schema", "plan", "x"], "unexpected extra argument"),
        (["--nonsense"], "--nonsense"),
        (["render"], "xtrig init"),
    ],
)
def test_a_wrong_call_is_one_line_with_what_is_right(run, arguments: list[str], said: str):
    if arguments != ["render"]:
        write(GOOD)
    assert re.search(said, usage(run(*arguments)), re.IGNORECASE)


@pytest.mark.parametrize(
    "text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\r"), GOOD + "...\n"]
)
def test_what_editors_do_to_a_file_does_not_matter(run, text: str):
    plain = run("render", write(GOOD))
    assert (plain.code, plain.err) == (0, "")
    assert run("render", write(text)) == plain


@pytest.mark.parametrize(
    ("given", "said"),
    [(b"", "not a mapping"), (b"\xff", "UTF-8"), (b"\0", "binary"), (b"a: [", "not YAML")],
)
def test_stdin_is_checked_as_a_file_is(run, given: bytes, said: str):
    answer = run("render", "-", stdin=given)
    assert (answer.code, answer.out) == (1, "")
    assert said in answer.err
    assert answer.err.startswith("<stdin>")


def test_stdin_may_be_a_definition(run):
    assert run("render", "-", stdin=GOOD.encode()) == run("render", write(GOOD))


def test_two_thousand_triggers_render(run):
    body = "".join(f"  x{n}: {{event: logon, steps: [{{set: a.b, value: {n}}}]}}\n" for n in range(2000))
    answer = run("render", write("xtrig: 1\ntriggers:\n" + body))
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.count("CREATE EVENT TRIGGER") == 2000


def test_warnings_go_to_stderr_and_stdout_is_data_alone(run):
    text = GOOD + "functions:\n  unused: {steps: [{log: x}]}\n"
    plain, warned = run("render", write(GOOD)), run("render", write(text))
    assert warned.code == 0
    assert [line for line in warned.out.splitlines() if "warning: " not in line] == plain.out.splitlines()
    (comment,) = (line for line in warned.out.splitlines() if "warning: " in line)
    assert comment.startswith("-- ")
    (line,) = warned.lines
    assert FINDING.match(line)
    assert line.startswith("a.yaml:5: warning: ")


HIDING = ("\u202e", "\x9b", "\u200b", "\x1b[2K")


@pytest.mark.parametrize("hiding", HIDING, ids=ascii)
@pytest.mark.parametrize("form", ["json", "sarif", "github", "text"])
def test_what_is_printed_of_a_definition_hides_and_turns_nothing(run, form: str, hiding: str):
    text = json.dumps({"xtrig": 1, f"a{hiding}b": 1, "triggers": {f"x{hiding}": {"event": f"log{hiding}on"}}})
    answer = run("check", write(text), "--format", form)
    assert (answer.code, hiding in answer.out + answer.err) == (1, False)
    if form == "json":
        assert [f"a{hiding}b"] in [each["path"] for each in json.loads(answer.out)["findings"]]


@pytest.mark.parametrize("hiding", HIDING[:3], ids=ascii)
def test_json_of_an_explanation_hides_and_turns_nothing(run, hiding: str):
    text = {"xtrig": 1, "triggers": {f"x{hiding}": {"event": "logon", "steps": [{"set": f"app.{hiding}", "value": 1}]}}}
    answer = run("explain", write(json.dumps(text)), "--format", "json")
    assert hiding not in answer.out
    assert answer.code in (0, 1)
