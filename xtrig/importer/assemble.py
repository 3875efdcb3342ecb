"""Making a :class:`~xtrig.model.TriggerSet` of what was read: the common schema once, one name for each table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from xtrig.facts import Event
from xtrig.findings import Finding, Location, Path, Severity
from xtrig.imported import Filled, Imported, ObjectName, Original, ReadFunction, ReadTable, ReadTrigger
from xtrig.model import Function, Policies, Table, Trigger, TriggerSet
from xtrig.resolve import effective_policies
from xtrig.sqltext import one_line

_UNNAMED = "public"
"""The schema of an unqualified name. The real one depends on the search_path that the script runs with."""


_NO_SCRIPT = Original("", ())


@dataclass(frozen=True, slots=True)
class Assembled:
    """A definition made of a script or database, with the findings about it."""

    triggers: TriggerSet
    findings: tuple[Finding, ...]
    origin: str
    original: Original = _NO_SCRIPT
    """The script, and what of it is no part of the definition."""


def assemble(read: Imported, dialect: str, file: str, name: str | None = None) -> Assembled:
    """Return the definition made of the parts, and findings for what has no place in one.

    ``name`` is the name of the set; None: that of its schema.
    """
    return _Assembly(read, dialect, file, name).result()


class _Assembly:
    def __init__(self, read: Imported, dialect: str, file: str, name: str | None) -> None:
        self.read = read
        self.dialect = dialect
        self.file = file
        self.name = name
        self.findings = list(read.findings)
        self.schema = _common_schema(read, name) if read.sessions is None else read.sessions[0]
        self.users: dict[ObjectName, list[ReadTrigger]] = {}

    def result(self) -> Assembled:
        if not self.read.triggers and self.read.sessions is None:
            message, remedy = "makes no trigger", "name a file with CREATE EVENT TRIGGER in it"
            self._find("XT403", Severity.ERROR, "script", message, remedy, None)
            return Assembled(TriggerSet(), tuple(self.findings), self.origin)
        run = self._functions_run()
        inlined = {name for name, function in run.items() if self._is_own(name, function)}
        functions = self._named_functions(function for name, function in run.items() if name not in inlined)
        sections: dict[str, Any] = {
            "schema": self.schema,
            "tables": self._tables(run.values()),
            "functions": {name: self._function(function, Function) for name, function in functions.items()},
            "triggers": {trigger.name: self._trigger(trigger, run, inlined) for trigger in self.read.triggers},
        }
        if self.read.sessions is not None:
            sections["sessions"] = self.read.sessions[1]
        if self.name not in (None, self.schema):
            sections["name"] = self.name
        sections["functions"] = {name: part for name, part in sections["functions"].items() if part is not None}
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return Assembled(TriggerSet(), self._ordered(), self.origin)
        triggers = TriggerSet.model_validate(sections)
        original = Original(self.read.script, self.read.rest)
        return Assembled(triggers.located(self._locations()), self._ordered(), self.origin, original)

    @property
    def origin(self) -> str:
        """The file's name without its folder."""
        return self.file.rpartition("/")[2]

    def _ordered(self) -> tuple[Finding, ...]:
        def line(finding: Finding) -> int:
            return finding.location.line or 0 if finding.location else 0

        return tuple(dict.fromkeys(sorted(self.findings, key=line)))

    def _functions_run(self) -> dict[str, ReadFunction]:
        """Return the function of each trigger, by the trigger's name."""
        run: dict[str, ReadFunction] = {}
        for trigger in self.read.triggers:
            schema, name = trigger.function
            function = self._find_function(schema, name)
            if function is None:
                message = f"it runs {_dotted(schema, name)}(), which the script does not create"
                remedy = "add the function to the file"
                self._find("XT403", Severity.ERROR, f"trigger {trigger.name!r}", message, remedy, trigger.line)
                continue
            run[trigger.name] = function
            self.users.setdefault(_key(function), []).append(trigger)
            self._compare(f"trigger {trigger.name!r}", "function", function, (schema, name), trigger.line)
        run_names = {name for _, name in self.users}
        for function in self.read.functions:
            if _key(function) in self.users:
                continue
            if function.name in run_names:
                self._second_function(function)
            else:
                who, message = f"function {function.name!r}", "no trigger runs it, so it is left out"
                self._find("XT402", Severity.WARNING, who, message, "keep it in a script of its own", function.line)
        return run

    def _find_function(self, schema: str | None, name: str) -> ReadFunction | None:
        """Return the function of that schema, or else the last of that name."""
        named = [function for function in self.read.functions if function.name == name]
        exact = [function for function in named if _named(function.schema) == _named(schema)]
        return next(reversed(exact or named), None)

    def _named_functions(self, functions: Iterable[ReadFunction]) -> dict[str, ReadFunction]:
        named: dict[str, ReadFunction] = {}
        for function in functions:
            if named.setdefault(function.name, function) is not function:
                self._second_function(function)
        return named

    def _second_function(self, function: ReadFunction) -> None:
        message, remedy = "a second function of that name; a definition has one", "rename one of the two"
        self._find("XT403", Severity.ERROR, f"function {function.name!r}", message, remedy, function.line)

    def _is_own(self, trigger: str, function: ReadFunction) -> bool:
        """Whether only one trigger uses a function and has its name: then its steps are written in the trigger."""
        return function.name == trigger and len(self.users[_key(function)]) == 1

    def _tables(self, functions: Iterable[ReadFunction]) -> dict[str, Table]:
        made: dict[str, ReadTable] = {}
        for table in self.read.tables:
            if table.name in made:
                message = f"a second table of that name, in {_dotted(table.schema, table.name)}, is left out"
                self._find("XT406", Severity.WARNING, f"table {table.name!r}", message, "rename one", table.line)
            made.setdefault(table.name, table)
        tables = {name: self._with_schema(table) for name, table in made.items()}
        for function in functions:
            for filled in function.fills:
                if filled.name in made:
                    self._compare(
                        f"function {function.name!r}",
                        "table",
                        made[filled.name],
                        (filled.schema, filled.name),
                        filled.line,
                    )
                elif filled.name not in tables:
                    tables[filled.name] = self._foreign(filled, function)
        return tables

    def _with_schema(self, read: ReadTable) -> Table:
        return (
            read.table.model_copy(update={"schema_": _named(read.schema)}) if self._differs(read.schema) else read.table
        )

    def _foreign(self, filled: Filled, function: ReadFunction) -> Table:
        message = f"it fills {_dotted(filled.schema, filled.name)}, which the script does not create"
        remedy = "'create: false' takes it for granted; write its columns to have it created"
        self._find("XT410", Severity.NOTE, f"function {function.name!r}", message, remedy, filled.line)
        given: dict[str, Any] = {"schema_": _named(filled.schema)} if self._differs(filled.schema) else {}
        return Table(create=False, **given)

    def _compare(
        self, who: str, kind: str, made: ReadTable | ReadFunction, used: tuple[str | None, str], line: int
    ) -> None:
        """Report an object that is created in one schema and used in another."""
        if _named(made.schema) == _named(used[0]):
            return
        message = f"it uses the {kind} {_dotted(*used)}, but the script creates {_dotted(made.schema, made.name)}"
        remedy = (
            f"the definition has one {kind} {made.name!r}, in schema {_named(made.schema)!r}; check which was meant"
        )
        self._find("XT404", Severity.WARNING, who, message, remedy, line)

    def _function(self, read: ReadFunction, kind: Callable[..., Any], trigger: Mapping[str, Any] | None = None) -> Any:
        fields = {**(trigger or {}), **self._policies(read)}
        if self._differs(read.schema):
            fields["schema"] = _named(read.schema)
        fields |= {"body": {self.dialect: read.body}} if read.body is not None else {"steps": read.steps}
        if read.settings is not None:
            fields["settings"] = dict(read.settings)
        return self._made(kind, fields, f"function {read.name!r}", read.line)

    def _policies(self, read: ReadFunction) -> dict[str, object]:
        """Return the policies that differ from the defaults."""
        run = {trigger.event for trigger in self.users[_key(read)]}
        events = tuple(event for event in Event if event in run)
        if len({event.is_session for event in events}) > 1:
            return dict(read.policies)
        defaults = effective_policies(Policies(), Policies(), events)

        def differs(policy: str, value: object) -> bool:
            try:
                given = effective_policies(Policies.model_validate({policy: value}), Policies(), events)
            except ValidationError:
                return True  # the model refuses it with its line
            return bool(getattr(given, policy) != getattr(defaults, policy))

        return {policy: value for policy, value in read.policies.items() if differs(policy, value)}

    def _trigger(self, read: ReadTrigger, run: Mapping[str, ReadFunction], inlined: set[str]) -> Any:
        fields: dict[str, Any] = {"event": read.event}
        if read.tags:
            fields["tags"] = read.tags
        fields |= {
            key: value
            for key, value, default in (
                ("enable", read.enable, "origin"),
                ("if_unsupported", read.if_unsupported, "refuse"),
            )
            if value != default
        }
        if read.name in inlined:
            return self._function(run[read.name], Trigger, fields)
        return self._made(Trigger, {**fields, "run": read.function[1]}, f"trigger {read.name!r}", read.line)

    def _made(self, kind: Callable[..., Any], fields: dict[str, Any], who: str, line: int) -> Any:
        try:
            return kind(**fields)
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            self._find("XT403", Severity.ERROR, who, message, "write it so, and import again", line)
            return None

    def _differs(self, schema: str | None) -> bool:
        return _named(schema) != self.schema

    def _locations(self) -> dict[Path, Location]:
        parts = (("tables", self.read.tables), ("functions", self.read.functions), ("triggers", self.read.triggers))
        return {(section, part.name): Location(self.file, part.line) for section, read in parts for part in read}

    def _find(self, code: str, severity: Severity, who: str, message: str, remedy: str, line: int | None) -> None:
        location = Location(self.file, line)
        said = (one_line(who), one_line(message), one_line(remedy))  # a name in quotes may hold lines
        self.findings.append(Finding(code, severity, *said, location=location))


def _common_schema(read: Imported, name: str | None) -> str:
    """Return the schema of the definition: that of the set's name if a part is in it, else that of most parts."""
    run = {trigger.function[1] for trigger in read.triggers}
    found = [table.schema for table in read.tables]
    found += [function.schema for function in read.functions if function.name in run]
    if name is not None and name in found:
        return name
    counted = Counter(map(_named, found)).most_common(1)
    return counted[0][0] if counted else _UNNAMED


def _key(function: ReadFunction) -> ObjectName:
    return _named(function.schema), function.name


def _named(schema: str | None) -> str:
    return schema or _UNNAMED


def _dotted(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name
