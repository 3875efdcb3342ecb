"""A function in a form that plans its queries, and writes its rows whatever their condition says.

A step whose condition is false at the rehearsal does not run there. ``EXPLAIN`` looks up its names, types and rights
all the same. A row is written to see whether it arrives: a trigger or a rule of its table may discard it without an
error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xtrig.model import Call, CreateTempTable, Deny, ForEach, If, Insert, Set, Sql, Step
from xtrig.model.steps import MESSAGES
from xtrig.plugin import Lines, Path, ResolvedFunction, ResolvedSet, layout, literal, walk
from xtrig_pgfamily.checks.settings import NAMES_CHANGE, ROLES
from xtrig_pgfamily.objects.function import Function
from xtrig_pgfamily.plpgsql import arriving
from xtrig_pgfamily.plpgsql.function import error_fields, guarded_function, log_line
from xtrig_pgfamily.plpgsql.planned_bodies import MAKES, Row, read_body, row_of
from xtrig_pgfamily.plpgsql.scope import TRACE, Scope
from xtrig_pgfamily.plpgsql.steps import ITEM_SOURCES, parameter_text
from xtrig_pgfamily.statements import insert_into
from xtrig_pgfamily.words import name

_PLAN = "xtrig_plan"
_DECLARED = (f"{TRACE} text;", f"{_PLAN} record;", *arriving.DECLARED)
_ERRORS = "syntax_error_or_access_rule_violation OR invalid_schema_name"
_OF_VALUES = " OR invalid_parameter_value OR cant_change_runtime_param"
_LOOKED_AT = If | ForEach | Deny | Insert | Sql
_VERB = re.compile(r"\s*(select|values|with|insert|update|delete|merge|perform)\b", re.IGNORECASE)
_LITERAL = re.compile(r"\s*('[^']*'|[0-9.]+)\s*")
_INTO = re.compile(r"\binto\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query of a function, where in the definition it stands, and which conditions of PL/pgSQL are no error of it."""

    sql: str
    path: Path
    ignored: tuple[str, ...] = ()
    line: int = 0
    """Its line in a hand-written body; 0 in a step."""
    is_run: bool = False
    """Whether it is executed: a value that a parameter does not take is no error of a plan."""
    row: Row | None = None
    """The row that it writes, if it writes one."""


def planned_function(
    triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, records: Mapping[str, str] = {}
) -> Function | None:
    """Return the function that plans; None where each step of it runs at every rehearsal, or a body cannot be read.

    ``records`` are those that the facts of the scope are read from, each with a query that has its fields.
    """
    body = function.body.get(scope.dialect)
    lines = _plan_of_steps(triggers, function, scope, records) if body is None else _plan_of_body(function, scope, body)
    return guarded_function(function, scope, f"\n{layout(lines)}\n") if lines else None


def _plan_of_steps(
    triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, records: Mapping[str, str]
) -> Lines:
    visits = list(walk(function))
    if not any(visit.step.when is not None or isinstance(visit.step, _LOOKED_AT) for visit in visits):
        return []
    ignored = ("undefined_table",) if any(_may_make(visit.step) for visit in visits) else ()
    items = sorted({visit.item for visit in visits if visit.item is not None})
    shaped = {**records, **{name(item): f"SELECT * FROM {ITEM_SOURCES[item]}" for item in items}}
    lines: Lines = [_with_fields(record, query) for record, query in shaped.items()]
    for visit in visits:
        for query in _queries(triggers, visit.step, visit.path, scope.inside(visit.item) if visit.item else scope):
            lines += _planned(replace(query, ignored=(*query.ignored, *ignored)), function, scope)
    return ["DECLARE", [*_DECLARED, *(f"{record} record;" for record in shaped)], "BEGIN", lines, "END"]


def _plan_of_body(function: ResolvedFunction, scope: Scope, text: str) -> Lines:
    body = read_body(text)
    if body is None:
        return []
    lines: Lines = []
    for sql, line, record in body.queries:
        path = (*function.path, "body", scope.dialect)
        for query in explainable(sql):
            if record:
                lines += ["BEGIN", [_with_fields(name(record), query)], "EXCEPTION WHEN OTHERS THEN", ["NULL;"], "END;"]
            else:
                lines += _planned(Query(query, path, body.ignored, line=line, row=row_of(query)), function, scope)
    return [*body.directives, "DECLARE", [*_DECLARED, *body.declared], "BEGIN", lines, "END"]


