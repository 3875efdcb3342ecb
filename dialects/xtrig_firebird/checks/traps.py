"""What a definition does on Firebird otherwise than one may think."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.expressions.tree import FactNode, Literal, Node, Operation
from xtrig.model import Insert
from xtrig.model.steps import MESSAGES
from xtrig.plugin import (
    Check,
    Event,
    Fact,
    FactCall,
    Finding,
    Path,
    Severity,
    Translation,
    uses,
    walk,
)
from xtrig_firebird.checks.inexpressible import read_or_none
from xtrig_firebird.words import folded


class NameInLowerCase(Check[Translation], code="XT250", severity=Severity.WARNING):
    """A comparison of a user's name with a text that no such name is.

    Firebird keeps the name of an account in capitals, unless it was made in double quotes. `${login_user}` is `BOB`, so
    that `${login_user} = 'bob'` is never true and `${login_user} <> 'dba'` always: a `deny` that stands on it refuses
    nobody, or everybody.

    Remedy: Write the name in capitals. Where one definition serves other vendors as well, compare
    `lower(${login_user})`.
    Source: Firebird Language Reference, CREATE USER. Seen on 3.0 and 5.0: `tests/firebird/test_logon.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for use in uses(function):
                is_text = use.path[-1] in (*MESSAGES, "sql")
                node = None if is_text else read_or_none("".join(_source(use.template.parts)))
                for name in dict.fromkeys(_compared(node)) if node else ():
                    message = f"{name!r} is compared with a user's name, which Firebird keeps in capitals"
                    yield self.finding(function.subject, message, f"write {name.upper()!r}", use.path)


def _source(parts: tuple[str | Fact | FactCall, ...]) -> Iterator[str]:
    for part in parts:
        yield part if isinstance(part, str) and not isinstance(part, Fact) else f"${{{part}}}"


def _compared(node: Node) -> Iterator[str]:
    for each in node.walk():
        if isinstance(each, Operation) and each.operator in ("=", "<>", "!=", "in", "not in"):
            users = [part for part in each.operands if isinstance(part, FactNode) and part.fact in _USERS]
            texts = [part.text for part in each.operands if isinstance(part, Literal) and not part.type]
            yield from (text for text in texts if users and text != "null" and folded(text) != text)


_USERS = (Fact.LOGIN_USER, Fact.CURRENT_USER)


class NobodyExempt(Check[Translation], code="XT251", severity=Severity.WARNING):
    """A refusal at logon that neither SYSDBA nor the owner is exempt from.

    A trigger at CONNECT is met by everybody, SYSDBA and the owner of the database included, and by each tool that
    attaches: `gbak`, `isql`, a pool. If the condition is wrong, or an error counts as a refusal, the way in is to
    attach without database triggers, which these two may do, and from 4.0 on a role with the system privilege
    IGNORE_DB_TRIGGERS.

    Remedy: Name SYSDBA, the owner and the account of backups under `exempt_roles`. A `deny` whose condition asks for
    `${login_user}` says itself whom it concerns, and is not warned of.
    Source: Seen on 3.0 and 5.0: `tests/firebird/test_logon.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            function = trigger.function
            if trigger.event is not Event.LOGON or function.policies.exempt_roles or trigger.enable == "disabled":
                continue
            asked = [use.path for use in uses(function) if _asks_who(use.path, use.template.facts)]
            unasked = [
                visit.path
                for visit in walk(function)
                if visit.step.key == "deny" and not any(visit.path[: len(path) - 1] == path[:-1] for path in asked)
            ]
            remedy = "name SYSDBA, the owner and who makes backups under exempt_roles"
            if unasked:
                message = "deny at logon: nobody is exempt, so SYSDBA, the owner and gbak can be refused too"
                yield self.finding(trigger.subject, message, remedy, unasked[0])
            elif function.policies.on_error == "deny":
                message = "on_error: deny at logon: nobody is exempt, so SYSDBA, the owner and gbak can be refused too"
                yield self.finding(trigger.subject, message, remedy, (*function.path, "on_error"))


def _asks_who(path: Path, facts: tuple[Fact, ...]) -> bool:
    return path[-1] in ("when", "if") and Fact.LOGIN_USER in facts


class PasswordsShown(Check[Translation], code="XT252", severity=Severity.ERROR, waivable=True):
    """A text by hand that reads the command of a DDL trigger, which holds passwords.

    `RDB$GET_CONTEXT('DDL_TRIGGER', 'SQL_TEXT')` is the command as it was sent: for CREATE USER and ALTER USER with the
    password in clear text. A table that records it hands the passwords to whoever reads the table.

    Remedy: Record `${command_tag}` and `${object_identity}`. Where the text is needed, leave out what is about users,
    and waive this.
    Source: Seen on 3.0 and 5.0: `tests/firebird/test_ddl.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        name = translation.dialect.name
        for function in translation.triggers.functions:
            texts = [(function.path, function.body.get(name, ""))]
            texts += [((*visit.path, *key), text) for visit in walk(function) for key, text in visit.step.texts()]
            for path, text in texts:
                if "'sql_text'" in text.lower().replace(" ", ""):
                    message = "SQL_TEXT of a DDL trigger holds the passwords of CREATE USER and ALTER USER"
                    remedy = "record ${command_tag} and ${object_identity}, or leave out what is about users"
                    yield self.finding(function.subject, message, remedy, path)


class PathInShortColumn(Check[Translation], code="XT253", severity=Severity.WARNING):
    """A column that is too short for what Firebird puts into it.

    `${database}` is the path of the database's file, and `${application}` that of the client's program: each has up to
    255 characters. A value that does not fit is an error, and under `on_error: allow` the row is then lost each time.

    Remedy: Make the column varchar(255), or insert `substring(${database} from 1 for 64)`.
    Source: Firebird Language Reference, RDB$GET_CONTEXT. Seen on 3.0 and 5.0: `tests/firebird/test_logon.py`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            for visit in walk(function):
                step = visit.step
                if not isinstance(step, Insert):
                    continue
                for column, value in step.values.items():
                    fact = _PATHS.get(value) if isinstance(value, str) else None
                    declared = translation.triggers.tables[step.table].table.columns.get(column)
                    size = _SIZE.search(declared.type) if declared else None
                    if fact and size and int(size[1]) < _LONGEST_PATH:
                        message = f"column {column!r} has {size[1]} characters, and ${{{fact}}} is a path of up to 255"
                        remedy = f"make it varchar(255), or write substring(${{{fact}}} from 1 for {size[1]})"
                        yield self.finding(function.subject, message, remedy, (*visit.path, "values", column))


_PATHS = {f"${{{fact}}}": fact for fact in (Fact.DATABASE, Fact.APPLICATION)}
_SIZE = re.compile(r"char\w*\((\d+)\)")
_LONGEST_PATH = 255
