"""The deploying commands in this process, on a database of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

import xtrig
from tests.json_outputs import parsed
from tests.server.conftest import Database
from tests.server.deploying.site import Site
from xtrig.cli import main
from xtrig.deploy import Canary, Report, Status, apply

QUICK = Canary(login_timeout=5, rounds=1)
"""The proofs in full, the measuring of logins in short."""
AUDIT = """
xtrig: 1
name: first
schema: audit
tables:
  log: {columns: {at: timestamptz, who: text}}
functions:
  note: {steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
triggers:
  on_logon: {event: logon, run: note}
"""
"""Records who logs in."""
NO_DROP = """
xtrig: 1
name: second
schema: guard
triggers:
  no_drop: {event: sql_drop, steps: [{deny: "nothing is dropped here", when: "${login_user} <> 'postgres'"}]}
"""
"""Refuses DROP, to all but the superuser of the tests."""


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON on stdout, which has to be there and nothing else."""
        return parsed(self.out)


@dataclass(frozen=True)
class Here:
    """A database, a superuser's session that no trigger meets, and the commands."""

    site: Site
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def admin(self) -> psycopg.Connection[Any]:
        """The session that no trigger meets."""
        return self.site.admin

    @property
    def url(self) -> str:
        """The superuser's way in."""
        return self.site.url()

    def file(self, definition: str | Path) -> str:
        """Return the file of a definition."""
        if isinstance(definition, Path):
            return str(definition)
        path = self.folder / "given.yaml"
        path.write_text(definition, "utf-8")
        return str(path)

    def run(self, command: str, definition: str | Path | None, *arguments: str, url: str | None = None) -> Said:
        """Run a command; the definition is a file, or text that becomes one."""
        files = [] if definition is None else [self.file(definition)]
        return self.say(command, *files, "--url", url or self.url, *arguments)

    def say(self, *arguments: str) -> Said:
        """Run xtrig with just these arguments."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        code = left.value.code
        assert isinstance(code, int)
        return Said(code, *self.capsys.readouterr())

    def apply(self, definition: str | xtrig.TriggerSet, **options: Any) -> Report:
        """Deploy by the library."""
        triggers = xtrig.load_text(definition) if isinstance(definition, str) else definition
        return apply(triggers, options.pop("url", self.url), **{"canary": QUICK, **options})

    def plan(self, definition: str, **options: Any) -> Any:
        """Plan by the library."""
        return xtrig.plan(xtrig.load_text(definition), self.url, **options)

    def status(self, definition: str | xtrig.TriggerSet) -> Status:
        """Ask by the library."""
        triggers = xtrig.load_text(definition) if isinstance(definition, str) else definition
        return xtrig.status(triggers, self.url)

    def conditions(self, definition: str) -> dict[str, str]:
        """Return the condition of each object."""
        return {f"{each.kind} {each.name}": str(each.condition) for each in self.status(definition).objects}

    def changes(self, definition: str, **options: Any) -> list[str]:
        """Return what a plan would change."""
        return [f"{each.action} {each.kind} {each.name}" for each in self.plan(definition, **options).changes]


@contextmanager
def here_of(
    database: Database,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    options: str = "-c event_triggers=off",
) -> Iterator[Here]:
    """Lend a database with the commands."""
    with database.connect(options=options) as admin:
        yield Here(Site(database, admin), folder, capsys)
