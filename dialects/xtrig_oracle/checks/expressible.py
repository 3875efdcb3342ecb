"""What Oracle cannot express; events, facts, types and denials are refused by the declared data."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.errors import suggest
from xtrig.model import Column
from xtrig.plugin import (
    Check,
    Finding,
    NameTooLong,
    PolicyNotExpressible,
    ResolvedFunction,
    Severity,
    StepNotExpressible,
    Translation,
    walk,
)
from xtrig_oracle.body import by_hand
from xtrig_oracle.compilation import default
from xtrig_oracle.ddl import TAGS, is_known, lacks
from xtrig_oracle.printing import Untranslated
from xtrig_oracle.steps import Lacking, StepWriter

_DEFAULTS = {"lock_timeout": "250ms", "timeout": "5s"}
_COMMANDS = ("/", ".")


class NoSuchStep(Check[Translation], of=StepNotExpressible):
    """A step or an expression that a trigger of Oracle's does not have."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            for visit in walk(trigger.function):
                writer = StepWriter(translation.triggers, trigger.event, item=visit.item)
                try:
                    writer.alone(visit.step)
                except Untranslated as problem:
                    yield self.finding(trigger.function.subject, problem.what, problem.instead, visit.path)
                except (Lacking, KeyError):
                    pass  # XT202 says so, or XT206 of a statement that is missing


class NoSuchDefault(Check[Translation], of=StepNotExpressible):
    """The default of a column that Oracle does not have."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for table in translation.triggers.tables.values():
            for name, column in table.table.columns.items() if table.table.create else ():
                if (problem := _of_default(column)) is not None:
                    path = (*table.path, "columns", name)
                    message = f"the default of {name!r}: {problem.what}"
                    yield self.finding(f"table {table.name!r}", message, problem.instead, path)


def _of_default(column: Column) -> Untranslated | None:
    try:
        if column.default is not None:
            default(column)
    except Untranslated as problem:
        return problem
    return None


class NoSuchCommand(Check[Translation], of=StepNotExpressible):
    """A tag without a DDL event, and one that this event of Oracle's does not have."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            for tag in trigger.tags:
                if not is_known(tag, trigger.event) and not lacks(tag, trigger.event):
                    message = f"tag {tag!r}: {trigger.event} never fires for it"
                    yield self.finding(trigger.subject, message, suggest(tag, TAGS, ""), (*trigger.path, "tags"))
            if others := [tag for tag in trigger.tags if lacks(tag, trigger.event)]:
                message = f"tags {', '.join(others)}: no DDL event of Oracle's is for them at {trigger.event}"
                remedy = "keep the trigger in a definition of its own for other vendors"
                if len(others) < len(trigger.tags):
                    remedy = "write if_unsupported: skip to leave them out here alone"
                yield self.finding(trigger.subject, message, remedy, (*trigger.path, "tags"))


class LineOfSqlPlus(Check[Translation], of=StepNotExpressible):
    """A line of a hand-written text that SQL*Plus takes for a command, which would cut the text in two."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            body = function.body.get(translation.dialect.name)
            texts = [(function.path, "".join(by_hand(body)))] if body is not None else []
            for visit in walk(function):
                texts += [((*visit.path, *key), text) for key, text in visit.step.texts() if visit.step.key == "sql"]
            for path, text in texts:
                line = next((line.strip() for line in text.splitlines() if line.strip() in _COMMANDS), None)
                if line is not None:
                    message = f"a line that is {line} alone ends the statement in SQL*Plus"
                    yield self.finding(function.subject, message, "put it beside the rest of its statement", path)


class NoSuchPolicy(Check[Translation], of=PolicyNotExpressible):
    """A policy for which a trigger of Oracle's has no clause."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.policies.security != "definer":
                message = "security: invoker: a trigger has its owner's rights"
                yield self.finding(function.subject, message, "write security: definer", function.path)
            if function.policies.language != "native":
                message = f"language: {function.policies.language}: a trigger of Oracle's is PL/SQL"
                yield self.finding(function.subject, message, "leave it out", function.path)
            for message, remedy in _without_effect(function):
                yield self.finding(function.subject, message, remedy, function.path, severity=Severity.WARNING)
        for trigger in translation.triggers.triggers:
            if trigger.enable == "replica":
                message, remedy = "enable: replica: Oracle has no sessions of replication", "write enable: disabled"
                yield self.finding(trigger.subject, message, remedy, trigger.path)


def _without_effect(function: ResolvedFunction) -> Iterator[tuple[str, str]]:
    policies = function.policies
    for policy, usual in _DEFAULTS.items():
        value = getattr(policies, policy)
        if value is not None and (policy in policies.stated or (value != usual and not function.body)):
            yield f"{policy}: {value}: nothing bounds a trigger of Oracle's", "keep its steps short"
    if policies.durability != "full":
        message = f"durability: {policies.durability}: a trigger has no such clause: it waits for the disk"
        yield message, "leave it out, or accept that"


class NameWithQuotes(Check[Translation], of=NameTooLong):
    """A name with a double quote, which no name of Oracle's holds."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = translation.triggers
        names = [(each.subject, each.name, each.path) for each in triggers.triggers]
        for function in triggers.functions:
            names.append((function.subject, function.schema, function.path))
            for visit in walk(function):
                names += [(function.subject, name, visit.path) for name in visit.step.names]
        for table in triggers.tables.values():
            who = f"table {table.name!r}"
            names += [(who, name, table.path) for name in (table.schema, table.name, *table.table.columns)]
        for subject, name, path in dict.fromkeys(names):
            if '"' in name:
                message = f"the name {name!r} has a double quote, which no name of Oracle's may have"
                yield self.finding(subject, message, "rename it", path)
