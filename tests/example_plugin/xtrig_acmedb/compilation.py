"""A definition to AcmeDB statements: schemas, tables, and triggers with their bodies in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xtrig.model import Column
from xtrig.plugin import Capability, Fact, Hazard, Lines, ResolvedSet, ResolvedTrigger, Statement, layout
from xtrig_acmedb.steps import StepWriter
from xtrig_acmedb.words import name, qualified, text

_MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000}


@dataclass(frozen=True)
class Compilation:
    """A definition, and the triggers of it that AcmeDB has an event for."""

    triggers: ResolvedSet
    offered: Sequence[tuple[ResolvedTrigger, Capability]]

    def statements(self) -> Iterator[Statement]:
        """Yield the statements in the order in which they have to run."""
        for schema in dict.fromkeys(table.schema for table in self.triggers.tables.values()):
            yield _statement(f"CREATE SCHEMA IF NOT EXISTS {name(schema)}", f"Schema {schema}")
        for table in self.triggers.tables.values():
            if table.table.create:
                called = qualified(table.schema, table.name)
                yield _statement(
                    layout([f"CREATE TABLE IF NOT EXISTS {called} (", _columns(table.table.columns), ")"]),
                    f"Table {table.name}",
                    undo=_statement(f"DROP TABLE IF EXISTS {called}", f"Table {table.name}", Hazard.LOSES_DATA),
                )
        for trigger, capability in self.offered:
            yield _statement(
                self._create(trigger, capability.spelling),
                f"Trigger {trigger.name}",
                undo=_statement(f"DROP TRIGGER IF EXISTS {name(trigger.name)}", f"Trigger {trigger.name}"),
            )

    def _create(self, trigger: ResolvedTrigger, event: str) -> str:
        policies = trigger.function.policies
        options = [f"RIGHTS = {policies.security.upper()}"]
        options += [f"LOCK_TIMEOUT = {_milliseconds(policies.lock_timeout)}"] if policies.lock_timeout else []
        options += [f"TIMEOUT = {_milliseconds(policies.timeout)}"] if policies.timeout else []
        head = layout([f"CREATE OR REPLACE TRIGGER {name(trigger.name)} {event}", f"WITH ({', '.join(options)}) AS"])
        body = trigger.function.body.get("acmedb")
        # A hand-written body is used as it is; the script ends every statement itself.
        return f"{head}\n{body.rstrip().removesuffix(';') if body else self._body(trigger)}"

    def _body(self, trigger: ResolvedTrigger) -> str:
        writer = StepWriter(self.triggers, trigger.event)
        exempt = ", ".join(text(role) for role in trigger.function.policies.exempt_roles)
        guards: Lines = ["-- on_error: allow. AcmeDB logs an error and goes on."]
        if exempt:
            guards += [
                "-- exempt_roles: nothing is done for these roles.",
                f"IF {writer.fact(Fact.LOGIN_USER)} IN ({exempt}) THEN RETURN; END IF;",
            ]
        return layout(["BEGIN", [*guards, *writer.write(trigger.function.steps)], "END"])


def _statement(sql: str, purpose: str, *hazards: Hazard, undo: Statement | None = None) -> Statement:
    # AcmeDB commits each DDL command at once: nothing here can be rolled back.
    return Statement(sql, purpose, undo=(undo,) if undo else (), transactional=False, hazards=hazards)


def _columns(columns: dict[str, Column]) -> Lines:
    lines = [_column(column_name, column) for column_name, column in columns.items()]
    key = ", ".join(name(column_name) for column_name, column in columns.items() if column.primary_key)
    lines += [f"PRIMARY KEY ({key})"] if key else []
    return [line + ("," if line is not lines[-1] else "") for line in lines]


def _column(column_name: str, column: Column) -> str:
    identity = " IDENTITY" if column.identity else ""
    null = "" if column.nullable else " NOT NULL"
    default = "" if column.default is None else f" DEFAULT {column.default}"
    return f"{name(column_name)} {column.type}{identity}{null}{default}"


def _milliseconds(duration: str) -> int:
    number = duration.rstrip("mins")
    return int(number) * _MILLISECONDS[duration.removeprefix(number)]
