"""Findings as lines and as data."""

from __future__ import annotations

import json

import pytest

from xtrig.findings import Finding, Location, Severity

FINDING = Finding("XT101", Severity.ERROR, "trigger 'x'", "what", "do this", ("triggers", "x", 0))


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (FINDING, "trigger 'x': what; do this [XT101]"),
        (FINDING.at(Location("a.yaml", 3)), "a.yaml:3: trigger 'x': what; do this [XT101]"),
        (FINDING.at(Location("a.yaml")), "a.yaml: trigger 'x': what; do this [XT101]"),
        (
            Finding("XT109", Severity.WARNING, "f", "m", "r", location=Location("a", 1)),
            "a:1: warning: f: m; r [XT109]",
        ),
    ],
)
def test_a_finding_is_one_line_that_editors_understand(finding: Finding, line: str):
    assert str(finding) == line


def test_a_finding_is_json():
    data = json.loads(json.dumps(FINDING.at(Location("a.yaml", 3)).to_dict()))
    assert (data["file"], data["line"], data["path"]) == ("a.yaml", 3, ["triggers", "x", 0])
    assert json.loads(json.dumps(FINDING.to_dict()))["line"] is None
