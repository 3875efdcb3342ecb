"""An existing script to a definition: a dialect reads it, this package assembles and writes the result."""

from __future__ import annotations

from xtrig.errors import DefinitionError
from xtrig.findings import Finding, Location, Severity
from xtrig.importer.assemble import Assembled, assemble
from xtrig.importer.write import to_json, to_yaml
from xtrig.registry import get_dialect

__all__ = ["MAX_BYTES", "Assembled", "import_script", "to_json", "to_yaml"]

MAX_BYTES = 4 * 1024 * 1024
"""As much as a definition may have; a larger file is a dump, not a script of triggers."""


def import_script(content: bytes, dialect: str, name: str = "<script>") -> Assembled:
    """Return the definition that a script of ``dialect`` comes to, with a finding for what does not carry over.

    ``name`` stands for the file in messages. Raises :class:`~xtrig.errors.DefinitionError` for a script that
    cannot be read, or that makes no trigger, and :class:`~xtrig.errors.UsageError` for a dialect that reads none.
    """
    reader = get_dialect(dialect)
    result = assemble(reader.read(_text(content, name), name), dialect, name)
    if any(finding.severity is Severity.ERROR for finding in result.findings):
        raise DefinitionError(result.findings)
    return result


def _text(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise _unreadable(name, f"is larger than {MAX_BYTES // 1024 // 1024} MiB", "cut the triggers out of it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(name, "is not UTF-8 text", "name a file of SQL, saved as UTF-8", line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _unreadable(name, "holds a NUL character: it is no text", "name a file of SQL", line)
    if not text.strip():
        raise _unreadable(name, "is empty", "name a file with CREATE EVENT TRIGGER in it")
    return text


def _unreadable(name: str, message: str, remedy: str, line: int | None = None) -> DefinitionError:
    location = Location(name, line)
    return DefinitionError([Finding("XT401", Severity.ERROR, "script", message, remedy, location=location)])
