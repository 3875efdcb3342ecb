"""Text to :class:`~xtrig.model.TriggerSet`: YAML 1.2 or JSON, one file or several."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from xtrig.errors import DefinitionError, UsageError
from xtrig.findings import Finding, Location, Severity
from xtrig.load.explain import explain
from xtrig.load.merge import merge
from xtrig.load.yaml12 import Document, read_document
from xtrig.model import TriggerSet

MAX_BYTES = 4 * 1024 * 1024
"""A definition of some ten thousand triggers; anything larger is another kind of file."""

DEFAULT_NAME = "xtrig.yaml"


def load(*paths: str | os.PathLike[str]) -> TriggerSet:
    """Return the set that the files make together.

    A name given twice, in one file or in two, is an error that names both places.
    Raises :class:`~xtrig.errors.DefinitionError` with every finding of every file, and
    :class:`~xtrig.errors.UsageError` for a file that cannot be read.
    """
    if not paths:
        raise UsageError("no definition file was named; pass a path such as 'xtrig.yaml'")
    return _together(_parse(_read(Path(path)), str(path)) for path in paths)


def load_text(text: str, name: str = "<text>") -> TriggerSet:
    """Return the set that ``text`` (YAML or JSON) makes; ``name`` stands for the file in messages."""
    return _together([_parse(text.encode(errors="surrogatepass"), name)])


def load_stream(stream: BinaryIO, name: str) -> TriggerSet:
    """Return the set that the bytes of ``stream`` make; ``name`` stands for the file in messages."""
    return _together([_parse(_within_bounds(stream.read(MAX_BYTES + 1), name), name)])


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


def _parse(content: bytes, name: str) -> TriggerSet | list[Finding]:
    try:
        document = read_document(content, name)
    except DefinitionError as error:
        return list(error.findings)
    if document.findings:
        return document.findings
    return _validate(document, name)


def _validate(document: Document, name: str) -> TriggerSet | list[Finding]:
    data = document.data
    if not isinstance(data, dict):
        return [_unreadable(name, "is not a mapping of keys", "start it with the line 'xtrig: 1'")]
    if "xtrig" not in data:
        return [_unreadable(name, "does not say its format version", "start it with the line 'xtrig: 1'")]
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
