"""Names and column types that the vendor does not have."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.findings import Check, Finding, Path
from xtrig.resolve import ResolvedFunction, ResolvedSet, walk

Name = tuple[str, str, Path]
"""Whose name it is, the name, and where it stands."""


class NameTooLong(Check[Translation], code="XT204"):
    """A name that the dialect cannot hold.

    A longer name would be cut off by the server, and its full form would not be found again. The limit is 63 bytes of
    UTF-8 on the shipped dialects. Dialects of other vendors also find here: two names that are one to the vendor, the
    schema of a table or function where there are no schemas, and a column type that the vendor does not have.

    Remedy: Shorten the name, or do what the message says.
    Source: PostgreSQL manual, Lexical Structure: identifiers are truncated to NAMEDATALEN-1 bytes.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        dialect, triggers = translation.dialect, translation.triggers
        longest, title = dialect.longest_name(translation.version), dialect.title
        names = dict.fromkeys(_names(triggers))
        if dialect.has_schemas:
            names |= dict.fromkeys(_schemas(triggers))
        # A trigger with steps of its own is its own function, and its name is one finding, not two.
        for subject, name, path in names:
            if not longest.keeps(name):
                size = longest.size(name)
                message = f"the name {name!r} has {size} {longest.unit}, and {title} keeps {longest.length}"
                yield self.finding(subject, message, "shorten it", path)


def _names(triggers: ResolvedSet) -> Iterator[Name]:
    for trigger in triggers.triggers:
        yield trigger.subject, trigger.name, trigger.path
    for function in triggers.functions:
        yield from _names_of_function(function)
    if triggers.sessions is not None:
        for name in (triggers.sessions.owner, triggers.sessions.writer, triggers.sessions.reader):
            yield "sessions", name, ("sessions",)
    for table in triggers.tables.values():
        for name in (table.name, *table.table.columns):
            yield f"table {table.name!r}", name, table.path


def _names_of_function(function: ResolvedFunction) -> Iterator[Name]:
    for name in (function.name, *function.policies.exempt_roles):
        yield function.subject, name, function.path
    for visit in walk(function):
        for name in visit.step.names:
            yield function.subject, name, visit.path


def _schemas(triggers: ResolvedSet) -> Iterator[Name]:
    for function in triggers.functions:
        yield function.subject, function.schema, function.path
    if triggers.sessions is not None:
        yield "sessions", triggers.schema, ("sessions",)
    for table in triggers.tables.values():
        yield f"table {table.name!r}", table.schema, table.path


class SchemaWithoutSchemas(Check[Translation], of=NameTooLong):
    """A schema, where the vendor has none."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        dialect, triggers = translation.dialect, translation.triggers
        if dialect.has_schemas:
            return
        for subject, schema, path in dict.fromkeys(_schemas(triggers)):
            if schema != triggers.schema:
                message = (
                    f"schema {schema!r}: {dialect.title} has no schemas, so it would be that of the set's other names"
                )
                yield self.finding(subject, message, "leave the schema out, and give it a name of its own", path)


class NamesAlike(Check[Translation], of=NameTooLong):
    """Two names that the vendor does not tell apart."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers, dialect = translation.triggers, translation.dialect
        groups: list[list[Name]] = [
            [(f"table {table.name!r}", table.name, table.path) for table in triggers.tables.values()],
            [(trigger.subject, trigger.name, trigger.path) for trigger in triggers.triggers],
            *(
                [(f"table {table.name!r}", name, (*table.path, "columns", name)) for name in table.table.columns]
                for table in triggers.tables.values()
            ),
        ]
        for group in groups:
            first: dict[str, str] = {}
            for subject, name, path in group:
                other = first.setdefault(dialect.folded(name), name)
                if other != name:
                    message = f"{name!r} and {other!r} are one name on {dialect.title}"
                    yield self.finding(subject, message, "rename one of them", path)


class TypeMissing(Check[Translation], of=NameTooLong):
    """A column type that the vendor does not have."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        dialect = translation.dialect
        for table in translation.triggers.tables.values():
            for name, column in table.table.columns.items() if table.table.create else ():
                if dialect.column_type(column.type) is None:
                    message = f"column {name!r}: {dialect.title} has no type {column.type}"
                    remedy = (
                        f"its types are {', '.join(each.replace('()', '(n)') for each in dialect.column_types or ())}"
                    )
                    yield self.finding(f"table {table.name!r}", message, remedy, (*table.path, "columns", name))
