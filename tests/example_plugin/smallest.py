"""The smallest complete dialect: one event, two kinds of steps, and a refusal of everything else."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Insert, Sql
from xtrig.plugin import (
    PLUGIN_API,
    Capability,
    Check,
    Claim,
    Dialect,
    Event,
    Finding,
    Hazard,
    PolicyNotExpressible,
    ResolvedSet,
    ResolvedTrigger,
    Script,
    Statement,
    StepNotExpressible,
    Support,
    Translation,
    Version,
    documented,
    hookimpl,
    quoted,
    walk,
)

MANUAL = documented("TinyDB Manual, CREATE TRIGGER")


class OnlyTheseSteps(Check[Translation], of=StepNotExpressible):
    """TinyDB has INSERT and what is written by hand; conditions and facts it has not."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each other step."""
        for trigger in translation.triggers.triggers:
            for visit in walk(trigger.function):
                if not isinstance(visit.step, Insert | Sql) or visit.step.when:
                    yield self.finding(trigger.subject, "TinyDB has no such step", "write an sql step", visit.path)


class OnlyTheDefaults(Check[Translation], of=PolicyNotExpressible):
    """Nothing bounds or skips a trigger of TinyDB; that an error refuses nobody is said by its capability."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each trigger that asks for more."""
        for trigger in translation.triggers.triggers:
            policies = trigger.function.policies
            asked = policies.stated - {"on_error"} or policies.exempt_roles or trigger.tags
            if asked or trigger.enable != "origin":
                yield self.finding(trigger.subject, "TinyDB has no policies", "leave them out", trigger.path)


class TinyDB(Dialect):
    """TinyDB 1."""

    name = "tinydb"
    title = "TinyDB"
    plugin_api = PLUGIN_API
    versions = ("1",)
    default_version = "1"
    capabilities = (
        Capability(
            Event.LOGON,
            Support.NATIVE,
            spelling="AFTER LOGON",
            evidence=MANUAL,
            on_error=Claim("the error is logged", MANUAL),
            deny_binds=Claim(False, MANUAL),
            exempt=Claim("nobody", MANUAL),
            transaction=Claim("that of the login", MANUAL),
            order=Claim("by name", MANUAL),
            way_out=Claim("the server's option --no-triggers", MANUAL),
        ),
    )
    spellings = {}
    has_schemas = False

    def checks(self) -> tuple[type[Check[Translation]], ...]:
        """Return what TinyDB cannot express."""
        return (OnlyTheseSteps, OnlyTheDefaults)

    def compile(self, triggers: ResolvedSet, version: Version) -> Script:
        """Return a statement for each table and each trigger."""
        statements = []
        for table in triggers.tables.values():
            if table.table.create:
                columns = ", ".join(f"{quoted(name)} {column.type}" for name, column in table.table.columns.items())
                drop = Statement(f"DROP TABLE {quoted(table.name)}", "", hazards=(Hazard.LOSES_DATA,))
                sql = f"CREATE TABLE IF NOT EXISTS {quoted(table.name)} ({columns})"
                statements.append(Statement(sql, f"Table {quoted(table.name)}", (drop,)))
        for trigger in triggers.triggers:
            drop = Statement(f"DROP TRIGGER {quoted(trigger.name)}", "")
            sql = f"CREATE OR REPLACE TRIGGER {quoted(trigger.name)} AFTER LOGON\n{_body(triggers, trigger)}"
            statements.append(Statement(sql, f"Trigger {trigger.name!r}", (drop,)))
        return Script(self.name, "1", "Rendered by xtrig for TinyDB", tuple(statements))


def _body(triggers: ResolvedSet, trigger: ResolvedTrigger) -> str:
    if trigger.function.body:
        return trigger.function.body["tinydb"].rstrip().removesuffix(";")
    lines = []
    for step in trigger.function.steps:
        if isinstance(step, Insert):
            columns = ", ".join(map(quoted, step.values))
            values = ", ".join("NULL" if value is None else str(value) for value in step.values.values())
            lines.append(f"INSERT INTO {quoted(triggers.tables[step.table].name)} ({columns}) VALUES ({values});")
        elif isinstance(step, Sql):
            lines.append((step.sql if isinstance(step.sql, str) else step.sql["tinydb"]) + "\n;")
    return "\n".join(["BEGIN", *lines, "END"])


@hookimpl
def xtrig_register_dialect() -> Dialect:
    """Register the dialect ``tinydb``."""
    return TinyDB()
