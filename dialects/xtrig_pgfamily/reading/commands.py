"""Commands about roles and temporary tables, as they stand in a body or are put together for EXECUTE."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xtrig.model import CreateTempTable, GrantRole, RevokeRole, Step
from xtrig_pgfamily.reading.messages import ARGUMENT
from xtrig_pgfamily.reading.parser import Unparsed, parse_one
from xtrig_pgfamily.reading.scope import Scope
from xtrig_pgfamily.reading.statements import temporary_table
from xtrig_pgfamily.reading.tokens import Tokens, template, unwrapped

_WORD = r'("(?:[^"]|"")+"|\w+)'
_MEMBERSHIP = re.compile(rf"\s*(GRANT|REVOKE)\s+{_WORD}\s+(?:TO|FROM)\s+{_WORD}\s*;?\s*\Z", re.IGNORECASE)
_OWNER = re.compile(rf"\s*ALTER\s+TABLE\s+(?:pg_temp\.)?{_WORD}\s+OWNER\s+TO\s+{_WORD}\s*;?\s*\Z", re.IGNORECASE)


def read_command(text: str, arguments: Mapping[str, Tokens], steps: list[Step], scope: Scope) -> None:
    """Add the step that a command stands for; ``arguments`` are the expressions in it, by the word in their place.

    A table's new owner goes into the step that creates the table. Raises Unparsed for any other command.
    """
    if granted := _MEMBERSHIP.match(text):
        role, who = _constant(granted[2]), _role(granted[3], arguments, scope)
        grants = granted[1].upper() == "GRANT"
        steps.append(GrantRole(role=role, to=who) if grants else RevokeRole(role=role, from_=who))
    elif owned := _OWNER.match(text):
        last = steps[-1] if steps else None
        if not isinstance(last, CreateTempTable) or last.table != _constant(owned[1]):
            raise Unparsed("a new owner for a table that was not created just before")
        steps[-1] = last.model_copy(update={"owner": _role(owned[2], arguments, scope)})
    else:
        statement = parse_one(text)
        if arguments or statement.kind != "create_stmt":
            raise Unparsed(f"EXECUTE of {text[:40]!r}")
        steps.append(temporary_table(statement))


def _role(word: str, arguments: Mapping[str, Tokens], scope: Scope) -> str:
    if _plain(word) in arguments:
        return template(unwrapped(arguments[_plain(word)]))
    if word.lower() in ("session_user", "current_user"):
        return scope.expression(word)
    role = _constant(word).replace("'", "''")
    return f"'{role}'"


def _constant(word: str) -> str:
    name = _plain(word)
    if ARGUMENT in name:
        raise Unparsed("EXECUTE of a command with a name that is put together")
    return name


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
