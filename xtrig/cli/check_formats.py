"""Findings as other programs read them: SARIF 2.1.0 for code scanning, annotations for GitHub Actions."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import xtrig
from xtrig.findings import Finding, Location, Severity
from xtrig.registry import title
from xtrig.sqltext import one_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: list[Finding]) -> dict[str, Any]:
    """Return a SARIF log of one run; a waived finding is a suppressed result, with the reason."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    rules = [{"id": code, "shortDescription": {"text": title(code)}} for code in codes]
    driver = {"name": "xtrig", "version": xtrig.__version__, "rules": rules}
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    # There are no columns in it, but some readers refuse a log without their unit.
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


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


_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotation(finding: Finding) -> str:
    """Return one workflow command, ``::error file=...,line=...,title=...::message``."""
    properties: dict[str, str] = {}
    if finding.location is not None:
        properties["file"] = finding.location.file
        if finding.location.line is not None:
            properties["line"] = str(finding.location.line)
    properties["title"] = f"{finding.code} {title(finding.code)}"
    said = one_line(f"{finding.subject}: {finding.message}; {finding.remedy}")
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
