"""`xtrig try` in this process, and what there is on a server before and after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from xtrig.cli import main
from xtrig_pgfamily.embedded.server import EmbeddedServer

SOURCES = Path(__file__).parents[2]
EXAMPLES = SOURCES / "examples"
DDL = ["CREATE TABLE", "ALTER TABLE (new column)", "ALTER TABLE (rewrite)", "CREATE FUNCTION", "DROP TABLE"]
EVERYTHING = """
    SELECT array(SELECT datname::text FROM pg_database ORDER BY 1),
           array(SELECT rolname::text FROM pg_roles ORDER BY 1),
           array(SELECT m::text FROM pg_auth_members AS m ORDER BY 1)
"""


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        report: dict[str, Any] = json.loads(self.out)
        return report


class Try:
    """Runs the command; a definition is a file, or text that becomes one in `folder`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def __call__(self, definition: Path | str, *arguments: str) -> Outcome:
        with pytest.raises(SystemExit) as left:
            main(["try", str(self.file(definition)), *arguments])
        assert isinstance(left.value.code, int)
        return Outcome(left.value.code, *self.capsys.readouterr())

    def file(self, definition: Path | str) -> Path:
        if isinstance(definition, Path):
            return definition
        (self.folder / "given.yaml").write_text(definition)
        return self.folder / "given.yaml"


def everything(server: EmbeddedServer) -> Any:
    """Return the databases, the roles and the memberships of a server."""
    with server.connect() as admin:
        return admin.execute(EVERYTHING).fetchone()


@contextmanager
def untouched(server: EmbeddedServer) -> Iterator[str]:
    """Give the superuser's URL of a server on which nothing may be left."""
    before = everything(server)
    yield server.url(tcp=True)
    assert everything(server) == before


def actions(report: dict[str, Any], outcome: str) -> list[tuple[str, str]]:
    """Return action and role of those with this outcome."""
    return [(each["action"], each["role"]) for each in report["actions"] if each["outcome"] == outcome]


def rows(report: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """Return the rows that a table got."""
    return [each["row"] for each in report["tables"][table]]
