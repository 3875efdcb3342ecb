"""What triggers write to the server's log, read from the log of the embedded server."""

from __future__ import annotations

import re
from pathlib import Path

DATABASE = "trial"
LOG_SETTINGS = {"log_line_prefix": "[%p] %q%d "}
"""Process id, and in a session its database."""

_ENTRY = re.compile(r"\[\d+\] (?P<database>\S+) (?P<severity>[A-Z0-9]+): {1,2}(?P<message>.*)")
_WRITTEN_BY_TRIGGERS = ("LOG", "WARNING")
"""Errors are not among them: those reach the client, and are told as what the client saw."""


class ServerLog:
    """The log from here on; the server writes a line before the client hears of what caused it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.take()

    def take(self) -> tuple[str, ...]:
        """Return the messages that triggers of the trial's database have written since the last time."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        self._offset += len(new)
        return tuple(_messages(new.decode(errors="replace")))


def _messages(text: str) -> list[str]:
    found: list[str] = []
    wanted = False
    for line in text.split("\n"):
        entry = _ENTRY.match(line)
        if entry:
            wanted = entry["database"] == DATABASE and entry["severity"] in _WRITTEN_BY_TRIGGERS
            if wanted:
                found.append(entry["message"])
        elif wanted and line.startswith("\t"):
            # The server begins the further lines of a message with a tab, so that nobody can forge an entry.
            found[-1] += "\n" + line[1:]
        else:
            wanted = False
    return found
