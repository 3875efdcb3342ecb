"""An inferred logoff, which a script of ours holds as a function of the login event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from xtrig.plugin import Event, Fact, ReadFunction
from xtrig_pgfamily.plpgsql.inferred_logoff import INFERRED
from xtrig_pgfamily.reading import guards
from xtrig_pgfamily.reading.body import BodyReader
from xtrig_pgfamily.reading.functions import FunctionReader, clauses_of
from xtrig_pgfamily.reading.guards import kind_of, query
from xtrig_pgfamily.reading.parser import Parsed, Tree, parse_body
from xtrig_pgfamily.reading.scope import Scope
from xtrig_pgfamily.reading.statements import named
from xtrig_pgfamily.reading.steps import StepReader
from xtrig_pgfamily.reading.tokens import call, string, tokens
from xtrig_pgfamily.reading.vocabulary import POSTGRESQL, Vocabulary

_LOOP = "FOR ended IN\n"
_TOLD_BY_THE_EVENT = frozenset((Fact.EVENT,))
VOCABULARY: Vocabulary = replace(
    POSTGRESQL,
    spellings=(
        *((fact, sql) for fact, sql in INFERRED.items() if fact not in _TOLD_BY_THE_EVENT),
        *((fact, sql) for fact, sql in POSTGRESQL.spellings if fact not in INFERRED),
    ),
    also=(),
)


def is_inferred(body: str) -> bool:
    """Whether a body of ours is an inferred logoff."""
    return _LOOP in body


def read_inferred(statement: Parsed, functions: FunctionReader) -> ReadFunction:
    """Return the function whose steps are run for each ended session."""
    schema, name = named(statement.node.funcname)
    clauses = clauses_of(statement.node)
    events = (Event.LOGOFF,)
    policies = functions.policies(clauses, f"function {name!r}", statement.line, events)
    datums, block = parse_body(clauses.body)
    login = functions.scope(events, statement.line)
    guarded = BodyReader(login)
    guarded.peeled([node for node in block["body"] if not _is_standby_guard(node, login)])
    scope = replace(login, vocabulary=VOCABULARY)
    scope.declare(datums)
    record = next(_blocks_of_loops(block))
    steps = StepReader(scope).sequence(record["body"], is_outermost=True)
    named_function = _function_of(record, schema) or name
    return ReadFunction(
        schema,
        named_function,
        statement.line,
        {**policies, **guarded.result.policies},
        steps,
        fills=tuple(scope.fills),
    )


def _is_standby_guard(node: Tree, scope: Scope) -> bool:
    kind, fields = kind_of(node)
    return kind == "if" and bool(guards.on_standby(scope.read(query(fields["cond"]))))


def _blocks_of_loops(tree: Any) -> Iterator[Tree]:
    """Yield the block in each loop of a body."""
    if isinstance(tree, list):
        for each in tree:
            yield from _blocks_of_loops(each)
    elif isinstance(tree, dict):
        for kind, fields in tree.items():
            if kind == "PLpgSQL_stmt_fors":
                yield kind_of(fields["body"][0])[1]
            else:
                yield from _blocks_of_loops(fields)


def _function_of(record: Tree, schema: str | None) -> str | None:
    """Return the name of the definition's function, as the log line of the block's handler gives it."""
    handler = record["exceptions"]["PLpgSQL_exception_block"]["exc_list"][0]["PLpgSQL_exception"]
    line = kind_of(handler["action"][0])[1]
    arguments = call(tokens(query(line["params"][0])), "json_build_object") or []
    told = string(arguments[3]) if len(arguments) > 3 else None
    return told.removeprefix(f"{schema}.") if told else None
