"""Findings about a script, with their place in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from xtrig.plugin import DefinitionError, Finding, Location, Severity


@dataclass
class Problems:
    """Collects findings about one file."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, severity: Severity, who: str, message: str, remedy: str, line: int) -> None:
        """Add a finding."""
        self.found.append(Finding(code, severity, who, message, remedy, location=Location(self.file, line)))

    def refuse(self, message: str, line: int) -> DefinitionError:
        """Return the error for a script that is not SQL."""
        self.add("XT401", Severity.ERROR, "script", message, "correct the script", line)
        return DefinitionError(self.found)
