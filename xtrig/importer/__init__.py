"""Importing a script or a database: a dialect reads it, this package assembles and writes the definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from xtrig.dialect.platform import LiveReader, Results
from xtrig.errors import DefinitionError, UsageError
from xtrig.findings import Finding, Location, Severity
from xtrig.importer.assemble import Assembled, assemble
from xtrig.importer.write import to_json, to_yaml
from xtrig.registry import get_dialect

__all__ = ["MAX_BYTES", "Assembled", "import_script", "to_json", "to_yaml"]

MAX_BYTES = 4 * 1024 * 1024
"""The limit for definitions, too; a larger file is a dump, not a script of triggers."""


def import_script(content: bytes, dialect: str, name: str = "<script>") -> Assembled:
    """Return the definition made of a script of ``dialect``, with a finding for what does not carry over.

    ``name`` stands for the file in messages. Raises :class:`~xtrig.errors.DefinitionError` for a script that
    cannot be read, or that makes no trigger, and :class:`~xtrig.errors.UsageError` for a dialect that reads no scripts.
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


@dataclass(frozen=True, slots=True)
class Live:
    """The rows of one set of a database, or with ``set_name`` None of its triggers without a set."""

    dialect: str
    reader: LiveReader
    results: Results
    origin: str
    set_name: str | None
    others: Mapping[str, int]
    """The sets that are not imported, with the number of their triggers."""

    def read(self, kept: AbstractSet[str] = frozenset()) -> Assembled:
        """Return the definition; the bodies of the functions in ``kept`` are not translated.

        Raises :class:`~xtrig.errors.DefinitionError` if nothing can be imported.
        """
        result = assemble(self.reader.read(self.results, self.set_name, kept), self.dialect, self.origin, self.set_name)
        findings = [self.placed(each) for each in result.findings if not _says_there_is_no_trigger(each)]
        if any(each.severity is Severity.ERROR for each in findings):
            raise DefinitionError(findings)
        if not result.triggers.triggers and result.triggers.sessions is None:
            said = _found("XT403", Severity.ERROR, "nothing here can be imported", "see why in the lines before")
            raise DefinitionError([*findings, self.placed(said)])
        return replace(result, origin=self.origin, findings=(*map(self.placed, self._left_out()), *findings))

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with its place: the database, and the line of a function's body if it has one."""
        line = finding.location.line if finding.location else None
        return replace(finding, location=Location(self.origin, line if line and line > 0 else None))

    def _left_out(self) -> Iterator[Finding]:
        for name, number in self.others.items():
            message = f"the set {name!r}, of {_triggers(number)}, is left out: it has a definition already"
            yield _found("XT402", Severity.NOTE, message, "import it with --set if you have lost that")


def choose(sets: Mapping[str | None, int], wanted: str | None, origin: str) -> str | None:
    """Return the set to import; None stands for the triggers without a set, which are the default.

    Raises :class:`~xtrig.errors.UsageError` for an unknown name, and without a name if there
    are several sets and no other triggers, and :class:`~xtrig.errors.DefinitionError` for a database without triggers.
    """
    names = sorted(name for name in sets if name is not None)
    listed = ", ".join(f"{name!r} ({_triggers(sets[name])})" for name in names) or "none"
    if wanted is not None:
        if wanted not in names:
            raise UsageError(f"{origin} has no set {wanted!r} of xtrig's; it has: {listed}")
        return wanted
    if not sets:
        message, remedy = "has no event trigger", "name the database that has them: each has its own"
        raise DefinitionError([Finding("XT403", Severity.ERROR, origin, message, remedy)])
    if sets.get(None):
        return None
    if len(names) > 1:
        raise UsageError(f"{origin} has several sets, and a definition is one; name it with --set: {listed}")
    return names[0]


def _says_there_is_no_trigger(finding: Finding) -> bool:
    return finding.code == "XT403" and finding.subject == "script"


def _found(code: str, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(code, severity, "database", message, remedy)


def _triggers(number: int) -> str:
    return f"{number} trigger{'' if number == 1 else 's'}"
