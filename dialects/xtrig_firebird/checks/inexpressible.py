"""What Firebird cannot express."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xtrig.errors import suggest
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Literal, Node, Operation
from xtrig.model import CreateTempTable, GrantRole, Insert, Log, RevokeRole, Set, Sql
from xtrig.model.steps import MESSAGES
from xtrig.plugin import (
    Check,
    Finding,
    Path,
    PolicyNotExpressible,
    ResolvedFunction,
    ResolvedTrigger,
    Severity,
    StepNotExpressible,
    TagNeverFires,
    Translation,
    Untranslatable,
    parse_template,
    walk,
)
from xtrig_firebird.events import lacks, tags
from xtrig_firebird.expressions import filled, writer
from xtrig_firebird.steps import EXPRESSIBLE

_INSTEAD: Mapping[type, str] = {
    Log: "insert a row in its place: no statement of a trigger writes to firebird.log",
    CreateTempTable: "create a global temporary table once, by hand, with ON COMMIT PRESERVE ROWS",
    GrantRole: "grant it by hand: a session has the role that it chose when it connected",
    RevokeRole: "revoke it by hand: a session has the role that it chose when it connected",
}
_LONGEST_VARIABLE = 80


class NoSuchStatement(Check[Translation], of=StepNotExpressible):
    """A step for which PSQL has no statement that means the same."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for visit in walk(function):
                for message, remedy in _inexpressible(visit.step, function):
                    yield self.finding(function.subject, message, remedy, visit.path)


def _inexpressible(step: object, function: ResolvedFunction) -> Iterator[tuple[str, str]]:
    if not isinstance(step, EXPRESSIBLE):
        kind = type(step)
        yield f"{getattr(kind, 'key', kind)}: Firebird has no such statement in a trigger", _INSTEAD[kind]
    elif isinstance(step, Sql) and isinstance(step.sql, str):
        message = "sql: a statement for every dialect is PostgreSQL's, and Firebird reads another SQL"
        yield message, "write it for each: {firebird: ..., postgresql: ...}"
    elif isinstance(step, Set):
        if "." not in step.parameter:
            message = f"set: {step.parameter}: a session of Firebird has no parameters, only variables of the user's"
            yield message, "give it a name with a dot, such as app.user; rdb$get_context() reads it"
        if len(step.parameter) > _LONGEST_VARIABLE:
            message = f"set: {step.parameter}: the name of a variable has {_LONGEST_VARIABLE} characters at most"
            yield message, "shorten it"
        if step.scope == "transaction" and any(event.is_session for event in function.events):
            yield "set: scope: transaction: it would end with the trigger's own transaction", "write scope: session"


class ExpressionNotExpressible(Check[Translation], of=StepNotExpressible):
    """An expression that means nothing, or something else, to Firebird."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for visit in walk(function):
                for key, text in visit.step.texts():
                    kind = ""
                    if isinstance(visit.step, Insert):
                        kind = translation.triggers.table_columns[visit.step.table].get(str(key[-1]), "")
                    yield from self._in(translation, text, function.subject, (*visit.path, *key), kind)
        for table in translation.triggers.tables.values():
            for name, column in table.table.columns.items():
                if column.default is not None:
                    path = (*table.path, "columns", name)
                    yield from self._in(translation, column.default, f"table {table.name!r}", path, column.type)
                    if not _is_constant(column.default):
                        message = f"column {name!r}: DEFAULT is a literal, or a word such as CURRENT_TIMESTAMP"
                        yield self.finding(f"table {table.name!r}", message, "give the value in the insert step", path)

    def _in(
        self, translation: Translation, text: str, subject: str, path: Path, column_type: str = ""
    ) -> Iterator[Finding]:
        try:
            if path[-1] in (*MESSAGES, "sql"):
                filled(parse_template(text).parts, lambda _: "{}")
            else:
                writer(text, translation.triggers, lambda _: "{}", translation.version).expression(column_type)
        except Untranslatable as error:
            line = text.count("\n", 0, error.at) + 1
            yield self.finding(subject, f"{translation.target}: {error}", error.remedy, path, text_line=line)


def _is_constant(text: str) -> bool:
    node = read_or_none(text)
    words = (
        "current_timestamp current_date current_time current_user current_role localtimestamp localtime user".split()
    )
    if isinstance(node, Operation) and node.operator == "unary -":
        node = node.operands[0]
    return node is None or isinstance(node, Literal) or getattr(node, "name", ("",))[0] in words


class NoSuchPolicy(Check[Translation], of=PolicyNotExpressible):
    """A policy that Firebird has no form for."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            for message, remedy in _unheld(trigger):
                yield self.finding(trigger.subject, message, remedy, trigger.path)


def _unheld(trigger: ResolvedTrigger) -> Iterator[tuple[str, str]]:
    policies = trigger.function.policies
    if policies.security == "invoker":
        yield "security: invoker: no statement of a trigger is checked against its user's rights", "leave it out"
    if policies.language != "native":
        yield f"language: {policies.language}: a trigger of Firebird is written in PSQL", "leave it out"
    if trigger.enable == "replica":
        yield "enable: replica: Firebird applies changes to a replica without triggers", "leave the trigger out"


class NoSuchBound(Check[Translation], of=PolicyNotExpressible, severity=Severity.WARNING):
    """A policy without which the trigger still does its work: a bound, or a commit that does not wait for the disk."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for policy in sorted(function.policies.stated & _WITHOUT.keys()):
                value = getattr(function.policies, policy)
                if value and value != "full":
                    message, remedy = _WITHOUT[policy]
                    yield self.finding(function.subject, message, remedy, (*function.path, policy))


_WITHOUT = {
    "lock_timeout": (
        "lock_timeout: nothing bounds how long a trigger of Firebird waits for a lock",
        "write lock_timeout: 0, and let it only insert: a plain insert hardly waits for anything",
    ),
    "timeout": (
        "timeout: nothing bounds how long a trigger of Firebird runs",
        "write timeout: 0, and give it no loops",
    ),
    "durability": (
        "durability: relaxed: whether a commit waits for the disk is a property of the database",
        "leave it out; gfix -write async is for the whole database",
    ),
}


class TagOfOthers(Check[Translation], of=TagNeverFires):
    """A command that no DDL trigger of Firebird can be made for."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            legal = () if trigger.event.is_session else tags(trigger.event)
            others = []
            for tag in trigger.tags if legal else ():
                if lacks(tag, trigger.event):
                    others.append(tag)
                elif tag not in legal:
                    message = f"tag {tag!r}: {trigger.event} never fires for it"
                    yield self.finding(trigger.subject, message, suggest(tag, legal, ""), (*trigger.path, "tags"))
            if others:
                message = f"tags {', '.join(others)}: no DDL trigger of Firebird's sees such a command"
                remedy = "keep the trigger in a definition of its own for other vendors"
                if len(others) < len(trigger.tags):
                    remedy = "write if_unsupported: skip to leave them out here alone"
                yield self.finding(trigger.subject, message, remedy, (*trigger.path, "tags"))


def read_or_none(text: str) -> Node | None:
    """Return what an expression says; None for one that is not of the portable language."""
    try:
        return read(text)
    except Unread:
        return None
