"""A fresh process: what rendering loads there, and whether it writes the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import ClassVar

from xtrig import RefusedError, load, render
from xtrig.registry import GROUP
from xtrig.testing.suite.situations import case_files
from xtrig.testing.suite.subject import Subject

DRIVERS = ("sqlalchemy", "psycopg")

PROGRAM = """
import json, sys
import xtrig
texts = {}
for path in sys.argv[2:]:
    try:
        texts[path] = str(xtrig.render(xtrig.load(path), sys.argv[1]))
    except xtrig.RefusedError as refusal:
        texts[path] = str(refusal)
packages = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"texts": texts, "packages": packages}))
"""


@dataclass(frozen=True)
class Fresh:
    """What a process of its own did: a text for each case file, and the packages it had loaded at the end."""

    texts: dict[str, str]
    packages: frozenset[str]


class IsolatedTests(Subject):
    """Rendering with this dialect is nobody else's business."""

    allowed_packages: ClassVar[frozenset[str]] = frozenset()
    """Packages of other dialects that this one builds on, such as ``{"xtrig_postgresql"}``."""

    def test_it_loads_no_other_dialect(self) -> None:
        """A broken neighbour must not be in the way."""
        owners = {entry.name: _package(entry.value) for entry in entry_points(group=GROUP)}
        foreign = set(owners.values()) - {owners[self.dialect_name]} - self.allowed_packages
        assert not fresh(self.dialect_name).packages & foreign

    def test_it_loads_no_driver(self) -> None:
        """Rendering needs no database, and stays quick."""
        assert not fresh(self.dialect_name).packages & set(DRIVERS)

    def test_fresh_process_gives_same_bytes(self) -> None:
        """Under another hash seed, so that no order of a set shows through."""
        for path, text in fresh(self.dialect_name).texts.items():
            try:
                here = str(render(load(path), self.dialect_name))
            except RefusedError as refusal:
                here = str(refusal)
            assert text == here, path


@cache
def fresh(dialect: str) -> Fresh:
    """Render every case file in a process of its own."""
    paths = [str(path) for path in case_files()]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, dialect, *paths],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Fresh(told["texts"], frozenset(told["packages"]))


def _package(value: str) -> str:
    """Return the top-level package of an entry point's target."""
    return value.partition(":")[0].partition(".")[0].strip()
