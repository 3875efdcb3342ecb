"""What a dialect read out of a script: the vendor-free parts that a definition is assembled from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xtrig.facts import Event
from xtrig.findings import Finding
from xtrig.model import Sessions, Step, Table

ObjectName = tuple[str | None, str]
"""A schema, None where the script leaves it out, and a name."""


class ReadTable(NamedTuple):
    """A table that the script creates."""

    schema: str | None
    name: str
    table: Table
    line: int


class Filled(NamedTuple):
    """A table that a function writes to, under the name by which it does."""

    schema: str | None
    name: str
    line: int


class ReadFunction(NamedTuple):
    """A function of the script: steps, or with ``body`` its text as it stands."""

    schema: str | None
    name: str
    line: int
    policies: Mapping[str, Any]
    steps: tuple[Step, ...] = ()
    body: str | None = None
    settings: Mapping[str, str] | None = None
    """With a body: all parameters that the function sets while it runs; None: what xtrig sets."""
    fills: tuple[Filled, ...] = ()


class ReadTrigger(NamedTuple):
    """A trigger of the script, and the name of the function that it runs."""

    name: str
    event: Event
    function: ObjectName
    line: int
    tags: tuple[str, ...] = ()
    enable: str = "origin"
    if_unsupported: str = "refuse"


class Original(NamedTuple):
    """A script that was imported: its text, and the statements that are no part of the definition, in their order."""

    text: str
    rest: tuple[str, ...]


class Imported(NamedTuple):
    """Everything that was read, in the order of the script, and what does not carry over."""

    tables: tuple[ReadTable, ...] = ()
    functions: tuple[ReadFunction, ...] = ()
    triggers: tuple[ReadTrigger, ...] = ()
    sessions: tuple[str, Sessions] | None = None
    """The schema of a record of sessions, and what the definition said of it."""
    findings: tuple[Finding, ...] = ()
    rest: tuple[str, ...] = ()
    """The statements of a script that are no part of the definition, in their order."""
    script: str = ""
    """The script, without lines that are for the vendor's shell alone."""
