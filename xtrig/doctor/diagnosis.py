"""What an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xtrig.dialect.doctor import Ailment, Command
from xtrig.dialect.platform import Server
from xtrig.findings import Severity


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The ailments of one server, the worst first, and the commands for an emergency."""

    dialect: str
    server: Server
    ailments: tuple[Ailment, ...]
    commands: tuple[Command, ...]

    @property
    def is_safe(self) -> bool:
        """Whether there is nothing worse than notes."""
        return all(ailment.severity is Severity.NOTE for ailment in self.ailments)

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnosis as JSON-able data."""
        return {
            "dialect": self.dialect,
            "server": {name: getattr(self.server, name) for name in ("title", "database", "role")},
            "ailments": [ailment.to_dict() for ailment in self.ailments],
            "commands": [command.to_dict() for command in self.commands],
        }
