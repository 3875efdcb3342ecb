"""A definition as one script for SQL*Plus.

Every statement is a PL/SQL unit, so that one terminator serves all. A trigger is created disabled and enabled once it
is known to compile: enabled, one with an error in it would refuse every login (PL/SQL Language Reference, Trigger
Compilation, Invalidation, and Recompilation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.model import Column
from xtrig.plugin import (
    Dialect,
    Fact,
    Framing,
    Hazard,
    Lines,
    ResolvedSet,
    ResolvedTable,
    ResolvedTrigger,
    Script,
    Statement,
    Version,
    layout,
    one_line,
)
from xtrig_oracle.body import by_hand, written
from xtrig_oracle.expressions import Writer
from xtrig_oracle.spellings import SPELLINGS
from xtrig_oracle.steps import ERROR
from xtrig_oracle.words import SESSION_SCHEMA, folded, name, qualified, text

FRAMING = Framing(
    terminator=";\n/", before="SET DEFINE OFF\nSET SQLBLANKLINES ON\nWHENEVER SQLERROR EXIT FAILURE ROLLBACK"
)
_REMARKS = (
    "Run it in SQL*Plus or SQLcl, not as SYS, with ADMINISTER DATABASE TRIGGER and, for the schemas of others, "
    "CREATE ANY TRIGGER and CREATE ANY TABLE.",
    "Keep a session of somebody with ADMINISTER DATABASE TRIGGER open meanwhile. Sessions that are open are not asked.",
)
_IF_EXISTS = (23,)
"""The first version with IF EXISTS and IF NOT EXISTS."""
_NO_SUCH_TRIGGER, _NO_SUCH_TABLE, _NAME_IN_USE = -4080, -942, -955
"""ORA-04080, ORA-00942, ORA-00955."""


@dataclass(frozen=True)
class Compilation:
    """A definition that passed every check; the triggers that Oracle has no event for are not in it any more."""

    triggers: ResolvedSet
    dialect: Dialect
    version: Version

    def script(self) -> Script:
        """Return the tables, the triggers, and what enables them."""
        target = ".".join(map(str, self.version))
        title = f"Rendered by xtrig for {self.dialect.title} {target}: change the definition, not this text"
        found = [table.schema for table in self.triggers.tables.values() if table.table.create]
        schemas = dict.fromkeys([*found, *(trigger.function.schema for trigger in self.triggers.triggers)])
        users = ", ".join(name(schema) for schema in schemas if schema != SESSION_SCHEMA)
        remarks = (
            *_REMARKS,
            *([one_line(f"A schema is a user, who has to be there, with a quota: {users}")] * bool(users)),
        )
        return Script(self.dialect.name, target, title, tuple(self._statements()), FRAMING, remarks=remarks)

    def _statements(self) -> Iterator[Statement]:
        for table in self.triggers.tables.values():
            if table.table.create:
                yield self._table(table)
        for trigger in self.triggers.triggers:
            yield self._trigger(trigger)
        for trigger in self.triggers.triggers:
            if trigger.enable != "disabled":
                yield self._enabled(trigger)

    def _executed(self, command: str, condition: str, error: int) -> str:
        """Return the block that runs a command that is no error if an object is there, or is not."""
        kind, _, rest = command.partition(" ")
        what, _, rest = rest.partition(" ")
        if self.version >= _IF_EXISTS:
            run = f"EXECUTE IMMEDIATE {text(f'{kind} {what} {condition} {rest}')};"
            return layout(["BEGIN", [run], "END"])
        handler: Lines = ["WHEN OTHERS THEN", [f"IF SQLCODE <> {error} THEN", ["RAISE;"], "END IF;"]]
        return layout(["BEGIN", [f"EXECUTE IMMEDIATE {text(command)};"], "EXCEPTION", handler, "END"])

    def _table(self, table: ResolvedTable) -> Statement:
        called = qualified(table.schema, table.name)
        columns = table.table.columns
        lines = [self._column(word, column) for word, column in columns.items()]
        keys = [name(word) for word, column in columns.items() if column.primary_key]
        lines += [f"PRIMARY KEY ({', '.join(keys)})"] if keys else []
        made = f"CREATE TABLE {called} (\n" + ",\n".join(f"    {line}" for line in lines) + "\n)"
        drop = Statement(
            self._executed(f"DROP TABLE {called}", "IF EXISTS", _NO_SUCH_TABLE),
            one_line(f"Drop table {called}"),
            transactional=False,
            hazards=(Hazard.LOSES_DATA,),
        )
        sql = self._executed(made, "IF NOT EXISTS", _NAME_IN_USE)
        return Statement(sql, one_line(f"Table {called}"), (drop,), transactional=False)

    def _column(self, word: str, column: Column) -> str:
        type_ = self.dialect.column_type(column.type)
        assert type_ is not None, "xtrig refuses a definition with other types"  # noqa: S101
        sql = f"{name(word)} {type_}"
        if column.identity:
            return f"{sql} GENERATED ALWAYS AS IDENTITY"
        if column.default is not None:
            sql += f" DEFAULT {default(column)}"
        return sql if column.nullable and not column.primary_key else f"{sql} NOT NULL"

    def _trigger(self, trigger: ResolvedTrigger) -> Statement:
        called = self._called(trigger)
        body = trigger.function.body.get(self.dialect.name)
        head, block = by_hand(body) if body is not None else ("", written(self.triggers, trigger))
        head = head or self.dialect.capability_of(trigger, self.version).spelling
        drop = Statement(
            self._executed(f"DROP TRIGGER {called}", "IF EXISTS", _NO_SUCH_TRIGGER),
            one_line(f"Drop trigger {called}"),
            transactional=False,
        )
        sql = f"CREATE OR REPLACE TRIGGER {called}\n{head}\nDISABLE\n{block}"
        return Statement(sql, one_line(f"Trigger {called}: {trigger.event}"), (drop,), transactional=False)

    def _called(self, trigger: ResolvedTrigger) -> str:
        return qualified(trigger.function.schema, trigger.name)

    def _enabled(self, trigger: ResolvedTrigger) -> Statement:
        called, schema = self._called(trigger), trigger.function.schema
        owner = "SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')" if schema == SESSION_SCHEMA else text(folded(schema))
        stays = text(f"{called} does not compile and stays disabled: see ALL_ERRORS")
        block: Lines = [
            "SELECT COUNT(*) INTO problems FROM ALL_ERRORS",
            f"WHERE OWNER = {owner} AND NAME = {text(folded(trigger.name))}",
            "    AND TYPE = 'TRIGGER' AND ATTRIBUTE = 'ERROR';",
            "IF problems > 0 THEN",
            [f"RAISE_APPLICATION_ERROR({ERROR}, {stays});"],
            "END IF;",
            f"EXECUTE IMMEDIATE {text(f'ALTER TRIGGER {called} ENABLE')};",
        ]
        hazard = Hazard.REFUSES_LOGINS if trigger.event.is_session else Hazard.REFUSES_DDL
        sql = layout(["DECLARE", ["problems PLS_INTEGER;"], "BEGIN", block, "END"])
        purpose = one_line(f"Enable trigger {called}, if it compiles")
        return Statement(sql, purpose, transactional=False, hazards=(hazard,))


def default(column: Column) -> str:
    """Return the default of a column. Raises :class:`~xtrig_oracle.printing.Untranslated`."""
    if str(column.default).replace(" ", "").lower() in ("now()", "current_timestamp"):
        return SPELLINGS[Fact.NOW][0].sql
    writer = Writer(lambda fact: SPELLINGS[fact][0], {}, {})
    return writer.value(column.default, column.type).sql
