"""What AcmeDB cannot express; events, facts and denials are refused by the declared data."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import (
    Check,
    Checks,
    Finding,
    NameTooLong,
    PolicyNotExpressible,
    ResolvedTrigger,
    Severity,
    StepNotExpressible,
    Translation,
    walk,
)
from xtrig_acmedb.steps import EXPRESSIBLE


class NoSuchStatement(Check[Translation], of=StepNotExpressible):
    """A trigger of AcmeDB has few statements."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each step that is none of them."""
        for trigger in translation.triggers.triggers:
            for visit in walk(trigger.function):
                if not isinstance(visit.step, EXPRESSIBLE):
                    message = f"{type(visit.step).__name__}: AcmeDB has no such statement in a trigger"
                    remedy = "write an sql step, or a body for acmedb"
                    yield self.finding(trigger.subject, message, remedy, visit.path)


class NoSuchPolicy(Check[Translation], of=PolicyNotExpressible):
    """A trigger of AcmeDB has few options."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each policy that is none of them."""
        for trigger in translation.triggers.triggers:
            for policy in _inexpressible(trigger):
                yield self.finding(
                    trigger.subject, f"{policy}: AcmeDB has nothing like it", "leave it out", trigger.path
                )


class NumberedBesideKey(Check[Translation], of=NameTooLong):
    """AUTONUMBER is the type of a primary key of one column."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each table that has it beside another key."""
        for table in translation.triggers.tables.values():
            columns = table.table.columns
            numbered = [name for name, column in columns.items() if column.identity]
            if numbered and numbered != [name for name, column in columns.items() if column.primary_key]:
                message = f"column {numbered[0]!r}: AcmeDB numbers the primary key and nothing else"
                yield self.finding(f"table {table.name!r}", message, "make it the only primary key", table.path)


class CommandsCommitted(Check[Translation], code="ACME101", severity=Severity.NOTE):
    """A DDL trigger that comes too late to prevent anything.

    AcmeDB commits a DDL command before its triggers run: what the trigger finds has happened, whatever it does.

    Remedy: Revoke the right to run the command.
    Source: AcmeDB 5 Reference, CREATE TRIGGER.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each trigger at a DDL event."""
        for trigger in translation.triggers.triggers:
            if not trigger.event.is_session:
                message = f"{trigger.event}: AcmeDB has committed the command before the trigger runs"
                yield self.finding(trigger.subject, message, "revoke the right to run the command", trigger.path)


CHECKS: Checks[Translation] = (NoSuchStatement, NoSuchPolicy, NumberedBesideKey, CommandsCommitted)


def _inexpressible(trigger: ResolvedTrigger) -> Iterator[str]:
    policies = trigger.function.policies
    if trigger.tags:
        yield f"tags: {', '.join(trigger.tags)}"
    if trigger.enable != "origin":
        yield f"enable: {trigger.enable}"
    if policies.durability != "full":
        yield f"durability: {policies.durability}"
    if policies.security != "definer":
        yield f"security: {policies.security}"
    if policies.language != "native":
        yield f"language: {policies.language}"
