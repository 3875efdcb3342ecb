"""Findings as SARIF 2.1.0, the OASIS format that code scanning services read."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import xtrig
from xtrig.findings import Finding, Location
from xtrig.registry import title

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: list[Finding]) -> dict[str, Any]:
    """Return a log of one run; a waived finding is there as a suppressed one, with the reason."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    driver = {"name": "xtrig", "version": xtrig.__version__, "rules": [_rule(code) for code in codes]}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    # Columns are never given, but a reader may refuse a log that does not say how they would be counted.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": title(code)}}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": f"{finding.subject}: {finding.message}; {finding.remedy}"},
        "locations": [_location(finding)],
    }
    if finding.waiver is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.waiver}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if finding.location is not None:
        location["physicalLocation"] = _place(finding.location)
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": ".".join(map(str, finding.path))}]
    return location


def _place(location: Location) -> dict[str, Any]:
    path = PurePath(location.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if location.line is not None:
        place["region"] = {"startLine": location.line}
    return place
