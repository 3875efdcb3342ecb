"""Findings as annotations of GitHub Actions: workflow commands on standard output."""

from __future__ import annotations

from xtrig.findings import Finding, Severity
from xtrig.registry import title
from xtrig.sqltext import one_line

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
