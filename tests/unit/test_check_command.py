"""``xtrig check``: what is shown, in which format, and the exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.distributions import ROOT
from tests.json_outputs import parsed
from xtrig.cli import main
from xtrig.cli.check_formats import annotation
from xtrig.findings import Finding, Location, Severity

DEFINITION = """xtrig: 1
triggers:
  guard:
    event: sql_drop
    timeout: 1s
    steps: [{deny: x}]
  note:
    event: sql_drop
    timeout: 1s
    ignore: {XT111: until May}
    steps: [{log: x}]
"""
# The structure that xtrig uses, no more than that, by hand: the schema of OASIS is not ours to give on.
# The same output was held against sarif-schema-2.1.0.json of OASIS when this was written.
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}

UNTRANSLATED = "; no translation was checked: add --dialect NAME, or --dialect all"


def strict(required: str, **properties: Any) -> dict[str, Any]:
    """Return the schema of an object without any other key; a word with ``?`` is optional."""
    names = required.split()
    assert {name.rstrip("?") for name in names} == set(properties)
    return {
        "type": "object",
        "required": [name for name in names if not name.endswith("?")],
        "properties": properties,
        "additionalProperties": False,
    }


def listed(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


PHYSICAL = strict(
    "artifactLocation region?",
    artifactLocation=strict("uri", uri={"type": "string", "pattern": "^[!-~]+$"}),
    region=strict("startLine", startLine={"type": "integer", "minimum": 1}),
)
LOCATION = strict(
    "physicalLocation? logicalLocations?",
    physicalLocation=PHYSICAL,
    logicalLocations=listed(strict("fullyQualifiedName", fullyQualifiedName={"type": "string"})),
)
RESULT = strict(
    "ruleId ruleIndex level message locations suppressions?",
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=TEXT,
    locations=listed(LOCATION),
    suppressions=listed(
        strict("kind justification", kind={"enum": ["inSource", "external"]}, justification={"type": "string"}), 1
    ),
)
RULE = strict("id shortDescription", id={"type": "string"}, shortDescription=TEXT)
DRIVER = strict("name version rules", name={"type": "string"}, version={"type": "string"}, rules=listed(RULE))
RUN = strict(
    "tool columnKind results",
    tool=strict("driver", driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=listed(RESULT),
)
SARIF = strict(
    "$schema version runs", **{"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": listed(RUN, 1)}
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    Path("xtrig.yaml").write_text(DEFINITION)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["check", *arguments])
        return left.value.code, *capsys.readouterr()

    return run


def shown(out: str) -> list[str]:
    return re.findall(r"\[(XT\d{3})\]$", out, re.MULTILINE)


def sarif_of(out: str) -> dict[str, Any]:
    log = json.loads(out)
    jsonschema.Draft202012Validator(SARIF).validate(log)
    return log["runs"][0]


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ((), ["XT111", "XT217"]),
        (("--select", "XT2"), ["XT217"]),
        (("--select", "xt217, XT111"), ["XT111", "XT217"]),
        (("--ignore", "XT217"), ["XT111"]),
        (("--ignore", "XT1", "--ignore", "XT217"), []),
        (("--select", "XT2", "--ignore", "XT21"), []),
    ],
)
def test_codes_are_selected_and_left_out(run: Any, options: tuple[str, ...], codes: list[str]) -> None:
    code, out, _ = run("-d", "postgresql", *options)
    assert (code, shown(out)) == (0, codes)


def test_the_summary_counts_what_is_waived(run: Any) -> None:
    assert run()[2] == f"0 errors, 1 other; 1 waived{UNTRANSLATED}\n"
    assert run("--select", "XT2")[2] == f"no findings{UNTRANSLATED}\n"


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("given", ["XT9", "timeout", "", "XT1,"])
def test_what_no_code_begins_with_is_wrong_usage(run: Any, option: str, given: str) -> None:
    code, out, err = run(option, given)
    assert (code, out) == (64, "")
    assert err.startswith(f"xtrig: {option}: no code begins with '")
    assert len(err.splitlines()) == 1


def test_an_error_that_is_left_out_does_not_count(run: Any) -> None:
    Path("xtrig.yaml").write_text(DEFINITION.replace("event: sql_drop", "event: logoff", 1))
    assert run("-d", "postgresql")[0] == 1
    assert run("-d", "postgresql", "--ignore", "XT201")[0] == 0


def test_a_file_that_cannot_be_read_is_never_left_out(run: Any) -> None:
    Path("xtrig.yaml").write_text("xtrig: 1\ntriggers: {x: {event: never}}\n")
    code, out, _ = run("--select", "XT2", "--ignore", "XT0")
    assert (code, set(shown(out))) == (1, {"XT001"})


def test_each_file_may_be_a_definition_of_its_own(run: Any) -> None:
    Path("other.yaml").write_text(DEFINITION)
    assert shown(run("xtrig.yaml", "other.yaml")[1]) == ["XT002", "XT002"]
    assert shown(run("--each", "xtrig.yaml", "other.yaml")[1]) == ["XT111", "XT111"]
    assert shown(run("--each")[1]) == ["XT111"]


def test_sarif_has_what_is_waived_as_suppressed(run: Any) -> None:
    code, out, err = run("-d", "postgresql", "-f", "sarif")
    assert (code, err) == (0, "")
    log = sarif_of(out)
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == ["XT111", "XT217"]
    first, waived, note = log["results"]
    assert [each["level"] for each in (first, waived, note)] == ["warning", "warning", "note"]
    assert waived["suppressions"] == [{"kind": "inSource", "justification": "until May"}]
    place = first["locations"][0]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "xtrig.yaml"}, "region": {"startLine": 5}}
    assert place["logicalLocations"] == [{"fullyQualifiedName": "triggers.guard.timeout"}]
    assert "suppressions" not in first


def test_sarif_names_files_as_uris(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "é#.yaml").write_text(DEFINITION)
    for file, uri in (
        ("a b/é#.yaml", "a%20b/%C3%A9%23.yaml"),
        (str(folder / "é#.yaml"), (folder / "é#.yaml").as_uri()),
    ):
        (result, _) = sarif_of(run(file, "-f", "sarif")[1])["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_of_a_file_that_cannot_be_read(run: Any) -> None:
    Path("xtrig.json").write_text("[")
    code, out, _ = run("xtrig.json", "-f", "sarif")
    assert code == 1
    assert [each["ruleId"] for each in sarif_of(out)["results"]] == ["XT001"]


def test_sarif_of_nothing_is_a_run_all_the_same(run: Any) -> None:
    assert sarif_of(run("--select", "XT2", "-f", "sarif")[1])["results"] == []


def test_the_schema_here_refuses_what_is_no_sarif() -> None:
    with pytest.raises(jsonschema.ValidationError):
        sarif_of(json.dumps({"$schema": "x", "version": "2.1.0", "runs": [{"results": []}]}))


def test_json_has_what_stands(run: Any) -> None:
    findings = parsed(run("-f", "json")[1])["findings"]
    assert [(each["code"], each["line"]) for each in findings] == [("XT111", 5)]


def test_annotations_are_workflow_commands(run: Any) -> None:
    out = run("-d", "postgresql", "-f", "github")[1].splitlines()
    assert out[0] == (
        "::warning file=xtrig.yaml,line=5,title=XT111 A policy that does nothing at this event::"
        "trigger 'guard': timeout: it does nothing at sql_drop; remove it"
    )
    assert out[1].startswith("::notice file=xtrig.yaml,line=3,title=XT217 ")


def test_annotations_are_escaped() -> None:
    place = Location("a,b:c%\n.yaml", 2)
    finding = Finding("XT203", Severity.ERROR, "trigger 'x'", "100%, or: not", "see", location=place)
    assert annotation(finding) == (
        "::error file=a%2Cb%3Ac%25%0A.yaml,line=2,title=XT203 A deny does not bind on this dialect::"
        "trigger 'x': 100%25, or: not; see"
    )
    assert annotation(Finding("XT108", Severity.ERROR, "definition", "m", "r")).startswith("::error title=XT108 ")


def test_the_hook_checks_definitions_one_by_one(run: Any) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["id"] == "xtrig-check"
    program, verb, *options = hook["entry"].split()
    assert (program, verb, hook["language"]) == ("xtrig", "check", "python")
    Path("more.xtrig.yaml").write_text(DEFINITION)
    assert shown(run(*options, "xtrig.yaml", "more.xtrig.yaml")[1]) == ["XT111", "XT111"]


@pytest.mark.parametrize(
    ("text", "is_definition"),
    [
        ("xtrig: 2\n", True),
        ("# first\n---\nxtrig : 2\n", True),
        ('{"xtrig": 2}', True),
        ('{\n  "triggers": {},\n  "xtrig": 2\n}', True),
        ("triggers: [\nxtrig: 1\n", True),
        ("services: {web: {image: xtrig}}\n", False),
        ("name: ci # xtrig: 1\n", False),
        ("", False),
    ],
)
def test_the_hook_leaves_out_what_is_no_definition(run: Any, text: str, is_definition: bool) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    _, _, *options = hook["entry"].split()
    Path("audit.yaml").write_text(text)
    assert run(*options, "audit.yaml")[0] == (1 if is_definition else 0)
    assert run(*options, "missing.yaml")[0] != 0


def test_the_nearest_definition_is_none_of_the_others(run: Any) -> None:
    assert shown(run("--skip-others")[1]) == shown(run()[1]) == ["XT111"]


@pytest.mark.parametrize("closed", ["", ">&-", "2>&-"])
@pytest.mark.parametrize("quiet", ["", "--quiet"])
def test_a_closed_stream_is_no_traceback(tmp_path: Path, quiet: str, closed: str) -> None:
    (tmp_path / "xtrig.yaml").write_text("triggers: [")
    command = f'exec "$0" -m xtrig check {quiet} {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, bool(done.stdout)) == (1, closed != ">&-")
    assert done.stderr == ("" if closed == "2>&-" else "1 error, 0 other\n")
