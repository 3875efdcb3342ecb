"""A definition as objects of MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.model import Call, Sql
from xtrig.plugin import (
    Dialect,
    Framing,
    ResolvedFunction,
    ResolvedSet,
    ResolvedTable,
    Script,
    Statement,
    Version,
    walk,
)
from xtrig_mariadb.evidence import administrators
from xtrig_mariadb.expressions import Scope
from xtrig_mariadb.objects import Database, MariaDBObject, Procedure, Section, Table
from xtrig_mariadb.preflight import preflight
from xtrig_mariadb.procedure import ProcedureWriter, seconds
from xtrig_mariadb.words import SETTINGS, name

PUBLIC = (10, 11)
"""The first version in which something can be granted to everybody."""

_REMARKS = (
    "Run by an account with {}: mariadb --comments < FILE",
    "SET GLOBAL lasts until the server is restarted. To keep it, put what SELECT @@GLOBAL.init_connect says into an",
    'option file, under [mariadbd]: init_connect = "..."',
)


@dataclass(frozen=True)
class Compilation:
    """A definition that passed every check; the triggers that MariaDB has no event for are not in it any more."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version

    def script(self) -> Script:
        """Return the script: what the objects print."""
        target = ".".join(map(str, self.version))
        objects = list(self.objects())
        statements = (preflight(objects, self.triggers.name), *(each for one in objects for each in one.printed()))
        remarks = tuple(line.format(administrators(self.version)) for line in _REMARKS)
        title = f"Rendered by xtrig for {self.dialect.title} {target}"
        delimiter = _delimiter("".join(statement.sql for statement in statements))
        framing = Framing(terminator=delimiter, before=f"DELIMITER {delimiter}", after="DELIMITER ;")
        return Script(self.dialect.name, target, title, statements, framing, remarks=remarks, settings=SETTINGS)

    def objects(self) -> Iterator[MariaDBObject]:
        """Yield the objects in the order in which they can be made."""
        tables = [table for table in self.triggers.tables.values() if table.table.create]
        functions = self._functions
        schemas = dict.fromkeys((*(table.schema for table in tables), *(each.schema for each in functions)))
        for schema in schemas:
            yield Database(path=(schema,))
        for table in tables:
            yield self._table(table).marked(self.triggers.name)
        for function in functions:
            yield self._procedure(function).marked(self.triggers.name)
        # Each section is put before the others, so that they run in the order of the definition.
        for trigger in reversed(self.triggers.triggers):
            policies = trigger.function.policies
            yield Section(
                path=(self.triggers.name, trigger.name),
                procedure=(trigger.function.schema, trigger.function.name),
                on_error=policies.on_error,
                seconds=seconds(policies.timeout) if policies.timeout else None,
            ).marked(self.triggers.name)

    @property
    def _functions(self) -> tuple[ResolvedFunction, ...]:
        return tuple({id(trigger.function): trigger.function for trigger in self.triggers.triggers}.values())

    def rehearsals(self) -> Iterator[Statement]:
        """Yield for each function what its steps do; not where a statement of the user's may commit."""
        for function in self._functions:
            if function not in self.unrehearsed:
                writer = ProcedureWriter(self.triggers, function, rehearses=True)
                yield Statement(writer.rehearsal(), f"What {function.name} does", transactional=False)

    @property
    def unrehearsed(self) -> list[ResolvedFunction]:
        """The functions with a body, a statement or a call of the user's, which may commit."""
        return [
            function
            for function in self._functions
            if function.body or any(isinstance(visit.step, Call | Sql) for visit in walk(function))
        ]

    def _table(self, table: ResolvedTable) -> Table:
        scope, lines, keys, defaults = Scope(self.triggers), [], [], {}
        primary = [column for column, each in table.table.columns.items() if each.primary_key]
        for column, each in table.table.columns.items():
            type_ = self.dialect.column_type(each.type)
            assert type_ is not None, "xtrig refuses a definition with other types"  # noqa: S101
            required = each.primary_key or each.identity or not each.nullable
            # Said of each column: before 10.10 a timestamp without it is filled in by the server.
            line = f"{name(column)} {type_} {'NOT NULL' if required else 'NULL'}"
            line += " AUTO_INCREMENT" if each.identity else ""
            lines.append(line)
            if each.default is not None:
                defaults[line] = scope.expression(each.default, each.type)
            if each.identity and primary[:1] != [column]:
                keys.append(f"UNIQUE KEY {name(column)} ({name(column)})")  # AUTO_INCREMENT is only for a key
        if primary:
            keys.insert(0, f"PRIMARY KEY ({', '.join(map(name, primary))})")
        return Table(path=(table.schema, table.name), columns=tuple(lines), keys=tuple(keys), defaults=defaults)

    def _procedure(self, function: ResolvedFunction) -> Procedure:
        body = function.body.get(self.dialect.name)
        # A hand-written body is used as it is; the script ends every statement itself.
        written = body.strip().removesuffix(";") if body else ProcedureWriter(self.triggers, function).body()
        return Procedure(
            path=(function.schema, function.name),
            body=written,
            security=function.policies.security.upper(),
            execute="PUBLIC" if self.version >= PUBLIC else "",
        )


def _delimiter(sql: str) -> str:
    """Return what ends a statement for the client, and stands in none."""
    number = 0
    while (delimiter := f"$${number or ''}") in sql:
        number += 1
    return delimiter