def _with_fields(record: str, query: str) -> str:
    """Return the statement after which a record has its fields. No row is joined, so the query is not executed."""
    return f"SELECT listed.* INTO {record} FROM (SELECT) AS one LEFT JOIN ({query}) AS listed ON false;"


def _planned(query: Query, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the block that plans a query. Errors of other classes are those of values."""
    ignored = query.ignored
    if function.policies.security == "invoker":
        ignored = (*ignored, "insufficient_privilege")  # the condition may ask who has the right
    error = error_fields(replace(scope, traced={0: ""}))
    where = f" || ', in line {query.line}'" if query.line else ""
    error["error"] = f"SQLERRM{where}"
    row: Lines = []
    if query.row is not None:
        table, insert = query.row
        said = {**error, "sqlstate": literal(arriving.DISCARDED), "error": arriving.what_discards(table) + where}
        row = arriving.looked_for(table, insert, log_line(function, scope, "error", said))
    passed: Lines = [f"WHEN {' OR '.join(ignored)} THEN", ["NULL;"]] if ignored else []
    return [
        f"{TRACE} := {literal(json.dumps(query.path))};",
        "BEGIN",
        [f"FOR {_PLAN} IN {'' if query.is_run else 'EXPLAIN '}{query.sql}", "LOOP EXIT; END LOOP;", *row],
        "EXCEPTION",
        [
            *passed,
            f"WHEN {_ERRORS}{_OF_VALUES if query.is_run else ''} THEN",
            log_line(function, scope, "error", error),
            "WHEN OTHERS THEN",
            ["NULL;"],
        ],
        "END;",
    ]


def _is_constant(step: Set) -> bool:
    return not isinstance(step.value, str) or _LITERAL.fullmatch(step.value) is not None


def _may_make(step: Step) -> bool:
    if isinstance(step, Sql):
        return any(MAKES.search(text) for _, text in step.texts())
    return isinstance(step, CreateTempTable)


def _queries(triggers: ResolvedSet, step: Step, path: Path, scope: Scope) -> Iterator[Query]:
    """Yield the queries of a step. Facts of an item are not known to the condition of its own for_each."""
    for key, text in step.texts():
        if key[0] not in ("values", "value", "args", "sql"):
            yield Query(f"SELECT {scope.message(text) if key[-1] in MESSAGES else scope.expression(text)}\n", path)
    match step:
        case Insert():
            table = triggers.tables[step.table]
            columns = [scope.quoted(column) for column in step.values]
            values = [scope.value(value) for value in step.values.values()]
            filled = scope.qualified(table.schema, table.name)
            sql = layout(insert_into(filled, columns, values)).rstrip().removesuffix(";")
            yield Query(sql, path, row=Row(filled, sql))
        case Set():
            sql = f"SELECT set_config({literal(step.parameter)}, {parameter_text(step, scope)}, true)"
            yield Query(sql, path, is_run=_is_constant(step) and step.parameter.lower() not in NAMES_CHANGE | ROLES)
        case Call():
            routine = scope.qualified(*step.routine.split(".", 1))
            if step.kind == "procedure":
                yield Query(f"SELECT {literal(routine)}::regproc", path, ("ambiguous_function",))
            else:
                yield Query(f"SELECT {routine}({', '.join(map(scope.value, step.args))})", path)
        case CreateTempTable():
            yield from (Query(f"SELECT CAST(NULL AS {column.type})", path) for column in step.columns.values())
        case Sql():
            for sql in explainable(scope.expression(step.text(scope.dialect))):
                yield Query(sql, path, row=row_of(sql))
        case _:
            pass


def explainable(statement: str) -> Iterator[str]:
    """Yield what EXPLAIN takes of a statement of PL/pgSQL, if it is a query without a variable for its result."""
    sql = statement.rstrip().removesuffix(";")
    verb = _VERB.match(sql)
    if verb is None or (verb[1].lower() in ("select", "with", "values", "perform") and _INTO.search(sql)):
        return
    yield f"SELECT{sql[verb.end() :]}\n" if verb[1].lower() == "perform" else f"{sql}\n"
