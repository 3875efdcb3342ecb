"""Text to :class:`~xtrig.model.TriggerSet`: YAML 1.2 or JSON, one file or several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from xtrig.errors import DefinitionError, UsageError, check_type
from xtrig.findings import Finding, Location, Severity
from xtrig.findings import Path as DefinitionPath
from xtrig.load.validation import explain, without_condition
from xtrig.load.variables import Variables, substituted
from xtrig.load.yaml12 import Document, read_document
from xtrig.model import Function, Policies, Trigger, TriggerSet

MAX_BYTES = 4 * 1024 * 1024
"""Enough for about ten thousand triggers; a larger file is no definition."""

DEFAULT_NAME = "xtrig.yaml"


def load(*paths: str | os.PathLike[str], variables: Variables | None = None) -> TriggerSet:
    """Return the set that the files make together; ``variables`` are the values of each ``${vars.NAME}`` in them.

    A name given twice, in one file or in two, is an error that names both places.
    Raises :class:`~xtrig.errors.DefinitionError` with every finding of every file, and
    :class:`~xtrig.errors.UsageError` for a file that cannot be read.
    """
    if not paths:
        raise UsageError("no definition file was named; pass a path such as 'xtrig.yaml'")
    for path in paths:
        check_type(path, (str, os.PathLike), "the name of a definition file", "give paths one by one: load(*PATHS)")
    return _together(_parse(_read(Path(path)), str(path), variables or {}) for path in paths)


def load_text(text: str, name: str = "<text>", *, variables: Variables | None = None) -> TriggerSet:
    """Return the set that ``text`` (YAML or JSON) makes; ``name`` stands for the file in messages.

    ``variables`` are the values of each ``${vars.NAME}`` in it.
    """
    check_type(text, str, "the text of a definition", "read a file with xtrig.load(PATH)")
    return _together([_parse(text.encode(errors="surrogatepass"), name, variables or {})])


def dump(triggers: TriggerSet) -> str:
    """Return the set as the text of a definition file, in YAML, which :func:`load_text` makes an equal set of."""
    check_type(triggers, TriggerSet, "a set", "make one with xtrig.load() or TriggerSet(...)")
    return triggers.to_yaml()


def load_stream(stream: BinaryIO, name: str, *, variables: Variables | None = None) -> TriggerSet:
    """Return the set that the bytes of ``stream`` make; ``name`` stands for the file in messages."""
    return _together([_parse(_within_bounds(stream.read(MAX_BYTES + 1), name), name, variables or {})])


def find_definition(start: Path | None = None) -> Path:
    """Return the nearest ``xtrig.yaml`` in ``start`` (default: here) or a folder above it.

    Raises :class:`~xtrig.errors.UsageError` if there is none.
    """
    try:
        here = (start or Path.cwd()).resolve()
    except OSError as error:
        raise UsageError(f"this folder cannot be read: {error.strerror}; name a definition file") from None
    for folder in (here, *here.parents):
        if (candidate := folder / DEFAULT_NAME).is_file():
            return candidate
    raise UsageError(
        f"no definition file was named and there is no {DEFAULT_NAME} here or in a folder above; "
        "name a file, or write one with: xtrig init"
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot be read: {why}; check the name and its permissions") from None
    return _within_bounds(content, str(path))


def _within_bounds(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        size = f"is larger than {MAX_BYTES // 1024 // 1024} MiB"
        raise DefinitionError([_unreadable(name, size, "a definition is a small file")])
    return content


def _parse(content: bytes, name: str, variables: Variables) -> TriggerSet | list[Finding]:
    try:
        document = read_document(content, name)
    except DefinitionError as error:
        return list(error.findings)
    if not document.findings and b"vars." in content:
        document.data, document.findings = substituted(document.data, variables, document.locations)
    if document.findings:
        return document.findings
    return _validate(document, name)


def _validate(document: Document, name: str) -> TriggerSet | list[Finding]:
    data = document.data
    if not isinstance(data, dict):
        return [_unreadable(name, "is not a mapping of keys", "start it with the line 'xtrig: 1'")]
    if "xtrig" not in data:
        return [_unreadable(name, "does not say its format version", "start it with the line 'xtrig: 1'")]
    if findings := list(without_condition(document)):
        return findings
    try:
        return TriggerSet.model_validate(data, by_alias=True, by_name=False).located(document.locations)
    except ValidationError as error:
        return explain(error, document)
    except RecursionError:
        return [_unreadable(name, "is nested too deeply", "move inner steps into functions of their own")]


def _together(parsed: Iterable[TriggerSet | list[Finding]]) -> TriggerSet:
    sets: list[TriggerSet] = []
    findings: list[Finding] = []
    for result in parsed:
        if isinstance(result, TriggerSet):
            sets.append(result)
        else:
            findings += result
    if findings:
        raise DefinitionError(findings)
    return merge(sets)


def _unreadable(name: str, message: str, remedy: str) -> Finding:
    return Finding("XT001", Severity.ERROR, "definition", message, remedy, location=Location(name))


_SECTIONS = ("tables", "functions", "triggers")


def merge(sets: Sequence[TriggerSet]) -> TriggerSet:
    """Return one set with the parts of all sets.

    Each part keeps the schema and the default policies of its own file; the set has the name of the first.
    Raises :class:`~xtrig.errors.DefinitionError` naming both places of a name given twice.
    """
    if len(sets) == 1:
        return sets[0]
    findings = _given_twice(sets)
    if findings:
        raise DefinitionError(findings)
    parts: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    locations: dict[DefinitionPath, Location] = {}
    for triggers in sets:
        parts["tables"] |= {name: _in_schema(table, triggers) for name, table in triggers.tables.items()}
        parts["functions"] |= {name: _explicit(function, triggers) for name, function in triggers.functions.items()}
        parts["triggers"] |= {name: _explicit(trigger, triggers) for name, trigger in triggers.triggers.items()}
        locations |= triggers._locations
    return TriggerSet(
        name=sets[0].name,
        schema_=sets[0].schema_,
        sessions=next((triggers.sessions for triggers in sets if triggers.sessions is not None), None),
        tables=parts["tables"],
        functions=parts["functions"],
        triggers=parts["triggers"],
    ).located(locations)


def _given_twice(sets: Sequence[TriggerSet]) -> list[Finding]:
    findings: list[Finding] = []
    recording = [triggers.locate(("sessions",)) for triggers in sets if triggers.sessions is not None]
    for here in recording[1:]:
        message = f"sessions are recorded twice, first at {recording[0]}"
        findings.append(Finding("XT002", Severity.ERROR, "sessions", message, "leave one out", ("sessions",), here))
    for section in _SECTIONS:
        first: dict[str, Location | None] = {}
        for triggers in sets:
            for name in getattr(triggers, section):
                here = triggers.locate((section, name))
                if name in first:
                    message = f"the name is given twice, first at {first[name]}"
                    subject = f"{section[:-1]} {name!r}"
                    findings.append(
                        Finding("XT002", Severity.ERROR, subject, message, "rename one", (section, name), here)
                    )
                else:
                    first[name] = here
    return findings


def _in_schema(part: Any, triggers: TriggerSet) -> Any:
    return part if part.schema_ is not None else part.model_copy(update={"schema_": triggers.schema_})


def _explicit(part: Function | Trigger, triggers: TriggerSet) -> Any:
    if isinstance(part, Trigger) and part.run is not None:
        return part
    defaults = {
        name: getattr(triggers.defaults, name)
        for name in Policies.model_fields
        if getattr(part, name) is None and getattr(triggers.defaults, name) is not None
    }
    explicit = part.model_copy(update=defaults)
    # A default is not a policy that the function itself states, also when it comes from another file.
    explicit.model_fields_set.difference_update(defaults)
    return _in_schema(explicit, triggers)
