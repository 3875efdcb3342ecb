"""Steps, expressions and policies that a procedure of MariaDB cannot express."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import CreateTempTable, ForEach, GrantRole, If, Insert, Log, RevokeRole, Set, Step
from xtrig.model.steps import MESSAGES
from xtrig.plugin import (
    Check,
    Fact,
    Finding,
    PolicyNotExpressible,
    ResolvedTrigger,
    Severity,
    StepNotExpressible,
    Translation,
    Untranslatable,
    parse_template,
    walk,
)
from xtrig_mariadb.expressions import Scope

_REASONS: dict[type, tuple[str, str]] = {
    Log: ("a procedure cannot write to the server's log", "insert a row; the message of a deny is in the log"),
    ForEach: ("MariaDB lists neither commands nor dropped objects", "leave it out"),
    GrantRole: ("GRANT is for an account with its host, and commits", "grant the role to the accounts once"),
    RevokeRole: ("REVOKE is for an account with its host, and commits", "revoke the role from the accounts once"),
    CreateTempTable: (
        "a temporary table belongs to one schema and hides the table of its name there",
        "write an sql step: mariadb: CREATE TEMPORARY TABLE ...",
    ),
}


class StepNotThere(Check[Translation], of=StepNotExpressible):
    """A procedure has no such statement, or one that means something else."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each such step."""
        for function in translation.triggers.functions:
            for visit in walk(function):
                reason = _reason(visit.step)
                if reason is not None:
                    message = f"{visit.step.key}: {reason[0]}"
                    yield self.finding(function.subject, message, reason[1], visit.path)


def _reason(step: Step) -> tuple[str, str] | None:
    if isinstance(step, Set) and step.scope == "transaction":
        return "a variable is set for the session, not for a transaction", "leave scope out"
    if isinstance(step, Set) and "." not in step.parameter:
        remedy = f"write an sql step: mariadb: SET SESSION {step.parameter} = ..."
        return f"{step.parameter!r} is a parameter of one vendor", remedy
    return _REASONS.get(type(step))


class ExpressionNotWritten(Check[Translation], of=StepNotExpressible):
    """An expression that would mean something else on MariaDB, or is another vendor's own."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each such expression of steps, and of columns' defaults."""
        triggers, scope = translation.triggers, Scope(translation.triggers)
        known = {*translation.dialect.spellings, Fact.EVENT}
        for function in triggers.functions:
            for visit in walk(function):
                step = visit.step
                types = triggers.table_columns[step.table] if isinstance(step, Insert) else {}
                for key, text in () if _reason(step) else step.texts():
                    if key[-1] in MESSAGES or (key[-1] == step.key and not isinstance(step, If)):
                        continue  # a message, or a statement
                    if not known.issuperset(parse_template(text).facts):
                        continue  # XT202
                    wanted = "text" if isinstance(step, Set) else ""
                    wanted = types.get(str(key[-1]), "") if key[0] == "values" else wanted if key[-1] == "value" else ""
                    try:
                        scope.expression(text, wanted)
                    except Untranslatable as error:
                        line = text.count("\n", 0, error.at) + 1
                        message = f"{'.'.join(map(str, key))}: {error.message}"
                        path = (*visit.path, *key)
                        yield self.finding(function.subject, message, error.remedy, path, text_line=line)
        for table in triggers.tables.values():
            for name, column in table.table.columns.items() if table.table.create else ():
                try:
                    scope.value(column.default, column.type)
                except Untranslatable as error:
                    message = f"default of {name!r}: {error.message}"
                    yield self.finding(f"table {table.name!r}", message, "give it in the insert step", table.path)


class PolicyNotThere(Check[Translation], of=PolicyNotExpressible):
    """init_connect has one state, and a procedure one language."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each policy that is neither of them."""
        for trigger in translation.triggers.triggers:
            if trigger.enable in ("replica", "disabled"):
                message = f"enable: {trigger.enable}: what is in init_connect runs"
                yield self.finding(trigger.subject, message, "leave it out, or drop the trigger", trigger.path)
            policies = trigger.function.policies
            if policies.language != "native":
                message = f"language: {policies.language}: MariaDB has one language for procedures"
                yield self.finding(trigger.subject, message, "leave it out", trigger.path)
            if policies.durability != "full":
                yield self._undurable(trigger)

    def _undurable(self, trigger: ResolvedTrigger) -> Finding:
        message = "durability: relaxed: a session cannot choose it; each login waits as the server is set up"
        remedy = "leave it out; innodb_flush_log_at_trx_commit is for the whole server"
        return self.finding(trigger.subject, message, remedy, trigger.path, severity=Severity.WARNING)
